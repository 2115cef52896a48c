// A host with two interfaces: which way packets leave, which are taken, and what DHCP's routes do.
#include "aster/net/routing.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "aster/net/engine.hpp"
#include "aster/net/virtual_link.hpp"

using namespace aster::net;
using namespace std::chrono_literals;

namespace {

engine_options with(std::string_view configuration_text) {
  engine_options o;
  o.address = *configuration::parse(configuration_text);
  return o;
}

// A host between two others: left is at 10.1.0.1, right at 10.2.0.1, the host at .2 of both.
struct world {
  virtual_link left_link{1, {}}, right_link{2, {}};
  engine host;
  engine left{left_link.left(), with("ip=10.1.0.1/24,gateway=10.1.0.2"), {1, 1}};
  engine right{right_link.left(), with("ip=10.2.0.1/24,gateway=10.2.0.2"), {2, 2}};
  time_point now{};

  explicit world(std::string_view left_configuration = "ip=10.1.0.2/24,ip6=off",
                 std::string_view right_configuration = "ip=10.2.0.2/24,ip6=off")
      : host(left_link.right(), with(left_configuration), {3, 3}) {
    host.start(now);
    host.attach(right_link.right(), {.name = "right", .address = *configuration::parse(right_configuration)},
                now);
    left.start(now);
    right.start(now);
    run(3s);
  }

  void run(duration d) {
    for (const time_point until = now + d;; now = std::min(until, now + 10ms)) {
      for (int i = 0; i < 4; ++i) {
        left_link.deliver(now);
        right_link.deliver(now);
        for (engine* e : {&host, &left, &right}) {
          while (e->receive(now)) {
          }
          e->flush(now);
        }
      }
      if (now == until) return;
    }
  }
  interface& side(std::size_t i) { return host.attachments()[i]->interface(); }
};

constexpr ipv4_address left_host{10, 1, 0, 1}, right_host{10, 2, 0, 1}, far{192, 0, 2, 1};
const auto text = std::as_bytes(std::span{std::string_view{"text"}});

}  // namespace

TEST_CASE("packets leave by the interface of their network, from its address") {
  world w;
  CHECK(w.host.routes().source_for(left_host) == ipv4_address{10, 1, 0, 2});
  CHECK(w.host.routes().source_for(right_host) == ipv4_address{10, 2, 0, 2});
  CHECK_FALSE(w.host.routes().source_for(far));
  CHECK(w.host.udp().send(7, {far, 9}, text, w.now).error() == error::unreachable);
  udp_port* at_left = w.left.udp().bind(9);
  udp_port* at_right = w.right.udp().bind(9);
  CHECK(w.host.udp().send(7, {left_host, 9}, text, w.now));
  CHECK(w.host.udp().send(7, {right_host, 9}, text, w.now));
  w.run(10ms);
  REQUIRE_FALSE(at_left->empty());
  REQUIRE_FALSE(at_right->empty());
  CHECK(at_left->pop().from == endpoint{{10, 1, 0, 2}, 7});
  CHECK(at_right->pop().from == endpoint{{10, 2, 0, 2}, 7});
}

TEST_CASE("one of our addresses is reached only through the interface that has it (RFC 1122 §3.3.4.2)") {
  world w;
  udp_port* port = w.host.udp().bind(9);
  CHECK(w.left.udp().send(7, {{10, 2, 0, 2}, 9}, text, w.now));  // by its gateway, which we are
  w.run(10ms);
  CHECK(port->empty());
  CHECK(w.host.counters()[counter::ipv4_not_for_us] == 1);
  CHECK(w.left.udp().send(7, {{10, 1, 0, 2}, 9}, text, w.now));
  w.run(10ms);
  CHECK_FALSE(port->empty());
}

TEST_CASE("connections of both sides, from both sides") {
  world w;
  tcp::acceptor* a = w.host.tcp().listen(80, 4);
  tcp::connection* l = *w.left.tcp().connect(left_host, {{10, 1, 0, 2}, 80}, w.now);
  tcp::connection* r = *w.right.tcp().connect(right_host, {{10, 2, 0, 2}, 80}, w.now);
  w.run(20ms);
  CHECK(l->state() == tcp::state::established);
  CHECK(r->state() == tcp::state::established);
  for (int i = 0; i < 2; ++i) {
    tcp::connection* c = w.host.tcp().accept(*a);
    REQUIRE(c != nullptr);
    w.host.tcp().release(*c, w.now);
  }
  w.left.tcp().release(*l, w.now);
  w.right.tcp().release(*r, w.now);
}

TEST_CASE("the longest prefix wins, then the lowest metric, then who came first") {
  world w{"ip=10.1.0.2/24,gateway=10.1.0.1,ip6=off", "ip=10.2.0.2/24,gateway=10.2.0.1,ip6=off"};
  const auto by = [&](ipv4_address destination) { return w.host.routes().find(destination)->next_hop; };
  CHECK(by(far) == left_host);
  CHECK(by({10, 2, 0, 77}) == ipv4_address{10, 2, 0, 77});
  CHECK(w.side(1).add_route({.network = {{192, 0, 2, 0}, 24}, .gateway = right_host}));
  CHECK(by(far) == right_host);
  CHECK(w.side(0).add_route({.network = {{192, 0, 2, 1}, 32}, .gateway = ipv4_address{10, 1, 0, 9}}));
  CHECK(by(far) == ipv4_address{10, 1, 0, 9});
  CHECK(w.side(0).add_route({.network = {{198, 51, 100, 0}, 24}, .gateway = left_host, .metric = 5}));
  CHECK(w.side(1).add_route({.network = {{198, 51, 100, 0}, 24}, .gateway = right_host, .metric = 3}));
  CHECK(by({198, 51, 100, 1}) == right_host);
  // From an address of ours only the interface that has it is asked.
  CHECK(w.host.routes().find(far, {10, 2, 0, 2})->next_hop == right_host);
  CHECK_FALSE(w.host.routes().find(far, {10, 3, 0, 2}));
}

TEST_CASE("a gateway is a neighbour, or its route is none") {
  world w;
  CHECK_FALSE(w.side(0).add_route({.gateway = far}));
  CHECK_FALSE(w.side(0).add_route({.gateway = ipv4_address{10, 1, 0, 2}}));  // ourselves
  // As providers have it that give out a /32: the gateway lies on the link by a route of its own.
  w.side(0).configure(ipv4_interface{{203, 0, 113, 5}, 32},
                      std::array{ipv4_route{.gateway = ipv4_address{203, 0, 113, 1}},
                                 ipv4_route{.network = {{203, 0, 113, 1}, 32}}},
                      {}, w.now);
  CHECK(w.side(0).gateway() == ipv4_address{203, 0, 113, 1});
  CHECK(w.side(0).next_hop(far) == ipv4_address{203, 0, 113, 1});
  CHECK(w.side(0).next_hop({203, 0, 113, 1}) == ipv4_address{203, 0, 113, 1});
  w.side(0).configure(std::nullopt, {}, {}, w.now);
  CHECK_FALSE(w.host.routes().find(far));
}

TEST_CASE("a smaller link is obeyed by what is sent from then on") {
  world w;
  w.side(1).limit_mtu(67);  // nonsense
  CHECK(w.side(1).mtu() == 1500);
  w.side(1).limit_mtu(9000);  // more than the device takes
  CHECK(w.side(1).mtu() == 1500);
  w.side(1).limit_mtu(1000);
  CHECK(w.side(1).mtu() == 1000);
  std::size_t largest = 0;
  w.right_link.tap = [&](bool, const aster::abi::net_header&, std::span<const std::byte> f) {
    largest = std::max(largest, f.size());
  };
  CHECK(w.host.udp().send(7, {right_host, 9}, std::vector<std::byte>(3000), w.now));
  w.run(10ms);
  CHECK(largest > 900);
  CHECK(largest <= 1014);
}

namespace {

// A device that takes nothing while it is stuck: a tap that nobody reads.
struct sticky_device final : aster::abi::net_device {
  explicit sticky_device(aster::abi::net_device& inner) : inner_(inner) {}
  const aster::abi::net_info& info() const noexcept override { return inner_.info(); }
  std::size_t receive(std::span<aster::abi::received_frame> out) noexcept override {
    return inner_.receive(out);
  }
  void release(const aster::abi::received_frame& f) noexcept override { inner_.release(f); }
  bool transmit(const aster::abi::net_header& h,
                std::span<const std::span<const std::byte>> pieces) noexcept override {
    return !is_stuck && inner_.transmit(h, pieces);
  }
  void flush() noexcept override { inner_.flush(); }

  bool is_stuck = false;

 private:
  aster::abi::net_device& inner_;
};

}  // namespace

TEST_CASE("a device that takes nothing stops nobody who uses the other") {
  virtual_link stuck{1, {}}, good{2, {}};
  sticky_device device{stuck.right()};
  engine host{device, with("ip=10.1.0.2/24"), {3, 3}};
  engine left{stuck.left(), with("ip=10.1.0.1/24"), {1, 1}};
  engine right{good.left(), with("ip=10.2.0.1/24"), {2, 2}};
  time_point now{};
  host.start(now);
  host.attach(good.right(), {.name = "right", .address = *configuration::parse("ip=10.2.0.2/24")}, now);
  left.start(now);
  right.start(now);
  const auto run = [&](int rounds) {
    for (; rounds > 0; --rounds, now += 10ms) {
      stuck.deliver(now);
      good.deliver(now);
      for (engine* e : {&host, &left, &right}) {
        while (e->receive(now)) {
        }
        e->flush(now);
      }
    }
  };
  tcp::acceptor* at_left = left.tcp().listen(80, 1);
  tcp::acceptor* at_right = right.tcp().listen(80, 1);
  tcp::connection* first = *host.tcp().connect({10, 1, 0, 2}, {left_host, 80}, now);
  run(20);
  CHECK(first->state() == tcp::state::established);
  device.is_stuck = true;
  CHECK(first->write(text));
  host.tcp().touched(*first);
  tcp::connection* second = *host.tcp().connect({10, 2, 0, 2}, {right_host, 80}, now);
  run(20);
  CHECK(second->state() == tcp::state::established);
  CHECK(right.tcp().accept(*at_right) != nullptr);
  CHECK(host.counters()[counter::device_full] > 0);
  // What was lost is sent again when the device takes something.
  device.is_stuck = false;
  run(300);
  tcp::connection* served = left.tcp().accept(*at_left);
  REQUIRE(served != nullptr);
  CHECK(served->readable() == 4);
  for (tcp::connection* c : {first, second}) host.tcp().release(*c, now);
  left.tcp().release(*served, now);
}
