#include "aster/net/local_name.hpp"

#include "aster/net/core.hpp"
#include "aster/net/names/responder.hpp"
#include "aster/net/stack.hpp"
#include "aster/task/deadline.hpp"
#include "aster/task/scope.hpp"

namespace aster::net {
namespace {

constexpr ipv4_address group{224, 0, 0, 251};
constexpr duration look_again = std::chrono::seconds{30};  // whether the address is another one
constexpr duration farewell_patience = std::chrono::milliseconds{100};
constexpr duration time_to_leave = std::chrono::milliseconds{20};

}  // namespace

class local_name::speaker {
 public:
  speaker(stack& on, std::string_view label, const std::vector<local_service>& services)
      : stack_(on),
        socket_(on.bind(wire::dns::multicast_port)),
        member_(on.join(group)),
        random_(fresh_entropy()),
        responder_(label, random_) {
    for (const auto& s : services) responder_.announce(s, task::now());
    fiber_.spawn("mDNS", [this] { run(); });
  }

  ~speaker() {
    task::shield undisturbed;
    fiber_.cancel();
    responder_.stop();
    // Nobody acknowledges a farewell: a machine that is switched off next would take along what its device
    // has not sent.
    (void)task::within(farewell_patience, [&] {
      send();
      task::sleep(time_to_leave);
    });
  }

  bool wait_until_claimed(time_point deadline) {
    while (responder_.now_in() != names::responder::state::running)
      if (!claimed_.wait_until(deadline)) return false;
    return true;
  }

  std::string name() const { return to_string(responder_.name()); }

 private:
  void run() {
    for (;;) {
      const auto address = stack_.wait_for_address(look_again);
      if (!address) continue;
      responder_.set_addresses({ip_address{address->address}}, task::now());
      responder_.expired(task::now());
      send();
      if (responder_.now_in() == names::responder::state::running) claimed_.notify_all();
      const time_point until = std::min(responder_.deadline(), task::after(task::now(), look_again));
      const auto heard = task::until(until, [&] { return socket_.receive(); });
      if (!heard) continue;
      if (!*heard) return;  // the stack has ended
      const datagram& d = **heard;
      // Who is not on this link has no business here (RFC 6762 §11).
      if (d.from.address.is_v4() && address->contains(d.from.address.v4()))
        responder_.arrived(d.from, d.payload, task::now());
    }
  }

  void send() {
    std::array<std::byte, 1440> bytes;
    while (auto t = responder_.next()) {
      auto size = t->message.emit(bytes);
      if (!size) {
        t->message.additionals.clear();
        size = t->message.emit(bytes);
      }
      if (size)
        (void)socket_.send_to(t->to.value_or(endpoint{group, wire::dns::multicast_port}),
                              std::span{bytes}.first(*size));
    }
  }

  stack& stack_;
  udp_socket socket_;
  group_listener member_;
  random_source random_;
  names::responder responder_;
  task::wait_queue claimed_{"a name of its own"};
  task::scope fiber_{"mDNS"};  // last: ends first
};

local_name::local_name(stack& on, std::string_view label, std::vector<local_service> services)
    : speaker_(std::make_unique<speaker>(on, label, services)) {}
local_name::~local_name() = default;

bool local_name::wait_until_claimed(std::chrono::nanoseconds timeout) {
  return speaker_->wait_until_claimed(task::after(task::now(), timeout));
}

std::string local_name::name() const { return speaker_->name(); }

}  // namespace aster::net
