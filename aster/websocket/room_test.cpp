#include "aster/websocket/room.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>

#include "aster/task/clock.hpp"
#include "aster/task/simulation.hpp"
#include "aster/websocket/accept.hpp"
#include "aster/websocket/test/client.hpp"

using namespace aster;
using namespace std::chrono_literals;
using websocket::message;
using websocket::message_type;

namespace {

constexpr web::route<"/"> home;

message text(std::string_view data) { return {message_type::text, std::string{data}}; }

}  // namespace

TEST_CASE("who is in a room hears what is said there, also compressed, and leaves by hanging up") {
  task::simulation world;
  world.run([] {
    websocket::room everybody;
    web::app app{web::get(home, [&](const web::request& req) {
      return websocket::accept(req, [&](websocket::socket& ws) {
        const auto here = everybody.enter(ws);
        while (const auto m = ws.receive()) everybody.post(*m, m->is_binary() ? &ws : nullptr);
      });
    })};
    {
      websocket::test::client a{app, "/"};
      websocket::test::client b{app, "/", {.headers = {{"Sec-WebSocket-Extensions", "permessage-deflate"}}}};
      websocket::test::client c{app, "/", {.headers = {{"Sec-WebSocket-Extensions", "permessage-deflate"}}}};
      task::sleep(1ms);
      CHECK(everybody.size() == 3);
      const std::string large(2000, 'x');
      for (const std::string& said : {std::string{"hello"}, large}) {
        a.send(said);
        CHECK(a.receive() == text(said));
        CHECK(b.receive() == text(said));
        CHECK(c.receive() == text(said));
      }
      b.send(std::as_bytes(std::span{large}));
      CHECK(a.receive()->is_binary());
      CHECK(c.receive()->data == large);
      c.send("next");
      CHECK(b.receive() == text("next"));  // and not what it had sent itself
      b.close();
      CHECK(everybody.size() == 2);
      c.hang_up();
      CHECK(everybody.size() == 1);
    }
    CHECK(everybody.empty());
  });
}

TEST_CASE("who does not listen holds up nobody and is put out") {
  task::simulation world;
  world.run([&] {
    websocket::room everybody;
    web::app app{web::get(home, [&](const web::request& req) {
      return websocket::accept(req, [&](websocket::socket& ws) {
        const auto here = everybody.enter(ws);
        while (const auto m = ws.receive()) everybody.post(*m);
      });
    })};
    websocket::test::client talker{app, "/"}, sleeper{app, "/"};
    const std::string large(50'000, 'x');
    for (int i = 0; i < 20; ++i) {
      talker.send(large);
      CHECK(talker.receive() == text(large));
    }
    CHECK(everybody.size() == 1);
    CHECK(world.now().time_since_epoch() == 0s);
    talker.close();
  });
}
