#include "aster/net/names/dialer.hpp"

#include <algorithm>

#include "aster/net/stream_socket.hpp"

namespace aster::net::names {
namespace {

// The fibers of one call: two that ask for addresses, and one for each attempt.
class race {
 public:
  race(const std::shared_ptr<stack_core>& core, std::uint16_t port) : core_(core), port_(port) {}

  void know(const std::vector<ip_address>& addresses) { untried_ = addresses; }

  void ask_for(const wire::dns_name& name) {
    v6_ = v4_ = {.under_way = true};
    why_.reset();
    look_up(name, wire::dns_type::aaaa, v6_);
    look_up(name, wire::dns_type::a, v4_);
  }

  /// The first connection. error::unknown_name: there is no address at all.
  std::expected<stream, error> run() {
    for (;;) {
      if (winner_) return *std::move(winner_);
      const time_point start_at = next_start();
      if (start_at <= task::now()) {
        start();
      } else if (start_at == never && attempts_ == 0 && !v4_.under_way && !v6_.under_way) {
        return std::unexpected{why_.value_or(error::unknown_name)};
      } else {
        (void)changed_.wait_until(start_at);
      }
    }
  }

 private:
  struct family {
    bool under_way = false;
    time_point answered = time_point::min();
  };

  void look_up(const wire::dns_name& name, wire::dns_type type, family& of) {
    fibers_.spawn(type == wire::dns_type::a ? "A" : "AAAA", [this, name, type, &of] {
      const finding f = resolver::of(*core_).look_up(core_, name, type);
      of = {.answered = task::now()};
      add_addresses(f, untried_);
      if (f.is == finding::kind::failed && !why_) why_ = error_of(f);
      changed_.notify_all();
    });
  }

  // When the next attempt may begin; never: when something has changed.
  time_point next_start() const {
    if (untried_.empty()) return never;
    if (started_) return attempts_ == 0 ? time_point::min() : task::after(last_start_, attempt_delay);
    // RFC 8305 §3: IPv6 at once; IPv4 a little after it has come, unless IPv6 has come to nothing before.
    return v6_.under_way ? task::after(v4_.answered, resolution_delay) : time_point::min();
  }

  void start() {
    untried_ = in_order(*core_, untried_);
    interleave(untried_);
    // The family that was tried last has to wait (RFC 8305 §4).
    auto next = untried_.begin();
    if (started_ && next->is_v4() == last_.is_v4())
      if (const auto other =
              std::ranges::find_if(untried_, [&](const auto& a) { return a.is_v4() != last_.is_v4(); });
          other != untried_.end())
        next = other;
    last_ = *next;
    untried_.erase(next);
    started_ = true;
    last_start_ = task::now();
    ++attempts_;
    fibers_.spawn("connect", [this, to = endpoint{last_, port_}] {
      auto socket = open_connection(core_, to);
      --attempts_;
      if (!socket) {
        why_ = socket.error();
        last_start_ = time_point::min();  // the next one need not wait
      } else if (!winner_) {
        winner_.emplace(*std::move(socket));
      }
      changed_.notify_all();
    });
  }

  std::shared_ptr<stack_core> core_;
  std::uint16_t port_;
  family v4_, v6_;
  std::vector<ip_address> untried_;
  std::optional<stream> winner_;
  std::optional<error> why_;
  bool started_ = false;
  ip_address last_;
  time_point last_start_ = time_point::min();
  unsigned attempts_ = 0;  // under way
  task::wait_queue changed_{"a connection"};
  task::scope fibers_{"connect"};  // last: ends first
};

}  // namespace

std::expected<stream, error> dial(const std::shared_ptr<stack_core>& core, std::string_view text,
                                  std::uint16_t port) {
  const auto h = read_host(text, resolver::of(*core).settings(*core));
  if (!h) return std::unexpected{h.error()};
  if (!h->addresses.empty()) {
    race r{core, port};
    r.know(h->addresses);
    return r.run();
  }
  std::expected<stream, error> connected = std::unexpected{error::unknown_name};
  for (const auto& name : h->questions) {
    race r{core, port};
    r.ask_for(name);
    connected = r.run();
    if (connected || connected.error() != error::unknown_name) break;
  }
  return connected;
}

}  // namespace aster::net::names
