// A name below ".local" that nobody gave us: multicast DNS (RFC 6762), and services found by browsing (RFC
// 6763). Sans-I/O: messages and the time go in, messages and a time to wake up come out.
//
//   responder r{"shop", random};
//   r.announce({.type = "_http._tcp", .port = 80});
//   r.set_addresses({{10, 0, 0, 2}}, now);          // begins to claim shop.local
//   while (auto out = r.next()) send(*out);
//   r.arrived(from, bytes, now);  r.expired(now);   // at r.deadline()
//   r.stop();                                       // then once more what is to be sent: the farewell
//
// A name is claimed by asking three times whether anybody has it. If so, or when two ask at the same time and
// the other's records are the greater ones, the next is tried: shop-2, shop-3. Who has it says so twice
// unasked, and answers questions from then on.
#pragma once
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aster/net/local_service.hpp"
#include "aster/net/siphash.hpp"
#include "aster/net/time.hpp"
#include "aster/net/wire/dns.hpp"

namespace aster::net::names {

class responder {
 public:
  enum class state {
    waiting,  // for an address
    probing,  // whether the name is free
    running,  // the name is ours
    stopped,
  };

  /// `label` is the name without ".local": 1–63 bytes. Throws std::invalid_argument.
  responder(std::string_view label, random_source& random);

  /// Throws std::invalid_argument when the type is none. Claimed with the name, which for that is claimed
  /// again.
  void announce(const local_service& service, time_point now);

  /// The addresses under which we are reached on this link; none: nothing is claimed or answered.
  void set_addresses(const std::vector<ip_address>& addresses, time_point now);

  void arrived(const endpoint& from, wire::bytes message, time_point now);
  void expired(time_point now);
  time_point deadline() const;

  struct transmission {
    std::optional<endpoint> to;  // nothing: the group
    wire::dns message;
  };
  std::optional<transmission> next();

  /// Others forget us at once when they hear the farewell.
  void stop();

  state now_in() const { return state_; }
  const wire::dns_name& name() const { return host_; }
  unsigned conflicts() const { return conflicts_; }

 private:
  struct owned {
    wire::dns_record record;
    bool is_shared = false;  // others may have records of that name and type too
    time_point multicast = time_point::min();
  };
  struct reply {
    time_point due;
    endpoint from;
    bool by_multicast = true;
    bool defends = false;  // against a probe
    wire::dns message;     // answers; for one who is no multicast DNS host, id and question too
  };

  void rename(unsigned number);
  void make_records();
  void probe(time_point now);
  void begin_probing(time_point now, duration after);
  void conflict(time_point now);
  void announce_all();
  void question_arrived(const endpoint& from, const wire::dns& m, time_point now);
  void response_arrived(const wire::dns& m, time_point now);
  bool loses_to(const wire::dns& probe) const;
  void send(reply& r, time_point now);
  void add_answers(const wire::dns_question& q, const wire::dns& asked, reply& r, bool& is_shared) const;
  void add_additionals(wire::dns& m) const;
  bool is_ours(const wire::dns_name& name) const;  // and nobody else's
  owned* find(const wire::dns_record& r);

  random_source& random_;
  std::string wished_;
  unsigned number_ = 1;  // of the name tried: 2 is "shop-2"
  wire::dns_name host_;
  std::string label_;
  std::vector<ip_address> addresses_;
  std::vector<local_service> services_;
  std::vector<owned> records_;
  state state_ = state::waiting;
  unsigned sent_ = 0;        // probes, or announcements
  time_point step_ = never;  // when the next one is due
  unsigned conflicts_ = 0;
  std::vector<reply> replies_;
  std::deque<transmission> out_;
};

}  // namespace aster::net::names
