#include <doctest/doctest.h>

#include <string>

#include "aster/task/simulation.hpp"
#include "aster/web/test/client.hpp"
#include "aster/websocket/test/client.hpp"
#include "room.hpp"

using namespace aster;

TEST_CASE("who comes later hears what was said, and all hear what is said now") {
  task::simulation{}.run([] {
    chat::room room;
    auto app = chat::make_site(room);
    websocket::test::client ann{app, "/chat/room?name=Ann"};
    CHECK(ann.receive()->data == R"({"who":"","text":"Ann is here","people":1})");
    ann.send("hello");
    CHECK(ann.receive()->data == R"({"who":"Ann","text":"hello","people":1})");
    websocket::test::client bob{app, "/chat/room?name=Bob"};
    CHECK(bob.receive()->data.contains("\"hello\""));
    CHECK(bob.receive()->data.contains("Bob is here"));
    CHECK(ann.receive()->data.contains("\"people\":2"));
    bob.hang_up();
    CHECK(ann.receive()->data.contains("Bob has left"));
  });
}

TEST_CASE("the page and its script lie below the prefix, the style does not") {
  chat::room room;
  auto app = chat::make_site(room);
  web::test::client client{app};
  const auto page = client.get("/chat/");
  CHECK(page.status == 200);
  const std::size_t at = page.body.find("/chat/chat.");
  REQUIRE(at != page.body.npos);
  const auto script = client.get(page.body.substr(at, page.body.find('"', at) - at));
  CHECK(script.status == 200);
  CHECK(script.body.contains("new WebSocket"));
  CHECK(client.get("/chat/nothing.js").status == 404);
  CHECK(client.get("/look.css").status == 200);
}
