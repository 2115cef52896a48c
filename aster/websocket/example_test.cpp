// The examples of docs/websocket.md.
#include <doctest/doctest.h>

#include <string>

#include "aster/task/simulation.hpp"
#include "aster/websocket.hpp"
#include "aster/websocket/test/client.hpp"

using namespace aster;

namespace {

constexpr web::route<"/chat?{name}", std::string> chat;

/// What is said in it is heard by all who are there.
web::response enter(const web::request& req, const std::string& name, websocket::room& everybody) {
  return websocket::accept(req, [name, &everybody](websocket::socket& ws) {
    const auto here = everybody.enter(ws);
    everybody.post(name + " is here");
    while (const auto m = ws.receive()) {
      if (m->is_text())
        everybody.post(name + ": " + m->data);
      else
        ws.close(websocket::close_code::unsupported_data, "texts only");
    }
    everybody.post(name + " is gone", &ws);
  });
}

auto make_app(websocket::room& everybody) {
  return web::app{
      web::get(chat, [&](const web::request& req, std::string name) { return enter(req, name, everybody); }),
  };
}

}  // namespace

TEST_CASE("who is in the chat hears what the others say") {
  task::simulation world;  // seconds pass at once
  world.run([] {
    websocket::room everybody;
    auto app = make_app(everybody);
    websocket::test::client ann{app, "/chat?name=Ann"};
    CHECK(ann.receive()->data == "Ann is here");
    websocket::test::client bob{app, "/chat?name=Bob"};
    CHECK(ann.receive()->data == "Bob is here");
    CHECK(bob.receive()->data == "Bob is here");
    bob.send("hello");
    CHECK(ann.receive()->data == "Bob: hello");
    bob.hang_up();
    CHECK(ann.receive()->data == "Bob is gone");
    ann.send(std::as_bytes(std::span{"\xff\xfe"}));
    CHECK(!ann.receive());
    CHECK(ann.ended()->code == websocket::close_code::unsupported_data);
  });
}
