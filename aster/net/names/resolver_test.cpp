// Names as a program asks for them: a stack with a resolver, and a name server on another one, in virtual
// time.
#include <doctest/doctest.h>

#include <array>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "aster/net.hpp"
#include "aster/net/virtual_link.hpp"
#include "aster/net/wire/dns.hpp"
#include "aster/task/deadline.hpp"
#include "aster/task/event.hpp"
#include "aster/task/scope.hpp"
#include "aster/task/simulation.hpp"

using namespace aster;
using namespace std::chrono_literals;
using net::wire::dns_type;

namespace {

net::wire::dns_name name(std::string_view text) { return net::wire::dns_name::parse(text).value(); }

net::wire::dns_record address(std::string_view of, net::ip_address a, std::uint32_t ttl = 300) {
  return {name(of), a.is_v4() ? dns_type::a : dns_type::aaaa, ttl, false, a};
}

std::string text_of(const std::expected<std::vector<net::ip_address>, net::error>& found) {
  if (!found) return net::to_string(found.error());
  std::string text;
  for (const auto& a : *found) text += (text.empty() ? "" : " ") + net::to_string(a);
  return text;
}

// A client at 10.0.0.1 and a name server at 10.0.0.2, which answers from `zone` or as `twist` makes it.
struct world {
  net::virtual_link link{1,
                         {.delay = 1ms},
                         {.left_configuration = "ip=10.0.0.1/24,gateway=10.0.0.2,dns=10.0.0.2",
                          .right_configuration = "ip=10.0.0.2/24"}};
  task::scope carrier{"wire"};
  net::stack client, server;
  net::udp_socket port;
  net::listener streams;
  task::scope serving{"name server"};

  std::vector<net::wire::dns_record> zone;
  std::map<dns_type, task::duration> slow;  // how long an answer about a type takes
  /// Changes an answer over UDP or TCP; false: none is given.
  std::function<bool(net::wire::dns&, bool by_tcp)> twist = [](auto&, bool) { return true; };
  int asked = 0;  // questions over UDP
  int asked_tcp = 0;
  std::vector<std::string> names;

  explicit world(net::stack_options options = {})
      : client{(start(), link.left()), std::move(options)},
        server{link.right()},
        port{server.bind(53)},
        streams{server.listen(53)} {
    serving.spawn("UDP", [this] { serve_datagrams(); });
    serving.spawn("TCP", [this] { serve_streams(); });
  }

  void start() {
    link.sent = [] { task::raise_event(); };
    carrier.spawn("wire", [this] {
      for (;;) {
        if (link.deliver(task::now())) task::raise_event();
        task::wait_for_event(link.next_arrival());
      }
    });
  }

  std::optional<std::vector<std::byte>> answer(std::span<const std::byte> question, bool by_tcp) {
    auto m = net::wire::dns::parse(question).value();
    const auto& q = m.questions.at(0);
    names.push_back(to_string(q.name.folded()));
    m.is_response = true;
    bool known = false;
    for (const auto& r : zone) {
      if (r.name != q.name) continue;
      known = true;
      if (r.type == q.type || r.type == dns_type::cname) m.answers.push_back(r);
    }
    if (!known) m.code = net::wire::dns_code::no_such_name;
    if (m.answers.empty())
      m.authorities.push_back({name("test"), dns_type::soa, 60, false, net::wire::dns_authority{60}});
    if (!twist(m, by_tcp)) return std::nullopt;
    std::vector<std::byte> bytes(4096);
    bytes.resize(m.emit(bytes).value());
    return bytes;
  }

  void serve_datagrams() {
    while (const auto d = port.receive()) {
      ++asked;
      serving.spawn("answer", [this, d = *d] {
        const auto m = net::wire::dns::parse(d.payload).value();
        if (slow.contains(m.questions[0].type)) task::sleep(slow[m.questions[0].type]);
        if (const auto bytes = answer(d.payload, false)) CHECK(port.send_to(d.from, *bytes));
      });
    }
  }

  void serve_streams() {
    for (;;) {
      net::stream s = streams.accept();
      std::array<std::byte, 600> buffer;
      std::size_t size = 0;
      while (size < 2 || size < 2u + net::wire::load16(buffer, 0)) {
        const auto n = s.read(std::span{buffer}.subspan(size));
        if (!n || *n == 0) break;
        size += *n;
      }
      ++asked_tcp;
      if (auto bytes = answer(std::span{buffer}.first(size).subspan(2), true)) {
        std::array<std::byte, 2> length;
        net::wire::store16(length, 0, static_cast<std::uint16_t>(bytes->size()));
        CHECK(s.write(length));
        CHECK(s.write(*bytes));
      }
    }
  }
};

}  // namespace

TEST_CASE("a name has its addresses, which are asked for once") {
  task::simulation{}.run([] {
    world w;
    w.zone = {address("www.example.test", {192, 0, 2, 1}), address("www.example.test", {192, 0, 2, 2}, 100),
              address("www.example.test", net::ipv6_address{0x2001, 0xdb8, 0, 0, 0, 0, 0, 1})};
    CHECK(text_of(w.client.resolve("www.example.test")) == "192.0.2.1 192.0.2.2 2001:db8::1");
    CHECK(w.asked == 2);
    CHECK(text_of(w.client.resolve("WWW.example.test.")) == "192.0.2.1 192.0.2.2 2001:db8::1");
    CHECK(w.asked == 2);
    task::sleep(100s);
    CHECK(text_of(w.client.resolve("www.example.test")).starts_with("192.0.2.1"));
    CHECK(w.asked == 3);  // IPv4's time was up
    CHECK(text_of(w.client.resolve("192.0.2.9")) == "192.0.2.9");
    CHECK(w.asked == 3);
  });
}

TEST_CASE("what is not there is remembered as well") {
  task::simulation{}.run([] {
    world w;
    w.zone = {address("www.example.test", {192, 0, 2, 1})};
    CHECK(text_of(w.client.resolve("nobody.example.test")) == "no such host");
    CHECK(text_of(w.client.resolve("nobody.example.test")) == "no such host");
    CHECK(w.asked == 2);
    task::sleep(60s);
    CHECK(text_of(w.client.resolve("nobody.example.test")) == "no such host");
    CHECK(w.asked == 4);
    CHECK(text_of(w.client.resolve("www.example.test")) == "192.0.2.1");
  });
}

TEST_CASE("fibers that ask for the same share the question, also when the first is cancelled") {
  task::simulation{}.run([] {
    world w;
    w.zone = {address("www.example.test", {192, 0, 2, 1})};
    w.slow = {{dns_type::a, 500ms}, {dns_type::aaaa, 500ms}};
    task::scope all{"askers"};
    int good = 0;
    all.spawn("first", [&] {
      CHECK_FALSE(task::within(100ms, [&] { return w.client.resolve("www.example.test"); }));
    });
    for (int i = 0; i < 20; ++i)
      all.spawn("asker",
                [&] { good += text_of(w.client.resolve("www.example.test")) == "192.0.2.1" ? 1 : 0; });
    all.join();
    CHECK(good == 20);
    CHECK(w.asked <= 4);
  });
}

TEST_CASE("an answer too long for a datagram comes over TCP") {
  task::simulation{}.run([] {
    world w;
    for (int i = 1; i <= 40; ++i)
      w.zone.push_back(address("many.example.test", {192, 0, 2, static_cast<std::uint8_t>(i)}));
    w.twist = [](auto& m, bool by_tcp) {
      if (!by_tcp && !m.answers.empty()) m.answers.clear(), m.is_truncated = true;
      return true;
    };
    const auto found = w.client.resolve("many.example.test");
    REQUIRE(found);
    CHECK(found->size() == 32);  // more are not kept
    CHECK(w.asked_tcp == 1);
  });
}

TEST_CASE("answers that are not the server's change nothing") {
  task::simulation{}.run([] {
    world w;
    w.zone = {address("www.example.test", {192, 0, 2, 1})};
    net::udp_socket liar = w.server.bind(5353);
    // From another port, with another number, for another name; then the right one.
    w.twist = [&](auto& m, bool by_tcp) {
      if (by_tcp || m.answers.empty()) return true;
      auto lie = m;
      lie.answers = {address("www.example.test", {6, 6, 6, 6})};
      const auto send = [&](const net::wire::dns& what) {
        std::vector<std::byte> bytes(1000);
        bytes.resize(what.emit(bytes).value());
        CHECK(w.port.send_to({{10, 0, 0, 1}, 50000}, bytes));
      };
      send(lie);
      lie.id ^= 1;
      send(lie);
      return true;
    };
    CHECK(text_of(w.client.resolve("www.example.test")) == "192.0.2.1");
    // With the letters in another case the answer is asked for over TCP.
    w.zone.push_back(address("b.example.test", {192, 0, 2, 2}));
    w.twist = [&](auto& m, bool by_tcp) {
      if (by_tcp) return true;
      m.questions[0].name = m.questions[0].name.folded();
      m.answers = {address("b.example.test", {6, 6, 6, 6})};
      return true;
    };
    CHECK(text_of(w.client.resolve("b.example.test")) == "192.0.2.2");
    CHECK(w.asked_tcp == 2);
  });
}

TEST_CASE("no server answers, none would, and none is known") {
  task::simulation{}.run([] {
    world w;
    w.twist = [](auto&, bool) { return false; };
    const auto before = task::now();
    CHECK(text_of(w.client.resolve("www.example.test")) == "timed out");
    CHECK(task::now() - before < 8s);
    w.twist = [](auto& m, bool) { return m.code = net::wire::dns_code::server_failure, true; };
    task::sleep(10s);
    CHECK(text_of(w.client.resolve("www.example.test")) == "host unreachable");
    CHECK(text_of(w.server.resolve("www.example.test")) == "host unreachable");  // it has no name server
  });
}

TEST_CASE("a name server that is not there is noticed at once") {
  task::simulation{}.run([] {
    world w;
    w.serving.cancel();
    w.serving.join();
    w.port = w.server.bind(54);
    const auto before = task::now();
    CHECK(text_of(w.client.resolve("www.example.test")) == "timed out");
    CHECK(task::now() - before < 1s);
  });
}

TEST_CASE("hosts of the program's own, and names that can be none") {
  task::simulation{}.run([] {
    net::stack_options options;
    options.hosts = {{"db", {10, 0, 0, 7}}};
    world w{options};
    CHECK(text_of(w.client.resolve("DB")) == "10.0.0.7");
    CHECK(text_of(w.client.resolve("a..b")) == "no such host");
    CHECK(w.asked == 0);
  });
}

TEST_CASE("a connection by name, past addresses that do not answer") {
  task::simulation{}.run([] {
    world w;
    net::listener l = w.server.listen(80);
    // Nobody is at the first two; the way to them is known not to work only after seconds.
    w.zone = {address("www.example.test", {10, 0, 0, 77}), address("www.example.test", {10, 0, 0, 78}),
              address("www.example.test", {10, 0, 0, 2})};
    const auto before = task::now();
    auto s = w.client.connect("www.example.test", 80);
    REQUIRE(s);
    CHECK(s->remote() == net::endpoint{{10, 0, 0, 2}, 80});
    CHECK(task::now() - before >= 500ms);
    CHECK(task::now() - before < 520ms);
    task::sleep(1ms);
    CHECK(w.client.connections() == 1);  // the other attempts are given up
    CHECK(w.client.connect("www.example.test", 81).error() == net::error::unreachable);
    CHECK(w.client.connect("10.0.0.2", 81).error() == net::error::refused);
    CHECK(w.client.connect("nobody.example.test", 80).error() == net::error::unknown_name);
  });
}

TEST_CASE("the next address is tried at once when one has failed") {
  task::simulation{}.run([] {
    world w;
    net::listener l = w.server.listen(80);
    w.zone = {address("www.example.test", net::ipv6_address{0x2001, 0xdb8, 0, 0, 0, 0, 0, 1}),
              address("www.example.test", {10, 0, 0, 2})};
    const auto before = task::now();
    REQUIRE(w.client.connect("www.example.test", 80));  // without an IPv6 address: no way to the first
    CHECK(task::now() - before < 50ms);
  });
}

TEST_CASE("a slow answer about one family does not hold up the other for long") {
  task::simulation{}.run([] {
    world w;
    net::listener l = w.server.listen(80);
    w.zone = {address("www.example.test", {10, 0, 0, 2})};
    w.slow = {{dns_type::aaaa, 900ms}};
    auto before = task::now();
    REQUIRE(w.client.connect("www.example.test", 80));
    CHECK(task::now() - before >= 50ms);
    CHECK(task::now() - before < 60ms);
    // Nobody knows about IPv6 for seven seconds: that is no reason to wait either.
    w.slow = {{dns_type::aaaa, 1h}};
    w.zone.push_back(address("b.example.test", {10, 0, 0, 2}));
    before = task::now();
    REQUIRE(w.client.connect("b.example.test", 80));
    CHECK(task::now() - before < 60ms);
  });
}

TEST_CASE("a caller that gives up leaves nothing behind") {
  task::simulation{}.run([] {
    world w;
    w.zone = {address("www.example.test", {10, 0, 0, 77})};
    CHECK_FALSE(task::within(300ms, [&] { return w.client.connect("www.example.test", 80); }));
    task::sleep(1ms);
    CHECK(w.client.connections() == 0);
    w.slow = {{dns_type::a, 1s}, {dns_type::aaaa, 1s}};
    CHECK_FALSE(task::within(10ms, [&] { return w.client.connect("b.example.test", 80); }));
  });
}
