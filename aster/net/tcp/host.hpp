// The TCP of one host: finds the connection of every segment, makes new ones, ends old ones, and sends what
// they have to say.
//
//   host.arrived(source, destination, segment_bytes, true, now);   // for each segment
//   host.expired(now);                                             // when host.deadline() has come
//   host.flush(now);                                               // once per round: everything to be sent
//
// Sans-I/O like its parts: packets leave through a `packet_sink`, and time is an argument.
#pragma once
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <vector>

#include "aster/net/counters.hpp"
#include "aster/net/packet.hpp"
#include "aster/net/tcp/acceptor.hpp"
#include "aster/net/tcp/syn_cookie.hpp"
#include "aster/net/tcp/time_wait.hpp"

namespace aster::net::tcp {

struct host_options {
  settings defaults;
  std::size_t connection_limit = 20'000;
  std::uint32_t mtu = 1500;
  bool segmentation = false;   // the sink cuts large segments (TSO) of IPv4 …
  bool segmentation6 = false;  // … and of IPv6
};

class host {
 public:
  host(packet_sink& sink, chunk_pool& pool, counters& counts, random_source& random, const host_options& o);
  host(const host&) = delete;
  host& operator=(const host&) = delete;
  ~host();

  // --- The network ---
  /// A TCP segment to us, from its header on. `verify` false: its checksum was checked, or is not there yet.
  /// `marked`: a router has found congestion on the way (RFC 3168).
  void arrived(const ip_address& source, const ip_address& destination, wire::bytes bytes, bool verify,
               time_point now, bool marked = false);
  /// ICMP about a segment of ours: `quoted` holds its first bytes from the TCP header on, at least 8.
  void icmp_error(const ip_address& source, const ip_address& destination, wire::bytes quoted, bool hard,
                  std::uint32_t path_mtu);
  /// Nobody answers for the address: attempts to connect there that `concerns(remote)` end now.
  template <typename Predicate>
  void neighbour_failed(Predicate&& concerns);

  /// What links take, as in `host_options`: for connections from now on.
  void set_link(std::uint32_t mtu, bool segmentation, bool segmentation6);

  void expired(time_point now);
  time_point deadline() const;
  /// Sends what connections have to say, as far as the sink takes it.
  void flush(time_point now);
  bool has_output() const { return due_first_ != nullptr; }

  // --- The program ---
  /// Null: the port is taken, or no port is free (`port` 0: any).
  acceptor* listen(std::uint16_t port, std::size_t backlog);
  void unlisten(acceptor& a);  // resets what was not accepted yet
  /// The next connection with a finished handshake; null when there is none.
  connection* accept(acceptor& a);
  std::expected<connection*, error> connect(const ip_address& local, const endpoint& remote, time_point now);

  /// The program has done something to `c` that may lead to segments.
  void touched(connection& c);
  /// The program lets go of `c`, orderly; it must not be used again.
  void release(connection& c, time_point now);

  /// Resets every connection, and tells everybody who waits.
  void reset_all();
  /// Whether connections that the program has let go still have something to deliver.
  bool is_delivering();

  std::size_t connections() const { return table_.size(); }
  std::size_t resting() const { return time_wait_.size(); }

  // --- To be looked at ---
  std::span<const std::unique_ptr<acceptor>> acceptors() const { return acceptors_; }
  /// Calls `f(const connection&)` for each, half-open ones included.
  template <typename Function>
  void for_each_connection(Function&& f) {
    table_.for_each([&](const entry& e) { f(static_cast<const connection&>(e)); });
  }
  /// Calls `f(const connection_id&)` for each pair of ends in TIME-WAIT.
  template <typename Function>
  void for_each_resting(Function&& f) const {
    time_wait_.for_each(f);
  }
  const tcp::environment& environment() const { return environment_; }

 private:
  void no_connection(const connection_id& id, const segment& seg, time_point now);
  void syn_arrived(acceptor& a, const connection_id& id, const segment& seg, sequence iss, time_point now);
  void answer_by_cookie(const connection_id& id, const segment& syn, time_point now);
  bool cookie_came_back(acceptor& a, const connection_id& id, const segment& seg, time_point now);
  bool rests(const connection_id& id, const segment& seg, time_point now);
  void after_event(entry& e);
  bool send_all(entry& e, time_point now);
  bool send(entry& e, outgoing& out, time_point now);
  entry* add(entry* e, time_point now);
  void retire(entry& e, time_point now);
  void destroy(entry& e);
  void remove_due(entry& e);
  void make_due(entry& e);
  void drop_queues(acceptor& a);
  void answer_reset(const connection_id& id, const segment& seg, time_point now);
  void send_bare(const connection_id& id, sequence seq, sequence ack, wire::tcp_flags flags,
                 std::uint16_t window, time_point now, const wire::tcp_options& options = {});
  timestamps connection_clock(const connection_id& id, std::uint32_t recent, time_point now) const;
  acceptor* find_acceptor(std::uint16_t port) const;
  std::uint16_t free_port(const ip_address& local, const endpoint& remote);

  packet_sink& sink_;
  counters& counts_;
  random_source& random_;
  settings defaults_;
  flight_pool flights_;
  tcp::environment environment_;
  std::size_t connection_limit_;
  siphash_key isn_key_;
  syn_cookies cookies_;
  time_point cookies_until_{};  // none is valid that was made before this less two minutes
  connection_table table_;
  timer_queue timers_;
  time_wait_table time_wait_;
  std::vector<std::unique_ptr<acceptor>> acceptors_;
  entry* due_first_ = nullptr;
  entry* due_last_ = nullptr;
  packet packet_;
};

template <typename Predicate>
void host::neighbour_failed(Predicate&& concerns) {
  table_.for_each([&](entry& e) {
    if (e.state() != state::syn_sent || !concerns(e.id().remote.address)) return;
    e.unreachable(e.sender().iss(), true);
    after_event(e);
  });
}

}  // namespace aster::net::tcp
