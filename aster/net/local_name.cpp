#include "aster/net/local_name.hpp"

#include <algorithm>

#include "aster/net/core.hpp"
#include "aster/net/names/responder.hpp"
#include "aster/net/stack.hpp"
#include "aster/task/deadline.hpp"
#include "aster/task/scope.hpp"

namespace aster::net {
namespace {

constexpr ip_address group{224, 0, 0, 251}, group6{ipv6_address{0xff02, 0, 0, 0, 0, 0, 0, 0xfb}};
constexpr duration look_again = std::chrono::seconds{30};  // whether the address is another one
constexpr duration look_sooner = std::chrono::seconds{1};  // … while there is none
constexpr duration farewell_patience = std::chrono::milliseconds{100};
constexpr duration time_to_leave = std::chrono::milliseconds{20};

}  // namespace

class local_name::speaker {
 public:
  speaker(stack& on, std::string_view label, const std::vector<local_service>& services)
      : stack_(on),
        socket_(on.bind(wire::dns::multicast_port)),
        member_(on.join(group)),
        member6_(on.join(group6)),
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
      here_ = stack_.interfaces().front();
      const auto addresses = told();
      if (addresses.empty()) {
        (void)stack_.wait_for_address(look_sooner);
        continue;
      }
      responder_.set_addresses(addresses, task::now());
      responder_.expired(task::now());
      send();
      if (responder_.now_in() == names::responder::state::running) claimed_.notify_all();
      const time_point until = std::min(responder_.deadline(), task::after(task::now(), look_again));
      const auto heard = task::until(until, [&] { return socket_.receive(); });
      if (!heard) continue;
      if (!*heard) return;  // the stack has ended
      const datagram& d = **heard;
      // Who is not on this link has no business here (RFC 6762 §11).
      if (is_on_link(d.from.address)) responder_.arrived(d.from, d.payload, task::now());
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
      if (!size) continue;
      const auto message = std::span{bytes}.first(*size);
      if (t->to) {
        (void)socket_.send_to(*t->to, message);
        continue;
      }
      if (here_.address) (void)socket_.send_to({group, wire::dns::multicast_port}, message);
      if (!here_.addresses6.empty()) (void)socket_.send_to({group6, wire::dns::multicast_port}, message);
    }
  }

  /// What others hear of: addresses of the link alone mean nothing without saying which link that is, so they
  /// are not told.
  std::vector<ip_address> told() const {
    std::vector<ip_address> all;
    if (here_.address) all.emplace_back(here_.address->address);
    for (const auto& a : here_.addresses6)
      if (!a.address.is_link_local()) all.emplace_back(a.address);
    return all;
  }

  bool is_on_link(const ip_address& other) const {
    if (other.is_v4()) return here_.address && here_.address->contains(other.v4());
    return other.v6().is_link_local() ||
           std::ranges::any_of(here_.addresses6, [&](const auto& a) { return a.contains(other.v6()); });
  }

  stack& stack_;
  udp_socket socket_;
  group_listener member_, member6_;
  interface_state here_;  // as it was when last looked at
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
