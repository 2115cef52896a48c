// The stack as a program sees it: fibers over two stacks and a wire in memory, in virtual time.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>
#include <vector>

#include "aster/net.hpp"
#include "aster/net/virtual_link.hpp"
#include "aster/task/deadline.hpp"
#include "aster/task/event.hpp"
#include "aster/task/scope.hpp"
#include "aster/task/simulation.hpp"

using namespace aster;
using namespace std::chrono_literals;

namespace {

constexpr net::endpoint server_80{{10, 0, 0, 2}, 80};

// Carries frames between the ends while the fibers run.
struct wire {
  net::virtual_link link;
  task::scope carrier{"wire"};

  explicit wire(const net::link_faults& faults = {.delay = 1ms}, net::link_ends ends = {})
      : link{1, faults, [&] {
               if (*ends.left_configuration == '\0') {
                 ends.left_configuration = "ip=10.0.0.1/24,ip6=off";
                 ends.right_configuration = "ip=10.0.0.2/24,ip6=off";
               }
               return ends;
             }()} {
    link.sent = [] { task::raise_event(); };
    carrier.spawn("wire", [this] {
      for (;;) {
        if (link.deliver(task::now())) task::raise_event();
        task::wait_for_event(link.next_arrival());
      }
    });
  }
};

struct world : wire {
  net::stack client, server;
  explicit world(const net::link_faults& faults = {.delay = 1ms}, const net::link_ends& ends = {},
                 const net::stack_options& options = {})
      : wire{faults, ends}, client{link.left(), options}, server{link.right(), options} {}
};

std::string read_all(net::byte_stream& s) {
  std::string text;
  std::array<char, 1000> buffer;
  for (;;) {
    const auto n = s.read(std::as_writable_bytes(std::span{buffer}));
    if (!n) return text + "<" + net::to_string(n.error()) + ">";
    if (*n == 0) return text;
    text.append(buffer.data(), *n);
  }
}

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 7 + (i >> 8) * 13 + (i >> 16));
  return text;
}

}  // namespace

TEST_CASE("a greeting, an answer, and the orderly end") {
  task::simulation{}.run([] {
    world w;
    task::scope serving{"server"};
    net::listener l = w.server.listen(80);
    serving.spawn("server", [&] {
      net::stream s = l.accept();
      CHECK(s.local() == server_80);
      CHECK(s.remote().address == net::ipv4_address{10, 0, 0, 1});
      CHECK(s.write("hello\n"));
      s.shutdown_write();
      CHECK(read_all(s) == "thanks\n");
    });
    auto s = w.client.connect(server_80);
    REQUIRE(s);
    CHECK(s->remote() == server_80);
    CHECK(read_all(*s) == "hello\n");
    CHECK(s->write("thanks\n"));
    s->shutdown_write();
    CHECK(s->write("more").error() == net::error::closed);
    serving.join();
  });
}

TEST_CASE("a listener hears both families, and one connects by either") {
  task::simulation{}.run([] {
    net::link_ends ends;
    ends.left_configuration = "ip=10.0.0.1/24,ip6=2001:db8::1/64";
    ends.right_configuration = "ip=10.0.0.2/24,ip6=2001:db8::2/64";
    world w{{.delay = 1ms}, ends};
    net::stack &client = w.client, &server = w.server;
    CHECK(to_string(server.address6().value()) == "2001:db8::2/64");
    net::listener l = server.listen(80);
    task::scope serving{"server"};
    serving.spawn("server", [&] {
      for (int i = 0; i < 2; ++i) {
        net::stream s = l.accept();
        CHECK(s.write(net::to_string(s.remote().address)));
      }
    });
    constexpr net::ipv6_address there{0x2001, 0xdb8, 0, 0, 0, 0, 0, 2};
    auto by_ipv6 = client.connect({there, 80});
    REQUIRE(by_ipv6);
    CHECK(read_all(*by_ipv6) == "2001:db8::1");
    auto by_ipv4 = client.connect(server_80);
    REQUIRE(by_ipv4);
    CHECK(read_all(*by_ipv4) == "10.0.0.1");
    CHECK(client.connect({there, 81}).error() == net::error::refused);
    // No router answers: there is no way beyond the link.
    CHECK(client.connect({net::ipv6_address{0x2001, 0xdb9, 0, 0, 0, 0, 0, 1}, 80}).error() ==
          net::error::unreachable);
    serving.join();
  });
}

TEST_CASE("megabytes both ways at once, whatever the link can do") {
  for (const net::link_ends& ends :
       {net::link_ends{}, net::link_ends{.checksum_offload = true},
        net::link_ends{.checksum_offload = true, .tso = true},
        net::link_ends{.checksum_offload = true, .tso = true, .receive_offload = true},
        net::link_ends{.mtu = 9000, .transmit_depth = 3}}) {
    task::simulation{}.run([&] {
      world w{{.delay = 1ms}, ends};
      const std::string up = pattern(1'000'000), down = pattern(1'300'000);
      task::scope all{"both"};
      net::listener l = w.server.listen(80);
      all.spawn("server", [&] {
        net::stream s = l.accept();
        task::scope halves{"halves"};
        halves.spawn("send", [&] {
          // In many small pieces of any size.
          for (std::size_t at = 0, n = 1; at < down.size(); at += n, n = n * 7 % 30011) {
            n = std::min(n, down.size() - at);
            REQUIRE(s.write(std::string_view{down}.substr(at, n)));
          }
          s.shutdown_write();
        });
        CHECK(read_all(s) == up);
        halves.join();
      });
      auto s = w.client.connect(server_80);
      REQUIRE(s);
      all.spawn("send", [&] {
        REQUIRE(s->write(up));  // in one
        s->shutdown_write();
      });
      CHECK(read_all(*s) == down);
      all.join();
      CHECK(w.link.unreleased() == 0);
    });
  }
}

TEST_CASE("a large write is sent from where it lies") {
  task::simulation{}.run([] {
    world w;
    const std::string much = pattern(4'000'000);
    task::scope all{"both"};
    net::listener l = w.server.listen(80);
    all.spawn("server", [&] {
      net::stream s = l.accept();
      std::string copy = much;
      CHECK(s.write(copy));
      std::ranges::fill(copy, 'x');  // the write has returned: the bytes are the caller's again
    });
    auto s = w.client.connect(server_80);
    REQUIRE(s);
    CHECK(read_all(*s) == much);
    all.join();
    CHECK(w.server.counters()[net::counter::bytes_copied_sent] <= 65536);
    CHECK(w.client.counters()[net::counter::bytes_copied_received] == much.size());
  });
}

TEST_CASE("pieces of one write travel together") {
  task::simulation{}.run([] {
    world w;
    task::scope all{"both"};
    net::listener l = w.server.listen(80);
    all.spawn("server", [&] {
      net::stream s = l.accept();
      const std::array<std::span<const std::byte>, 3> pieces{
          std::as_bytes(std::span{std::string_view{"one "}}),
          {},
          std::as_bytes(std::span{std::string_view{"two"}})};
      CHECK(s.write(pieces));
      CHECK(s.write(" three"));  // before the machine waits: in the same segment
      std::array<std::byte, 1> end;
      CHECK(s.read(end) == std::size_t{0});
    });
    auto s = w.client.connect(server_80);
    REQUIRE(s);
    std::array<char, 100> buffer;
    const auto n = s->read(std::as_writable_bytes(std::span{buffer}));
    CHECK(std::string_view{buffer.data(), n.value_or(0)} == "one two three");
    s->shutdown_write();
    all.join();
  });
}

TEST_CASE("connecting where nobody listens is refused; where nobody is, unreachable") {
  task::simulation world_time;
  world_time.run([&] {
    world w;
    CHECK(w.client.connect({{10, 0, 0, 2}, 81}).error() == net::error::refused);
    const auto before = task::now();
    CHECK(w.client.connect({{10, 0, 0, 77}, 80}).error() == net::error::unreachable);
    CHECK(task::now() - before == 3s);
    CHECK(w.client.connect({{192, 168, 0, 1}, 80}).error() == net::error::unreachable);  // no route
    CHECK(w.client.connect({{10, 0, 0, 2}, 0}).error() == net::error::invalid);
  });
}

TEST_CASE("a deadline ends an attempt to connect without a trace") {
  task::simulation{}.run([] {
    world w;
    w.link.set_cut(true);
    const auto connected = task::within(5s, [&] { return w.client.connect(server_80); });
    CHECK_FALSE(connected);
    CHECK(w.client.connections() == 1);  // until the next round
    task::sleep(1ms);
    CHECK(w.client.connections() == 0);
  });
}

TEST_CASE("a reader that is cancelled loses nothing") {
  task::simulation{}.run([] {
    world w;
    task::scope all{"both"};
    net::listener l = w.server.listen(80);
    const std::string sent = pattern(20'000);
    all.spawn("server", [&] {
      net::stream s = l.accept();
      for (std::size_t at = 0; at < sent.size(); at += 100) {
        REQUIRE(s.write(std::string_view{sent}.substr(at, 100)));
        task::sleep(777us);
      }
    });
    auto s = w.client.connect(server_80);
    REQUIRE(s);
    std::string got;
    std::array<char, 64> buffer;
    std::size_t cancelled = 0;
    for (;;) {
      const auto n = task::within(500us, [&] { return s->read(std::as_writable_bytes(std::span{buffer})); });
      if (!n) {
        ++cancelled;
        continue;
      }
      REQUIRE(*n);
      if (**n == 0) break;
      got.append(buffer.data(), **n);
    }
    CHECK(cancelled > 50);
    CHECK(got == sent);
    all.join();
  });
}

TEST_CASE("a writer that is cancelled has sent a prefix, and takes its bytes along") {
  for (int when = 1; when < 40; ++when) {
    task::simulation{}.run([&] {
      world w{{.loss = 0.02, .delay = 1ms}};
      task::scope all{"both"};
      net::listener l = w.server.listen(80);
      const std::string whole = pattern(3'000'000);
      all.spawn("server", [&] {
        net::stream s = l.accept();
        std::string copy = whole;
        CHECK_FALSE(task::within(when * 5ms, [&] { return s.write(copy); }));
        std::ranges::fill(copy, 'x');
      });
      auto s = w.client.connect(server_80);
      REQUIRE(s);
      const std::string got = read_all(*s);
      CHECK(got.size() < whole.size());
      CHECK(whole.starts_with(got));
      all.join();
    });
  }
}

TEST_CASE("closing with a reader gone wakes everybody with an answer") {
  task::simulation{}.run([] {
    world w;
    task::scope all{"all"};
    net::listener l = w.server.listen(80);
    all.spawn("server", [&] {
      net::stream s = l.accept();
      task::sleep(10ms);
      s.abort();
      CHECK(s.write("x").error() == net::error::closed);
    });
    auto s = w.client.connect(server_80);
    REQUIRE(s);
    all.spawn("writer", [&] {
      const std::string much(10'000'000, 'm');
      const auto done = s->write(much);
      REQUIRE_FALSE(done);
      CHECK(done.error() == net::error::reset);
    });
    CHECK(read_all(*s) == "<connection reset by peer>");
    all.join();
  });
}

TEST_CASE("a peer that stops reading stops the writer, and one that goes on lets it go on") {
  task::simulation{}.run([] {
    world w;
    task::scope all{"all"};
    net::listener l = w.server.listen(80);
    bool written = false;
    all.spawn("server", [&] {
      net::stream s = l.accept();
      const std::string much = pattern(500'000);
      CHECK(s.write(much));
      written = true;
    });
    auto s = w.client.connect(server_80);
    REQUIRE(s);
    task::sleep(10min);
    CHECK_FALSE(written);
    CHECK(read_all(*s) == pattern(500'000));
    CHECK(written);
    all.join();
  });
}

TEST_CASE("many connections at once") {
  task::simulation{}.run([] {
    world w{{.loss = 0.01, .reordering = 0.05, .delay = 2ms}};
    task::scope serving{"server"}, asking{"clients"};
    net::listener l = w.server.listen(80, {.backlog = 1000});
    serving.spawn("accept", [&] {
      for (;;) {
        serving.spawn("connection", [s = l.accept()]() mutable {
          std::array<std::byte, 100> buffer;
          while (const auto n = s.read(buffer)) {
            if (*n == 0) break;
            if (!s.write(std::span{buffer}.first(*n))) break;
          }
        });
      }
    });
    int good = 0;
    for (int i = 0; i < 300; ++i) {
      asking.spawn("client", [&, i] {
        auto s = w.client.connect(server_80);
        REQUIRE(s);
        for (int round = 0; round < 5; ++round) {
          const std::string text = "client " + std::to_string(i) + " round " + std::to_string(round);
          REQUIRE(s->write(text));
          std::string echo;
          while (echo.size() < text.size()) {
            std::array<char, 100> buffer;
            const auto n = s->read(std::as_writable_bytes(std::span{buffer}));
            REQUIRE(n);
            REQUIRE(*n > 0);
            echo.append(buffer.data(), *n);
          }
          CHECK(echo == text);
        }
        ++good;
      });
    }
    asking.join();
    CHECK(good == 300);
    task::sleep(5min);
    CHECK(w.client.connections() == 0);
    CHECK(w.server.connections() == 0);
    serving.cancel();
  });
}

TEST_CASE("ports: taken, free, and any") {
  task::simulation{}.run([] {
    world w;
    net::listener l = w.server.listen(80);
    CHECK_THROWS_WITH_AS((void)w.server.listen(80), "TCP port 80 is taken already", std::runtime_error);
    net::listener any = w.server.listen(0);
    CHECK(any.port() >= 49152);
    l.close();
    CHECK_THROWS_AS((void)l.accept(), std::logic_error);
    net::listener again = w.server.listen(80);
    net::udp_socket u = w.server.bind(53);
    CHECK_THROWS_AS((void)w.server.bind(53), std::runtime_error);
    CHECK(w.server.bind(0).port() >= 49152);
  });
}

TEST_CASE("closing a listener wakes the fiber that accepts") {
  task::simulation{}.run([] {
    world w;
    net::listener l = w.server.listen(80);
    task::scope all{"all"};
    all.spawn("accept", [&] { CHECK_THROWS_AS((void)l.accept(), std::logic_error); });
    task::sleep(1s);
    l.close();
    all.join();
  });
}

TEST_CASE("datagrams there and back") {
  task::simulation{}.run([] {
    world w;
    net::udp_socket there = w.server.bind(7), here = w.client.bind(0);
    task::scope all{"all"};
    all.spawn("echo", [&] {
      for (int i = 0; i < 100; ++i) {
        const auto d = there.receive();
        REQUIRE(d);
        CHECK(there.send_to(d->from, d->payload));
      }
    });
    for (int i = 0; i < 100; ++i) {
      // Some of them leave in fragments.
      const std::string text(i % 10 == 9 ? 60'000 : 9, static_cast<char>('0' + i % 64));
      CHECK(here.send_to({{10, 0, 0, 2}, 7}, std::as_bytes(std::span{text})));
      const auto d = here.receive();
      REQUIRE(d);
      CHECK(d->from == net::endpoint{{10, 0, 0, 2}, 7});
      CHECK(std::ranges::equal(d->payload, std::as_bytes(std::span{text})));
    }
    CHECK(here.send_to({{10, 0, 0, 2}, 7}, std::vector<std::byte>(65'508)).error() == net::error::invalid);
    CHECK_FALSE(task::within(1s, [&] { return here.receive(); }));
    all.join();
  });
}

TEST_CASE("a connected socket hears its peer alone, and what became of what it sent") {
  task::simulation{}.run([] {
    world w;
    const net::endpoint peer{{10, 0, 0, 2}, 7};
    const auto text = std::as_bytes(std::span{std::string_view{"text"}});
    net::udp_socket there = w.server.bind(7), stranger = w.server.bind(8), here = w.client.bind(5000);
    CHECK(here.send(text).error() == net::error::invalid);
    here.connect(peer);
    CHECK(here.send(text));
    const auto d = there.receive();
    REQUIRE(d);
    CHECK(stranger.send_to(d->from, text));
    CHECK(there.send_to(d->from, text));
    const auto answer = here.receive();
    REQUIRE(answer);
    CHECK(answer->from == peer);
    CHECK(w.client.counters()[net::counter::udp_no_port] == 1);  // the stranger's
    CHECK_FALSE(task::within(1s, [&] { return here.receive(); }));

    // A socket without a peer does not hear that nobody listens there; one with a peer does.
    CHECK(stranger.send_to({{10, 0, 0, 1}, 9}, text));
    CHECK_FALSE(task::within(1s, [&] { return stranger.receive(); }));
    here.connect({{10, 0, 0, 2}, 9});
    CHECK(here.send(text));
    CHECK(here.receive().error() == net::error::refused);
    CHECK_FALSE(task::within(1s, [&] { return here.receive(); }));  // it is told once
    here.connect({{10, 0, 0, 77}, 9});
    CHECK(here.send(text));
    task::sleep(10s);
    CHECK(here.send(text).error() == net::error::unreachable);
  });
}

TEST_CASE("what finds no room at a socket is dropped there, and counted") {
  task::simulation{}.run([] {
    world w;
    const net::endpoint there{{10, 0, 0, 2}, 7};
    net::udp_socket few = w.server.bind(7, {.datagrams = 3}), small = w.server.bind(8, {.bytes = 100});
    net::udp_socket here = w.client.bind(0);
    for (int i = 0; i < 10; ++i) {
      CHECK(here.send_to(there, std::vector<std::byte>(1)));
      CHECK(here.send_to({there.address, 8}, std::vector<std::byte>(30)));
      task::sleep(5ms);
    }
    CHECK(few.dropped() == 7);
    CHECK(small.dropped() == 7);
    for (int i = 0; i < 3; ++i) CHECK(few.receive());
    CHECK_FALSE(task::within(1s, [&] { return few.receive(); }));
  });
}

TEST_CASE("who sends more datagrams than the device takes is parked, and none is lost on the way") {
  task::simulation{}.run([] {
    world w{{.delay = 1ms}, {.transmit_depth = 4}};
    net::udp_socket there = w.server.bind(7, {.datagrams = 1000}), here = w.client.bind(0);
    CHECK(here.send_to({{10, 0, 0, 2}, 7}, {}));  // so that the neighbour is known
    CHECK(there.receive());
    for (int i = 0; i < 500; ++i) CHECK(here.send_to({{10, 0, 0, 2}, 7}, std::vector<std::byte>(20)));
    for (int i = 0; i < 500; ++i) CHECK(there.receive());
    CHECK(w.client.counters()[net::counter::device_full] == 0);
  });
}

TEST_CASE("a receiver learns that its stack has ended") {
  task::simulation{}.run([] {
    wire w;
    task::scope all{"all"};
    std::optional<net::udp_socket> left_over;
    {
      net::stack stack{w.link.left()};
      left_over = stack.bind(7);
      all.spawn("receiver", [&] { CHECK(left_over->receive().error() == net::error::closed); });
      task::sleep(1s);
    }
    all.join();
    CHECK(left_over->receive().error() == net::error::closed);
    CHECK(left_over->send_to({{10, 0, 0, 2}, 7}, {}).error() == net::error::closed);
  });
}

TEST_CASE("a stack that ends delivers what was written, and streams that outlive it are closed") {
  task::simulation{}.run([] {
    wire w;
    net::stack client{w.link.left()};
    const std::string much = pattern(60'000);
    task::scope all{"all"};
    std::optional<net::stream> left_over;
    {
      net::stack server{w.link.right()};
      net::listener l = server.listen(80);
      all.spawn("client", [&] {
        auto s = client.connect(server_80);
        REQUIRE(s);
        auto t = client.connect(server_80);
        REQUIRE(t);
        CHECK(read_all(*s) == much);
        CHECK(read_all(*t) == "<connection reset by peer>");
      });
      net::stream s = l.accept();
      left_over = l.accept();
      CHECK(s.write(much));
    }
    CHECK(left_over->write("x").error() == net::error::closed);
    std::array<std::byte, 1> buffer;
    CHECK(left_over->read(buffer).error() == net::error::closed);
    left_over.reset();
    all.join();
  });
}

TEST_CASE("a stack does not wait long for a peer that has gone") {
  task::simulation time;
  time.run([&] {
    wire w;
    net::stack client{w.link.left()};
    task::scope all{"all"};
    task::time_point began;
    {
      net::stack server{w.link.right()};
      net::listener l = server.listen(80);
      all.spawn("client", [&] {
        auto s = client.connect(server_80);
        REQUIRE(s);
        (void)read_all(*s);
      });
      net::stream s = l.accept();
      w.link.set_cut(true);
      CHECK(s.write("into the void"));
      began = task::now();
    }
    CHECK(task::now() - began == 2s);
    all.cancel();
  });
}

TEST_CASE("shutdown unwinds a server at any moment, and the last answer still arrives") {
  for (int when = 0; when < 30; ++when) {
    task::simulation time;
    std::string answer;
    CHECK_THROWS_AS(time.run([&] {
      wire w;
      net::stack client{w.link.left()};
      task::scope all{"all"};
      net::stack server{w.link.right()};
      net::listener l = server.listen(80);
      all.spawn("client", [&] {
        auto s = client.connect(server_80);
        if (s) answer = read_all(*s);
      });
      task::scope serving{"server"};
      serving.spawn("connection", [&] {
        net::stream s = l.accept();
        (void)s.write("answer");
      });
      task::sleep(when * 200us);
      time.request_shutdown();
      for (;;) task::sleep(1h);
    }),
                    task::cancelled);
    CHECK((answer.empty() || answer == "answer" || answer.starts_with("<")));
  }
}

TEST_CASE("options that make no sense are refused") {
  task::simulation{}.run([] {
    wire w;
    net::stack_options options;
    options.address = net::ipv4_interface::parse("10.0.0.255/24");
    CHECK_THROWS_AS((net::stack{w.link.left(), options}), std::runtime_error);
    net::virtual_link bad{1, {}, {.left_configuration = "ip=10.0.0.1"}};
    CHECK_THROWS_AS((net::stack{bad.left()}), std::runtime_error);
  });
}

TEST_CASE("a device that is not attached is named, with the mend") {
  static net::device<"service"> service;
  try {
    net::stack stack{service};
    FAIL("there is no such device");
  } catch (const std::runtime_error& e) {
    CHECK(std::string_view{e.what()} ==
          "device `service` is not attached: start with `aster run -p 8080:80 IMAGE` or `--net "
          "service=tap:NAME`");
  }
}

TEST_CASE("keep-alive finds a dead peer, and nothing else does") {
  task::simulation{}.run([] {
    world w;
    task::scope all{"all"};
    net::listener l = w.server.listen(80);
    all.spawn("server", [&] {
      net::stream s = l.accept();
      s.set_keep_alive(60s);
      CHECK(read_all(s) == "<timed out>");
    });
    auto s = w.client.connect(server_80);
    REQUIRE(s);
    task::sleep(10ms);
    w.link.set_cut(true);
    CHECK_FALSE(task::within(10h, [&] { return read_all(*s); }));
    all.join();
  });
}

TEST_CASE("a stack with two devices says what they are, and is a router when it is asked to") {
  task::simulation{}.run([] {
    net::link_ends far_ends;
    far_ends.left_configuration = "ip=10.0.1.1/24,gateway=10.0.1.2";
    wire near;
    net::virtual_link far{2, {.delay = 1ms}, far_ends};
    far.sent = [] { task::raise_event(); };
    task::scope carrying{"far wire"};
    carrying.spawn("far wire", [&] {
      for (;;) {
        if (far.deliver(task::now())) task::raise_event();
        task::wait_for_event(far.next_arrival());
      }
    });
    net::stack client{near.link.left()}, server{far.left()};
    net::stack router{near.link.right(), {}, "near"};
    router.attach(far.right(), {.address = net::ipv4_interface::parse("10.0.1.2/24")}, "far");
    const auto interfaces = router.interfaces();
    REQUIRE(interfaces.size() == 2);
    CHECK(interfaces[0].name == "near");
    CHECK(net::to_string(*interfaces[1].address) == "10.0.1.2/24");
    CHECK(interfaces[1].mtu == 1500);

    net::listener l = server.listen(80);
    const net::endpoint far_80{net::ipv4_address{10, 0, 1, 1}, 80};
    CHECK(client.connect(far_80).error() == net::error::unreachable);  // it knows no way there
    const net::ipv4_address by{10, 0, 0, 2};
    CHECK_FALSE(client.add_route("nothing", {.gateway = by}));
    CHECK_FALSE(client.add_route("", {.gateway = net::ipv4_address{10, 0, 9, 9}}));  // no neighbour
    CHECK(client.add_route("", {.network = *net::ipv4_interface::parse("10.0.1.0/24"), .gateway = by}));
    router.forward();
    const auto s = client.connect(far_80);
    REQUIRE(s);
    CHECK(router.counters()[net::counter::forwarded] >= 2);
    carrying.cancel();
  });
}

TEST_CASE("datagrams to a group are heard as long as somebody keeps it joined") {
  task::simulation{}.run([] {
    world w;
    const net::ipv4_address group{239, 1, 2, 3};
    net::udp_socket here = w.server.bind(9), there = w.client.bind(0);
    const auto text = std::as_bytes(std::span{std::string_view{"text"}});
    {
      const auto joined = w.server.join(group);
      CHECK(there.send_to({group, 9}, text));
      CHECK(here.receive()->payload.size() == 4);
    }
    CHECK(there.send_to({group, 9}, text));
    CHECK_FALSE(task::within(1s, [&] { return here.receive(); }));
    CHECK_THROWS_AS((void)w.server.join(net::ipv4_address{10, 0, 0, 9}), std::invalid_argument);
  });
}
