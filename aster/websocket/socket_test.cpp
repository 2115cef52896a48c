#include "aster/websocket/socket.hpp"

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>

#include "aster/task/clock.hpp"
#include "aster/task/deadline.hpp"
#include "aster/task/scope.hpp"
#include "aster/task/simulation.hpp"
#include "aster/websocket/accept.hpp"
#include "aster/websocket/test/client.hpp"

using namespace aster;
using namespace std::chrono_literals;
using namespace std::string_literals;
using websocket::close_code;
using websocket::closing;
using websocket::message;
using websocket::message_type;
using websocket::opcode;

namespace {

constexpr web::route<"/"> home;

using handler = std::function<void(websocket::socket&)>;

/// An application of one WebSocket and its client, in virtual time.
struct conversation {
  handler use;
  websocket::options options{};
  websocket::test::client_options client{};

  void run(const std::function<void(websocket::test::client_base&)>& talk) {
    task::simulation world;
    world.run([&] {
      web::app app{web::get(home, [this](const web::request& req) {
        return websocket::accept(req, [this](websocket::socket& ws) { use(ws); }, options);
      })};
      websocket::test::client ws{app, "/", client};
      REQUIRE(ws.answer().status == 101);
      talk(ws);
    });
  }
};

void echo(websocket::socket& ws) {
  while (const auto m = ws.receive())
    if (!ws.send(*m)) break;
}

message text(std::string_view data) { return {message_type::text, std::string{data}}; }
message binary(std::string_view data) { return {message_type::binary, std::string{data}}; }

const web::test::fields compressing{
    {"Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"}};

}  // namespace

TEST_CASE("messages are received and sent, of both types") {
  conversation{echo}.run([](auto& ws) {
    ws.send("Hello");
    CHECK(ws.receive() == text("Hello"));
    const std::string bytes = "\xff\x00\xfe"s;
    ws.send(std::as_bytes(std::span{bytes}));
    CHECK(ws.receive() == binary("\xff\x00\xfe"s));
    ws.send("");
    CHECK(ws.receive() == text(""));
    const std::string large(300'000, 'x');
    ws.send(large);
    CHECK(ws.receive() == text(large));
    ws.send_frame(opcode::text, "frag", {.is_last = false});
    ws.send_frame(opcode::ping, "in between");
    ws.send_frame(opcode::continuation, "ment");
    CHECK(ws.receive() == text("fragment"));
    ws.close(close_code::normal, "bye");
    CHECK(ws.ended() == closing{close_code::normal, ""});
  });
}

TEST_CASE("compressed, with context and without, and not when it does not help") {
  for (const bool keeps_context : {false, true}) {
    conversation{echo, {.compression = {.keeps_context = keeps_context}}, {.headers = compressing}}.run(
        [](auto& ws) {
          for (int round = 0; round < 3; ++round) {
            for (const std::size_t size : {0u, 1u, 255u, 256u, 5000u, 200'000u}) {
              const std::string message = "Hello " + std::string(size, 'x');
              ws.send(message);
              CHECK(ws.receive() == text(message));
            }
            std::string noise;
            for (std::uint32_t i = 1; noise.size() < 3000; i = i * 1664525u + 1013904223u)
              noise += static_cast<char>(i >> 24);
            ws.send(std::as_bytes(std::span{noise}));
            CHECK(ws.receive() == binary(noise));
          }
          ws.close();
          CHECK(ws.ended()->code == close_code::normal);
        });
  }
}

TEST_CASE("a ping is answered with what it said, the latest at least, while the handler is busy") {
  conversation{[](websocket::socket& ws) {
    task::sleep(5s);
    ws.send("awake");
    CHECK(!ws.receive());
  }}.run([](auto& ws) {
    ws.send_frame(opcode::ping, "are you there?");
    ws.send_frame(opcode::pong, "unsolicited");
    task::sleep(1s);
    for (int i = 0; i < 1000; ++i) ws.send_frame(opcode::ping, std::to_string(i));
    CHECK(ws.receive() == text("awake"));
    CHECK(ws.pongs().front() == "are you there?");
    CHECK(ws.pongs().back() == "999");
    ws.close();
  });
}

TEST_CASE("every close code that a client may send is echoed") {
  for (const unsigned code :
       {1000u, 1001u, 1002u, 1003u, 1007u, 1008u, 1009u, 1010u, 1011u, 1012u, 3000u, 3999u, 4000u, 4999u}) {
    std::optional<closing> seen;
    conversation{[&](websocket::socket& ws) {
      while (ws.receive()) {
      }
      seen = ws.ended();
      CHECK(!ws.is_open());
      CHECK(!ws.send("too late"));
    }}.run([&](auto& ws) {
      ws.close(static_cast<close_code>(code), "reason");
      CHECK(ws.ended() == closing{static_cast<close_code>(code), ""});
    });
    CHECK(seen == closing{static_cast<close_code>(code), "reason"});
  }
}

TEST_CASE("what a client does wrong ends the connection with a code that says so") {
  struct {
    const char* what;
    std::string bytes;
    close_code code;
  } const table[] = {
      {"an empty close", "\x88\x80\x01\x02\x03\x04"s, close_code::none},
      {"not masked", "\x81\x02hi", close_code::protocol_error},
      {"reserved opcode", "\x83\x80"s, close_code::protocol_error},
      {"compression that was not agreed on", "\xc1\x80"s, close_code::protocol_error},
      {"no UTF-8", "\x81\x81\x01\x02\x03\x04\xfe", close_code::invalid_payload},
      {"too large", "\x82\xff\x00\x00\x00\x00\x7f\xff\xff\xff\x00\x00\x00\x00"s, close_code::message_too_big},
  };
  for (const auto& [what, bytes, code] : table) {
    CAPTURE(what);
    std::optional<closing> seen;
    conversation{[&](websocket::socket& ws) {
      CHECK(ws.receive() == text("before"));
      CHECK(!ws.receive());
      seen = ws.ended();
    }}.run([&](auto& ws) {
      ws.send("before");
      ws.send_raw(bytes);
      CHECK(!ws.receive());
      CHECK(ws.ended()->code == code);
    });
    CHECK(seen->code == code);
  }
}

TEST_CASE("the handler closes, and what comes in after that is dropped") {
  conversation{[](websocket::socket& ws) {
    CHECK(ws.receive() == text("a"));
    ws.close(static_cast<close_code>(4001), "enough");
    ws.close(close_code::normal);
    CHECK(!ws.receive());
    CHECK(!ws.send("x"));
    CHECK(!ws.post("x"));
  }}.run([](auto& ws) {
    for (const char* each : {"a", "b", "c", "d"}) ws.send(each);
    CHECK(!ws.receive());
    CHECK(ws.ended() == closing{static_cast<close_code>(4001), "enough"});
  });
}

TEST_CASE("what came before the client's close is still answered, but not for ever") {
  conversation{echo}.run([](auto& ws) {
    for (const char* each : {"a", "b", "c"}) ws.send(each);
    ws.send_frame(opcode::close, "\x03\xe8");
    for (const char* each : {"a", "b", "c"}) CHECK(ws.receive() == text(each));
    CHECK(!ws.receive());
    CHECK(ws.ended()->code == close_code::normal);
  });
  task::time_point at{};
  conversation{[&](websocket::socket& ws) {
    CHECK(ws.receive() == text("subscribe"));
    while (ws.send("news")) task::sleep(100ms);
    at = task::now();
  }}.run([](auto& ws) {
    ws.send("subscribe");
    ws.close();
  });
  CHECK(at.time_since_epoch() == 2s);
  conversation{[&](websocket::socket& ws) {
    while (ws.send("news")) task::sleep(100ms);
    at = task::now();
  }}.run([](auto& ws) { ws.close(); });
  CHECK(at.time_since_epoch() <= 100ms);
}

TEST_CASE("a reason that is too long is cut between characters, and wrong codes are refused") {
  std::string reason;
  while (reason.size() < 200) reason += "\xe2\x82\xac";
  conversation{[&](websocket::socket& ws) {
    CHECK_THROWS_AS(ws.close(close_code::broken_off), std::invalid_argument);
    CHECK_THROWS_AS(ws.close(static_cast<close_code>(999)), std::invalid_argument);
    CHECK_THROWS_AS(ws.send("\xff"), std::invalid_argument);
    ws.close(close_code::policy_violation, reason);
  }}.run([&](auto& ws) {
    CHECK(!ws.receive());
    CHECK(ws.ended() == closing{close_code::policy_violation, reason.substr(0, 123)});
  });
}

TEST_CASE("a handler that returns has closed, with all that it sent before") {
  conversation{[](websocket::socket& ws) {
    for (int i = 0; i < 100; ++i) ws.send(std::to_string(i));
  }}.run([](auto& ws) {
    for (int i = 0; i < 100; ++i) CHECK(ws.receive() == text(std::to_string(i)));
    CHECK(!ws.receive());
    CHECK(ws.ended()->code == close_code::normal);
  });
}

TEST_CASE("a handler that throws is noted, and the client told that it was the server") {
  conversation{[](websocket::socket&) { throw std::runtime_error("no such room"); }}.run([](auto& ws) {
    CHECK(!ws.receive());
    CHECK(ws.ended()->code == close_code::internal_error);
  });
}

TEST_CASE("a client that hangs up without a word") {
  std::optional<closing> seen;
  conversation{[&](websocket::socket& ws) {
    while (ws.receive()) {
    }
    seen = ws.ended();
  }}.run([](auto& ws) { ws.hang_up(); });
  CHECK(seen == closing{close_code::broken_off, ""});
}

TEST_CASE("a silent client is asked whether it is there, and given up when it is not") {
  std::optional<closing> seen;
  task::time_point at{};
  const handler listen = [&](websocket::socket& ws) {
    while (ws.receive()) {
    }
    seen = ws.ended();
    at = task::now();
  };
  SUBCASE("it is") {
    conversation{listen}.run([](auto& ws) {
      for (int i = 0; i < 6; ++i) {
        static_cast<void>(task::within(9s, [&] { return ws.receive(); }));
        task::sleep(6s);
      }
      CHECK(ws.pings() == 2);
      ws.close();
    });
    CHECK(seen->code == close_code::normal);
  }
  SUBCASE("it is not") {
    conversation{listen}.run([](auto&) { task::sleep(1h); });
    CHECK(seen->code == close_code::broken_off);
    CHECK(at.time_since_epoch() == 50s);
  }
}

TEST_CASE("a client that does not read parks who sends, and is given up in the end") {
  task::time_point at{};
  conversation{[&](websocket::socket& ws) {
    const std::string part(10'000, 'x');
    int sent = 0;
    while (ws.send(part)) ++sent;
    CHECK(sent < 50);  // limits::pending, and what the wire holds
    at = task::now();
    CHECK(ws.ended()->code == close_code::broken_off);
  }}.run([](auto&) { task::sleep(1h); });
  CHECK(at.time_since_epoch() == 30s);
}

TEST_CASE("who posts to a client that does not read is never parked") {
  conversation{[&](websocket::socket& ws) {
    CHECK(ws.receive());
    const std::string part(10'000, 'x');
    int sent = 0;
    while (ws.post(part)) ++sent;
    CHECK(sent == 27);  // the first that begins above 256 KiB is one too many
    CHECK(task::now().time_since_epoch() == 0s);
    CHECK(!ws.receive());
  }}.run([](auto& ws) {
    ws.send("go on");
    task::sleep(1s);
    CHECK_THROWS_AS(ws.send("x"), std::runtime_error);
  });
}

TEST_CASE("several fibers send, each in its order") {
  conversation{[](websocket::socket& ws) {
                 task::scope all;
                 for (int fiber = 0; fiber < 3; ++fiber)
                   all.spawn("sender", [&ws, fiber] {
                     for (int i = 0; i < 200; ++i)
                       REQUIRE(ws.send(std::to_string(fiber) + std::string(2000, 'x') + std::to_string(i)));
                   });
                 all.join();
               },
               {.limits = {.pending = 10'000}}}
      .run([](auto& ws) {
        std::array<int, 3> next{};
        for (int i = 0; i < 600; ++i) {
          const auto m = ws.receive();
          REQUIRE(m);
          const auto fiber = static_cast<std::size_t>(m->data[0] - '0');
          CHECK(m->data.substr(2001) == std::to_string(next[fiber]++));
        }
        CHECK(!ws.receive());
      });
}

TEST_CASE("a client that does not answer the close frame is not waited for long") {
  task::time_point at{};
  conversation{[](websocket::socket&) {}}.run([&](auto& ws) {
    task::sleep(10s);
    ws.hang_up();
    at = task::now();
  });
  CHECK(at.time_since_epoch() == 10s);
}

TEST_CASE("a program that stops says that it goes away, and lets the handler unwind first") {
  bool unwound = false;
  task::simulation world;
  world.run([&] {
    http::memory_connection wire;
    task::scope server{"server"};
    server.spawn("connection", [&] {
      websocket::socket ws{wire.server(), {}};
      ws.run([&](websocket::socket& s) {
        struct leaving {
          bool& flag;
          ~leaving() { flag = true; }
        } const when_left{unwound};
        echo(s);
      });
    });
    task::yield();
    server.cancel();
    std::array<std::byte, 100> buffer;
    const auto got = wire.client().read(buffer);
    REQUIRE(got.has_value());
    CHECK(std::string_view{reinterpret_cast<const char*>(buffer.data()), *got} == "\x88\x02\x03\xe9");
    CHECK(unwound);
    // Without an answer it waits two seconds, no longer.
    server.join();
    CHECK(world.now().time_since_epoch() == 2s);
  });
}

TEST_CASE("an offer that the server refuses is no WebSocket") {
  task::simulation world;
  world.run([] {
    web::app app{web::get(home, [](const web::request& req) { return websocket::accept(req, echo); })};
    websocket::test::client ws{app, "/", {.headers = {{"Origin", "https://evil.example"}}}};
    CHECK(ws.answer().status == 403);
    CHECK_THROWS(ws.receive());
  });
}
