// The server over two whole network stacks and a wire in memory, in virtual time.
#include "aster/http/server.hpp"

#include <doctest/doctest.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abi/net_device.hpp"
#include "aster/net/stack.hpp"
#include "aster/task/clock.hpp"
#include "aster/task/deadline.hpp"
#include "aster/task/event.hpp"
#include "aster/task/introspection.hpp"
#include "aster/task/scope.hpp"
#include "aster/task/simulation.hpp"

namespace abi = aster::abi;
namespace http = aster::http;
namespace net = aster::net;
namespace task = aster::task;
using namespace std::chrono_literals;

namespace {

/// One end of a wire that loses nothing and takes no time.
class wire_end final : public abi::net_device {
 public:
  wire_end(std::uint8_t last_byte_of_mac, wire_end*& peer) : peer_(peer) {
    info_.mac = {0x52, 0x54, 0, 0, 0, last_byte_of_mac};
  }
  const abi::net_info& info() const noexcept override { return info_; }
  std::size_t receive(std::span<abi::received_frame> out) noexcept override {
    std::size_t count = 0;
    for (; count < out.size() && !arrived_.empty(); ++count) {
      held_.push_back(std::move(arrived_.front()));
      arrived_.pop_front();
      out[count] = {held_.back().header, held_.back().bytes, 0};
    }
    return count;
  }
  void release(const abi::received_frame& frame) noexcept override {
    std::erase_if(held_, [&](const packet& p) { return p.bytes.data() == frame.frame.data(); });
  }
  bool transmit(const abi::net_header& header,
                std::span<const std::span<const std::byte>> pieces) noexcept override {
    packet p{header, {}};
    for (auto piece : pieces) p.bytes.insert(p.bytes.end(), piece.begin(), piece.end());
    peer_->arrived_.push_back(std::move(p));
    task::raise_event();
    return true;
  }
  void flush() noexcept override {}

 private:
  struct packet {
    abi::net_header header;
    std::vector<std::byte> bytes;
  };
  abi::net_info info_;
  wire_end*& peer_;
  std::deque<packet> arrived_;
  std::vector<packet> held_;
};

constexpr net::endpoint server_address{net::ipv4_address{10, 0, 0, 2}, 80};

net::stack_options with_address(net::ipv4_address address) {
  net::stack_options options;
  options.address = {address, 24};
  return options;
}

/// Two machines on one wire; the first runs a server until the world is told to stop.
struct world {
  explicit world(http::options o = {}) : options(o) {}

  template <class Talk>
  void run(http::handler_reference handler, Talk&& talk) {
    simulation.run([&] {
      wire_end* a = nullptr;
      wire_end* b = nullptr;
      wire_end left{1, b}, right{2, a};
      a = &left;
      b = &right;
      net::stack clients{left, with_address({10, 0, 0, 1})};
      task::scope others{"others"};
      {
        net::stack servers{right, with_address(server_address.address.v4())};
        others.spawn("talk", [&] {
          task::shield undisturbed;  // the clients are another machine: nobody asks them to stop
          talk(clients);
          simulation.request_shutdown();
        });
        http::serve(servers.listen(80), handler, options);
        returned_at = task::now();
      }
      task::shield undisturbed;
      others.join();
    });
  }

  task::simulation simulation;
  http::options options;
  task::time_point returned_at{};
};

std::string read_answer(net::byte_stream& s, task::duration silence = 100ms) {
  std::string text;
  std::array<std::byte, 2048> buffer;
  for (;;) {
    const auto read = task::within(silence, [&] { return s.read(buffer); });
    if (!read || !read->has_value() || **read == 0) return text;
    text.append(reinterpret_cast<const char*>(buffer.data()), **read);
  }
}

/// Whether the other side has closed, within a short time.
bool is_closed(net::byte_stream& s) {
  std::array<std::byte, 16> buffer;
  const auto read = task::within(10ms, [&] { return s.read(buffer); });
  return read && (!read->has_value() || **read == 0);
}

net::stream connect(net::stack& from) {
  auto s = from.connect(server_address);
  REQUIRE(s.has_value());
  return std::move(*s);
}

const char get[] = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

void hello(const http::request&, http::response& res) { res.text("Hello\n"); }

}  // namespace

TEST_CASE("many clients are served, each in a fiber that ends with its connection") {
  world w;
  w.run(hello, [](net::stack& clients) {
    task::scope all{"all"};
    int served = 0;
    for (int i = 0; i < 100; ++i) {
      all.spawn("client", [&] {
        net::stream s = connect(clients);
        for (int j = 0; j < 3; ++j) {
          REQUIRE(s.write(std::string_view{get}).has_value());
          if (read_answer(s).ends_with("Hello\n")) ++served;
        }
      });
    }
    all.join();
    CHECK(served == 300);
    task::sleep(100ms);
    const auto fibers = task::fibers();
    CHECK(std::ranges::count(fibers, "http connection", &task::fiber_info::name) == 0);
  });
}

TEST_CASE("a handler learns who asks") {
  std::string who;
  world w;
  w.run([&](const http::request& req, http::response&) { who = net::to_string(req.remote().address); },
        [](net::stack& clients) {
          net::stream s = connect(clients);
          REQUIRE(s.write(std::string_view{get}).has_value());
          read_answer(s);
        });
  CHECK(who == "10.0.0.1");
}

TEST_CASE("a server that is stopped answers what it has begun, says that it is the last, and returns") {
  world w;
  std::string answer, idle_answer;
  std::optional<net::stream> busy, idle;
  w.run(
      [](const http::request&, http::response& res) {
        task::sleep(2s);
        res.text("done\n");
      },
      [&](net::stack& clients) {
        idle.emplace(connect(clients));
        busy.emplace(connect(clients));
        REQUIRE(busy->write(std::string_view{get}).has_value());
        task::sleep(1s);
        w.simulation.request_shutdown();
        answer = read_answer(*busy, 5s);
        idle_answer = read_answer(*idle, 5s);
        busy.reset();
        idle.reset();
      });
  CHECK(answer.contains("200 OK"));
  CHECK(answer.ends_with("done\n"));
  CHECK(idle_answer.empty());
  CHECK(w.returned_at.time_since_epoch() < 2500ms);
}

TEST_CASE("a request that takes too long does not keep a server from stopping") {
  http::options options;
  options.drain = 3s;
  world w{options};
  w.run([](const http::request&, http::response&) { task::sleep(1h); },
        [&](net::stack& clients) {
          net::stream s = connect(clients);
          REQUIRE(s.write(std::string_view{get}).has_value());
          task::sleep(1s);
          w.simulation.request_shutdown();
          CHECK(read_answer(s, 10s).empty());
        });
  CHECK(w.returned_at.time_since_epoch() >= 4s);
  CHECK(w.returned_at.time_since_epoch() < 5s);
}

TEST_CASE("a connection that was upgraded is asked to end when the server stops, and may say good-bye") {
  world w;
  std::string farewell;
  std::optional<net::stream> s;
  const auto chat = [](net::byte_stream& stream) {
    try {
      read_answer(stream, 1h);
    } catch (const task::cancelled&) {
      task::shield undisturbed;
      task::sleep(500ms);
      static_cast<void>(stream.write(std::string_view{"good-bye"}));
      throw;
    }
  };
  w.run([&](const http::request&, http::response& res) { res.upgrade("chat", chat); },
        [&](net::stack& clients) {
          s.emplace(connect(clients));
          REQUIRE(s->write(std::string_view{get}).has_value());
          CHECK(read_answer(*s).starts_with("HTTP/1.1 101 "));
          w.simulation.request_shutdown();
          farewell = read_answer(*s, 2s);
          s.reset();
        });
  CHECK(farewell == "good-bye");
  CHECK(w.returned_at.time_since_epoch() < 1s);
}

TEST_CASE("a connection that was upgraded and does not end is cut off with the rest") {
  http::options options;
  options.drain = 3s;
  world w{options};
  bool ended = false;
  const auto stubborn = [&](net::byte_stream& stream) {
    struct last_words {
      bool& done;
      ~last_words() {
        static_cast<void>(task::within(1h, [&] { task::sleep(2s); }));
        done = true;
      }
    } farewell{ended};
    read_answer(stream, 1h);
  };
  w.run([&](const http::request&, http::response& res) { res.upgrade("chat", stubborn); },
        [&](net::stack& clients) {
          net::stream s = connect(clients);
          REQUIRE(s.write(std::string_view{get}).has_value());
          read_answer(s);
          w.simulation.request_shutdown();
          CHECK(is_closed(s) == false);
          task::sleep(3s);
          CHECK(is_closed(s));
        });
  CHECK(ended);
  CHECK(w.returned_at.time_since_epoch() < 3s);
}

TEST_CASE("a client that comes when all places are taken gets that of the one silent longest") {
  http::options options;
  options.connections = 3;
  world w{options};
  w.run(hello, [](net::stack& clients) {
    std::vector<net::stream> streams;
    for (int i = 0; i < 3; ++i) {
      streams.push_back(connect(clients));
      REQUIRE(streams.back().write(std::string_view{get}).has_value());
      CHECK(read_answer(streams.back()).ends_with("Hello\n"));
    }
    // The first asks again: now the second is silent longest.
    REQUIRE(streams[0].write(std::string_view{get}).has_value());
    CHECK(read_answer(streams[0]).ends_with("Hello\n"));
    net::stream fourth = connect(clients);
    REQUIRE(fourth.write(std::string_view{get}).has_value());
    CHECK(read_answer(fourth, 3s).ends_with("Hello\n"));
    CHECK(!is_closed(streams[0]));
    CHECK(is_closed(streams[1]));
    CHECK(!is_closed(streams[2]));
  });
}

TEST_CASE("a client that is never silent hands its place over with its next answer") {
  http::options options;
  options.connections = 1;
  world w{options};
  w.run(hello, [](net::stack& clients) {
    net::stream first = connect(clients);
    const auto ask = [&] {
      REQUIRE(first.write(std::string_view{get}).has_value());
      return read_answer(first, 50ms);
    };
    CHECK(!ask().contains("Connection: close"));
    net::stream second = connect(clients);
    task::sleep(100ms);
    CHECK(ask().contains("Connection: close"));
    CHECK(is_closed(first));
    REQUIRE(second.write(std::string_view{get}).has_value());
    CHECK(read_answer(second).ends_with("Hello\n"));
  });
}

TEST_CASE("a crowd that comes at once gets no more fibers than there are places") {
  http::options options;
  options.connections = 10;
  world w{options};
  std::ptrdiff_t most = 0;
  int served = 0;
  const auto slow = [&](const http::request&, http::response& res) {
    most = std::max(most, std::ranges::count(task::fibers(), "http connection", &task::fiber_info::name));
    task::sleep(1ms);
    res.close().text("Hello\n");
  };
  w.run(slow, [&](net::stack& clients) {
    task::scope all{"all"};
    for (int i = 0; i < 100; ++i) {
      all.spawn("client", [&] {
        net::stream s = connect(clients);
        REQUIRE(s.write(std::string_view{get}).has_value());
        if (read_answer(s, 10s).ends_with("Hello\n")) ++served;
      });
    }
    all.join();
  });
  CHECK(served == 100);
  CHECK(most == 10);
}

TEST_CASE("clients that come and go in great number leave nothing behind") {
  world w;
  w.run(hello, [](net::stack& clients) {
    for (int i = 0; i < 2000; ++i) {
      net::stream s = connect(clients);
      REQUIRE(
          s.write(std::string_view{"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"}).has_value());
      REQUIRE(read_answer(s).ends_with("Hello\n"));
    }
    task::sleep(100ms);
    CHECK(std::ranges::count(task::fibers(), "http connection", &task::fiber_info::name) == 0);
  });
}

TEST_CASE("a connection's fiber needs little of its stack") {
  std::size_t deepest = 0;
  world w;
  w.run(
      [](const http::request& req, http::response& res) {
        if (req.path() == "/bug") throw std::runtime_error("unwinds");
        res.text("Hello\n");
      },
      [&](net::stack& clients) {
        net::stream s = connect(clients);
        for (int i = 0; i < 10; ++i) {
          REQUIRE(
              s.write(std::string_view{i % 2 ? "GET /bug HTTP/1.1\r\nHost: h\r\n\r\n" : get}).has_value());
          read_answer(s);
        }
        for (const auto& f : task::fibers())
          if (f.name == "http connection") deepest = std::max(deepest, f.stack_used);
      });
  MESSAGE("deepest park of a connection's fiber: ", deepest, " bytes");
  CHECK(deepest > 0);
  CHECK(deepest < 4096);
}

TEST_CASE("a connection that is silent for a second holds no stack but what it waits in") {
  constexpr std::size_t page = 4096, pages = 4;
  std::uintptr_t deep = 0;
  world w;
  w.run(
      [&](const http::request&, http::response& res) {
        std::array<char, pages * page> room;
        std::ranges::fill(room, 'x');
        asm volatile("" : : "r"(room.data()) : "memory");
        deep = reinterpret_cast<std::uintptr_t>(room.data());
        res.text("Hello\n");
      },
      [&](net::stack& clients) {
        const auto resident = [&] {
          std::array<unsigned char, pages> in{};
          REQUIRE(::mincore(reinterpret_cast<void*>(deep / page * page), pages * page, in.data()) == 0);
          return std::ranges::count_if(in, [](unsigned char one) { return (one & 1) != 0; });
        };
        net::stream s = connect(clients);
        for (int i = 0; i < 2; ++i) {
          REQUIRE(s.write(get).has_value());
          REQUIRE(read_answer(s).ends_with("Hello\n"));
          CHECK(resident() == pages);
          task::sleep(1500ms);
          CHECK(resident() == 0);
        }
      });
}
