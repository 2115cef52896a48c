#include "aster/web/json.hpp"

#include <doctest/doctest.h>

#include <string>

#include "aster/web/media_type.hpp"
#include "aster/web/problem.hpp"
#include "aster/web/test/client.hpp"

using namespace aster;

namespace {

struct new_link {
  std::string target;
  std::optional<web::slug> id;
};
struct link {
  std::string id, target;
  int clicks = 0;
};
constexpr web::route<"/links"> links;
constexpr web::route<"/strict"> strict;

}  // namespace

TEST_CASE("a handler takes JSON and returns it") {
  web::app app{
      web::post(links,
                [](web::json<new_link> sent) {
                  return web::json(link{sent->id ? std::string{sent->id->text()} : "new", sent->target},
                                   http::status::created);
                }),
      web::get(links, [] { return web::json(std::vector{link{"a", "/", 1}}); }),
      web::post(strict, [](web::json<new_link, {.strict = true}> sent) { return sent->target; }),
  };
  web::test::client client{app};
  const auto made =
      client.post("/links", "application/json; charset=utf-8", R"({"target":"/x","id":"xvw","more":1})");
  CHECK(made.status == 201);
  CHECK(made.header("content-type") == "application/json");
  CHECK(made.body == R"({"id":"xvw","target":"/x","clicks":0})");
  CHECK(client.get("/links").body == R"([{"id":"a","target":"/","clicks":1}])");
  CHECK(client.post("/links", "application/vnd.x+json", R"({"target":"/x"})").status == 201);

  SUBCASE("what is sent as anything else is not looked at") {
    for (const char* type : {"text/plain", "application/x-www-form-urlencoded", "application/jsonx", "+json"})
      CHECK(client.post("/links", type, R"({"target":"/x"})").status == 415);
    CHECK(client.send("POST", "/links", {}, R"({"target":"/x"})").status == 415);
  }
  SUBCASE("what is wrong is answered with the name of the field") {
    const auto missing = client.post("/links", "application/json", R"({"id":"x"})");
    CHECK(missing.status == 422);
    CHECK(missing.header("content-type") == "application/problem+json");
    CHECK(missing.body == R"({"title":"Unprocessable Content","status":422,"detail":"target is missing",)"
                          R"("field":"target","line":1,"column":10})");
    const auto bad = client.post("/links", "application/json", R"({"target":"","id":"a b"})");
    CHECK(bad.status == 422);
    CHECK(bad.body.contains("\"field\":\"id\""));
    const auto broken = client.post("/links", "application/json", "{");
    CHECK(broken.status == 400);
    CHECK(broken.body.contains("the text is not JSON: "));
    CHECK(client.post("/links", "application/json", "").status == 400);
    CHECK(client.post("/strict", "application/json", R"({"target":"/","more":1})")
              .body.contains("more is unknown"));
  }
}

TEST_CASE("parameters of media types") {
  CHECK(web::is_media_type("Text/HTML ; charset=x", "text/html"));
  CHECK(web::parameter_of("a/b; Boundary=x", "boundary") == "x");
  CHECK(web::parameter_of("a/b; c=d ; boundary=\"x \\\" y\"", "boundary") == "x \" y");
  CHECK(web::parameter_of("a/b; boundary=x;", "boundary") == "x");
  CHECK(!web::parameter_of("a/b", "boundary"));
  CHECK(!web::parameter_of("a/b; boundary=x; boundary=x", "boundary"));
  CHECK(!web::parameter_of("a/b; boundary = x", "boundary"));
  CHECK(!web::parameter_of("a/b; boundary=x y", "boundary"));
  CHECK(!web::parameter_of("a/b; boundary=\"x", "boundary"));
  CHECK(!web::parameter_of("a/b; boundary=", "boundary"));
}

TEST_CASE("a problem of the program's own is a document like the framework's") {
  constexpr static web::route<"/"> home;
  web::app app{web::get(home, [] {
    return web::problem{.status = http::status::conflict,
                        .detail = "taken",
                        .field = "id",
                        .suggestion = "xvw-1"};
  })};
  const auto reply = web::test::client{app}.get("/");
  CHECK(reply.status == 409);
  CHECK(reply.header("content-type") == "application/problem+json");
  CHECK(reply.body == R"({"title":"Conflict","status":409,"detail":"taken","field":"id","suggestion":"xvw-1"})");
}
