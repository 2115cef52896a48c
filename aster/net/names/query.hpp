// One question to the domain name system until there is an answer, or no hope of one. Sans-I/O: what is to be
// sent comes out, what arrived and the time go in.
//
//   query q{name, type, servers, random, now};
//   while (const query::attempt* a = q.current()) {
//     send a->message to a->server, from a port that was never used before;
//     q.arrived(from, bytes, now);  q.failed(now);  or, at q.deadline(), q.expired(now);
//   }
//   use(q.result());
//
// Each server is asked in turn, three rounds, with more patience in each. Whoever wants to answer in a
// server's place without seeing the question has to guess its port, its number and the case of each letter
// (RFC 5452); an answer that is nearly right, or a number of wrong ones, and the question is put over TCP. So
// is one whose answer was too long for a datagram (RFC 7766 §5).
#pragma once
#include <optional>
#include <span>
#include <vector>

#include "aster/net/names/finding.hpp"
#include "aster/net/siphash.hpp"

namespace aster::net::names {

class query {
 public:
  static constexpr unsigned rounds = 3;
  static constexpr duration first_patience = std::chrono::seconds{1};  // doubles each round
  static constexpr duration stream_patience = std::chrono::seconds{5};
  static constexpr unsigned wrong_answers = 8;  // to one attempt, before it goes on over TCP
  static constexpr std::uint16_t payload_limit =
      1232;  // what passes every path unfragmented (DNS flag day 2020)

  /// `servers` may be empty: then there is a result at once. The first is asked first.
  query(wire::dns_name name, wire::dns_type type, std::vector<ip_address> servers, random_source& random,
        time_point now);

  struct attempt {
    ip_address server;
    bool by_tcp = false;
    std::vector<std::byte> message;
    unsigned number = 0;  // of this attempt: each has another
  };

  /// Null once there is a result.
  const attempt* current() const { return result_ ? nullptr : &attempt_; }

  /// A message from `from`, to the port of the current attempt or over its stream. What cannot be the answer
  /// is counted and changes nothing.
  void arrived(const ip_address& from, wire::bytes message, time_point now);

  /// The attempt cannot succeed: nobody listens, no way there, the stream broke.
  void failed(time_point now);

  void expired(time_point now);
  time_point deadline() const { return deadline_; }

  const std::optional<finding>& result() const { return result_; }
  finding take_result() { return *std::move(result_); }

  /// Which of the servers gave the result: worth asking first the next time.
  const ip_address& answered_by() const { return attempt_.server; }
  unsigned wrong() const { return wrong_in_all_; }

 private:
  void next(time_point now);
  void ask(bool by_tcp, time_point now);
  void conclude(finding f);

  wire::dns_name name_;
  wire::dns_type type_;
  std::vector<ip_address> servers_;
  random_source& random_;
  attempt attempt_;
  std::uint16_t id_ = 0;
  wire::dns_name asked_;  // the name, in the case that it was sent with
  bool with_edns_ = true;
  unsigned turn_ = 0;  // server and round
  std::size_t aliases_ = 0;
  duration lifetime_ = std::chrono::hours{24};  // of the aliases passed
  time_point deadline_ = never;
  unsigned wrong_ = 0;
  unsigned wrong_in_all_ = 0;
  bool heard_ = false;  // some server said something, if only that it would not
  std::optional<finding> result_;
};

}  // namespace aster::net::names
