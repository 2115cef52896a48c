// A router between two hosts, in virtual time: what it passes on, what it refuses and says so, what it drops.
#include "aster/net/forwarder.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

#include "aster/net/engine.hpp"
#include "aster/net/segmentation.hpp"
#include "aster/net/virtual_link.hpp"

using namespace aster::net;
using namespace std::chrono_literals;

namespace {

constexpr ipv4_address left_host{10, 1, 0, 1}, right_host{10, 2, 0, 1}, left_side{10, 1, 0, 2},
    right_side{10, 2, 0, 2}, far{192, 0, 2, 1};

engine_options with(std::string_view configuration_text) {
  engine_options o;
  o.name = "left";
  o.address = *configuration::parse(configuration_text);
  return o;
}

struct world {
  virtual_link left_link, right_link;
  engine router{left_link.right(), with("ip=10.1.0.2/24,ip6=off"), {3, 3}};
  engine left{left_link.left(), with("ip=10.1.0.1/24,ip6=off,gateway=10.1.0.2"), {1, 1}};
  engine right{right_link.left(), with("ip=10.2.0.1/24,ip6=off,gateway=10.2.0.2"), {2, 2}};
  std::vector<std::vector<std::byte>> seen_left, seen_right;  // what the router has sent, ARP apart
  time_point now{};

  explicit world(const forwarding_options& options = {}, const link_ends& at_left = {},
                 const link_ends& at_right = {})
      : left_link(1, {}, at_left), right_link(2, {}, at_right) {
    router.forward(options);
    router.start(now);
    router.attach(right_link.right(), {.name = "right", .address = *configuration::parse("ip=10.2.0.2/24,ip6=off")},
                  now);
    left.start(now);
    right.start(now);
    run(3s);
    const auto keep = [](auto& list) {
      return [&list](bool from_left, const aster::abi::net_header&, std::span<const std::byte> f) {
        if (!from_left && wire::load16(f, 12) == wire::ethernet::type_ipv4)
          list.emplace_back(f.begin(), f.end());
      };
    };
    left_link.tap = keep(seen_left);
    right_link.tap = keep(seen_right);
  }

  void run(duration d = 10ms) {
    for (const time_point until = now + d;; now = std::min(until, now + 5ms)) {
      for (int i = 0; i < 6; ++i) {
        left_link.deliver(now);
        right_link.deliver(now);
        for (engine* e : {&router, &left, &right}) {
          while (e->receive(now)) {
          }
          e->flush(now);
        }
      }
      if (now == until) return;
    }
  }
  std::uint64_t count(counter c) const { return router.counters()[c]; }

  // Puts a packet of the left host's, or of anybody's, on the left link.
  void inject(wire::ipv4 h, std::size_t payload_size) {
    std::vector<std::byte> f(34 + payload_size);
    h.payload_size = static_cast<std::uint16_t>(payload_size);
    const auto& device = left_link.left().info();
    wire::ethernet{{left_link.right().info().mac}, {device.mac}, wire::ethernet::type_ipv4}.emit(f);
    h.emit(std::span{f}.subspan(14));
    const wire::bytes piece = f;
    REQUIRE(left_link.left().transmit({}, {&piece, 1}));
    left_link.left().flush();
    run();
  }
  // The ICMP error that came back to the left, if any.
  std::optional<wire::icmp> error() const {
    for (const auto& f : seen_left) {
      const auto ip = wire::ipv4::parse(wire::bytes{f}.subspan(14));
      if (!ip || ip->header.protocol != wire::ipv4::icmp) continue;
      CHECK(ip->header.source == left_side);
      if (const auto m = wire::icmp::parse(ip->payload); m && m->is_error()) return *m;
    }
    return std::nullopt;
  }
};

constexpr wire::ipv4 across{
    .source = left_host, .destination = right_host, .protocol = 99, .dont_fragment = false};

// Sends `total` bytes from left to right through the router; all of them must arrive.
void transfer(world& w, std::size_t total) {
  tcp::acceptor* a = w.right.tcp().listen(80, 1);
  tcp::connection* sender = *w.left.tcp().connect(left_host, {right_host, 80}, w.now);
  tcp::connection* receiver = nullptr;
  std::vector<std::byte> text(total), got;
  random_source random{{9, 9}};
  for (auto& b : text) b = static_cast<std::byte>(random.next32());
  std::size_t written = 0;
  std::array<std::byte, 16384> part;
  for (int rounds = 0; got.size() < total && rounds < 2000; ++rounds) {
    w.run(5ms);
    while (written < total) {
      const auto n = sender->write(wire::bytes{text}.subspan(written));
      if (!n || *n == 0) break;
      written += *n;
      w.left.tcp().touched(*sender);
    }
    if (receiver == nullptr) receiver = w.right.tcp().accept(*a);
    while (receiver != nullptr) {
      const std::size_t n = receiver->read(part);
      if (n == 0) break;
      got.insert(got.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(n));
      w.right.tcp().touched(*receiver);
    }
  }
  CHECK(got == text);
  w.left.tcp().release(*sender, w.now);
  if (receiver != nullptr) w.right.tcp().release(*receiver, w.now);
}

}  // namespace

TEST_CASE("a packet is passed on one hop older, and otherwise as it was") {
  world w;
  w.inject(across, 100);
  REQUIRE(w.seen_right.size() == 1);
  const auto ip = wire::ipv4::parse(wire::bytes{w.seen_right[0]}.subspan(14));
  REQUIRE(ip);
  CHECK(ip->header.ttl == 63);
  CHECK(ip->header.source == left_host);
  CHECK(ip->payload.size() == 100);
  CHECK(w.count(counter::forwarded) == 2);  // and the answer: right knows no protocol 99
}

TEST_CASE("connections through a router, with every kind of device on either side") {
  const link_ends plain, offloads{.checksum_offload = true, .tso = true, .receive_offload = true};
  link_ends small = plain;
  small.mtu = 1000;
  for (const auto& [l, r] : {std::pair{plain, plain},
                             {offloads, offloads},
                             {offloads, plain},
                             {plain, offloads},
                             {plain, small},
                             {offloads, small}}) {
    world w{{}, l, r};
    transfer(w, 500'000);
    CHECK(w.count(counter::device_full) == 0);
  }
}

TEST_CASE("without forwarding nothing is passed on") {
  virtual_link left{1, {}}, right{2, {}};
  engine host{left.right(), with("ip=10.1.0.2/24,ip6=off"), {3, 3}};
  time_point now{};
  host.start(now);
  host.attach(right.right(), {.name = "right", .address = *configuration::parse("ip=10.2.0.2/24,ip6=off")}, now);
  std::vector<std::byte> f(54);
  wire::ethernet{{left.right().info().mac}, {left.left().info().mac}, wire::ethernet::type_ipv4}.emit(f);
  wire::ipv4 h = across;
  h.payload_size = 20;
  h.emit(std::span{f}.subspan(14));
  const wire::bytes piece = f;
  REQUIRE(left.left().transmit({}, {&piece, 1}));
  left.deliver(now);
  host.receive(now);
  CHECK(host.counters()[counter::ipv4_not_for_us] == 1);
  CHECK(host.counters()[counter::forwarded] == 0);
}

TEST_CASE("a packet that is too old, too large, or goes nowhere is refused, and its sender told") {
  world w{{}, {.mtu = 1500}, {.mtu = 1000}};
  SUBCASE("too old") {
    auto h = across;
    h.ttl = 1;
    w.inject(h, 8);
    REQUIRE(w.error());
    CHECK(w.error()->type == wire::icmp::time_exceeded);
    CHECK(w.error()->code == wire::icmp::hops_exceeded);
    CHECK(w.count(counter::ipv4_ttl) == 1);
  }
  SUBCASE("too large") {
    auto h = across;
    h.dont_fragment = true;
    w.inject(h, 1200);
    REQUIRE(w.error());
    CHECK(w.error()->code == wire::icmp::fragmentation_needed);
    CHECK(w.error()->rest == 1000);
    CHECK(w.count(counter::forward_too_large) == 1);
  }
  SUBCASE("nowhere") {
    auto h = across;
    h.destination = far;
    w.inject(h, 8);
    REQUIRE(w.error());
    CHECK(w.error()->code == wire::icmp::net_unreachable);
  }
  CHECK(w.seen_right.empty());
}

TEST_CASE("a packet that may be cut is cut for a smaller link") {
  world w{{}, {.mtu = 1500}, {.mtu = 1000}};
  w.inject(across, 1200);
  REQUIRE(w.seen_right.size() == 2);
  for (const auto& f : w.seen_right) CHECK(f.size() <= 1014);
  // … and large datagrams, which come in fragments, go on in others.
  udp_port* port = w.right.udp().bind(9);
  CHECK(w.left.udp().send(7, {right_host, 9}, std::vector<std::byte>(5000), w.now));
  w.run();
  REQUIRE_FALSE(port->empty());
  CHECK(port->pop().payload.size() == 5000);
}

TEST_CASE("martians, directed broadcasts and sources from elsewhere are dropped without a word") {
  world w;
  for (const ipv4_address destination :
       {ipv4_address{127, 0, 0, 1}, {169, 254, 1, 1}, {240, 0, 0, 1}, {10, 2, 0, 255}}) {
    auto h = across;
    h.destination = destination;
    w.inject(h, 8);
  }
  for (const ipv4_address source : {ipv4_address{169, 254, 1, 1}, right_side}) {
    auto h = across;
    h.source = source;
    w.inject(h, 8);
  }
  CHECK(w.count(counter::forward_martian) == 6);
  for (const ipv4_address source : {right_host, far}) {
    auto h = across;
    h.source = source;
    w.inject(h, 8);
  }
  CHECK(w.count(counter::forward_source) == 2);
  CHECK(w.seen_right.empty());
  CHECK(w.seen_left.empty());
}

TEST_CASE("a router hears all of its addresses from everywhere") {
  world w;
  udp_port* port = w.router.udp().bind(9);
  CHECK(w.left.udp().send(7, {right_side, 9}, {}, w.now));
  w.run();
  CHECK_FALSE(port->empty());
  tcp::acceptor* a = w.router.tcp().listen(80, 1);
  tcp::connection* c = *w.left.tcp().connect(left_host, {right_side, 80}, w.now);
  w.run();
  CHECK(c->state() == tcp::state::established);
  CHECK(w.router.tcp().accept(*a) != nullptr);
  w.left.tcp().release(*c, w.now);
}

namespace {

struct lambda_hook final : packet_hook {
  std::function<verdict(transit_packet&)> on_arriving, on_leaving;
  verdict arriving(transit_packet& p, time_point) override {
    return on_arriving ? on_arriving(p) : verdict::accept;
  }
  verdict leaving(transit_packet& p, time_point) override {
    return on_leaving ? on_leaving(p) : verdict::accept;
  }
};

}  // namespace

TEST_CASE("a hook sees where packets come from and go, and decides") {
  lambda_hook hook;
  world w{{.hook = &hook}};
  hook.on_leaving = [&](transit_packet& p) {
    CHECK(p.from() == "left");
    CHECK(p.to() == "right");
    CHECK(p.source().address == left_host);
    return packet_hook::verdict::drop;
  };
  w.inject(across, 8);
  CHECK(w.seen_left.empty());
  hook.on_leaving = [](transit_packet&) { return packet_hook::verdict::reject; };
  w.inject(across, 8);
  REQUIRE(w.error());
  CHECK(w.error()->code == wire::icmp::prohibited);
  CHECK(w.seen_right.empty());
  CHECK(w.count(counter::forward_filtered) == 2);
}

TEST_CASE("a hook can lead packets elsewhere, and back") {
  // What comes to port 80 of the router's left side is the right host's, which sees the router alone.
  lambda_hook hook;
  world w{{.hook = &hook}, {.checksum_offload = true, .receive_offload = true}, {}};
  ipv4_endpoint client;
  hook.on_arriving = [&](transit_packet& p) {
    if (p.destination() == ipv4_endpoint{left_side, 80}) p.set_destination({right_host, 80});
    if (p.destination() == ipv4_endpoint{right_side, 5555}) p.set_destination(client);
    return packet_hook::verdict::accept;
  };
  hook.on_leaving = [&](transit_packet& p) {
    if (p.to() == "right") {
      client = p.source();
      p.set_source({right_side, 5555});
    } else {
      p.set_source({left_side, 80});
    }
    return packet_hook::verdict::accept;
  };
  tcp::acceptor* a = w.right.tcp().listen(80, 1);
  tcp::connection* c = *w.left.tcp().connect(left_host, {left_side, 80}, w.now);
  w.run(50ms);
  CHECK(c->state() == tcp::state::established);
  tcp::connection* served = w.right.tcp().accept(*a);
  REQUIRE(served != nullptr);
  CHECK(served->id().remote == endpoint{right_side, 5555});
  w.left.tcp().release(*c, w.now);
  w.right.tcp().release(*served, w.now);
}

TEST_CASE("a large segment is cut as a network card would") {
  const wire::tcp h{.source_port = 1,
                    .destination_port = 2,
                    .sequence = 0xfffffff0,
                    .flags = {.fin = true, .psh = true, .ack = true, .cwr = true},
                    .options = {}};
  std::vector<std::byte> p(40 + 2500);
  for (std::size_t i = 40; i < p.size(); ++i) p[i] = static_cast<std::byte>(i * 7);
  wire::ipv4{
      .source = left_host, .destination = right_host, .protocol = wire::ipv4::tcp, .payload_size = 2520}
      .emit(p);
  h.emit(std::span{p}.subspan(20));
  tcp_segmenter cut{p, 1000};
  std::size_t at = 0, count = 0;
  for (wire::bytes one = cut.next(); !one.empty(); one = cut.next(), ++count) {
    const auto ip = wire::ipv4::parse(one);
    REQUIRE(ip);
    const auto t = wire::tcp::parse(ip->payload, left_host, right_host, true);
    REQUIRE(t);
    CHECK(t->header.sequence == 0xfffffff0 + static_cast<std::uint32_t>(at));
    CHECK(t->header.flags.fin == (count == 2));
    CHECK(t->header.flags.psh == (count == 2));
    CHECK(t->header.flags.cwr == (count == 0));
    CHECK(std::ranges::equal(t->payload, wire::bytes{p}.subspan(40 + at, t->payload.size())));
    at += t->payload.size();
  }
  CHECK(count == 3);
  CHECK(at == 2500);
}
