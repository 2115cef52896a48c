#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "aster/task/clock.hpp"
#include "aster/task/simulation.hpp"
#include "aster/web/authorization.hpp"
#include "aster/web/cors.hpp"
#include "aster/web/events.hpp"
#include "aster/web/rate_limit.hpp"
#include "aster/web/request_id.hpp"
#include "aster/web/test/client.hpp"

using namespace aster;
using namespace std::chrono_literals;

namespace {
constexpr web::route<"/"> home;
constexpr web::route<"/secret"> secret;
}  // namespace

TEST_CASE("cors lets the named origins read, and no other") {
  web::app app{web::wrap(web::cors{.origins = {"https://a.example"}, .exposed = "X-Total", .credentials = true}),
               web::get(home, [] { return "x"; }), web::put(home, [] { return "y"; })};
  web::test::client client{app};
  const auto allowed = client.get("/", {{"Origin", "https://a.example"}});
  CHECK(allowed.header("access-control-allow-origin") == "https://a.example");
  CHECK(allowed.header("access-control-allow-credentials") == "true");
  CHECK(allowed.header("access-control-expose-headers") == "X-Total");
  CHECK(allowed.header("vary") == "Origin");
  const auto other = client.get("/", {{"Origin", "https://b.example"}});
  CHECK(!other.header("access-control-allow-origin"));
  CHECK(other.header("vary") == "Origin");
  CHECK(!client.get("/").header("access-control-allow-origin"));
  const auto preflight = client.send(
      "OPTIONS", "/", {{"Origin", "https://a.example"}, {"Access-Control-Request-Method", "PUT"}}, {});
  CHECK(preflight.status == 204);
  CHECK(preflight.header("access-control-allow-methods")->contains("PUT"));
  CHECK(preflight.header("access-control-max-age") == "600");
}

TEST_CASE("cors for everybody has no credentials") {
  web::app app{web::wrap(web::cors{.origins = {"*"}}), web::get(home, [] { return "x"; })};
  web::test::client client{app};
  CHECK(client.get("/", {{"Origin", "https://a.example"}}).header("access-control-allow-origin") == "*");
  web::app wrong{web::wrap(web::cors{.origins = {"*"}, .credentials = true}), web::get(home, [] { return "x"; })};
  CHECK(web::test::client{wrong}.get("/", {{"Origin", "https://a.example"}}).status == 500);
}

TEST_CASE("a client has its burst, then its rate, and others are not touched") {
  task::simulation world;
  world.run([] {
    web::rate_limit limit{{.requests = 6, .per = 1min, .burst = 3}};
    const net::ipv4_address ada{10, 0, 0, 1}, bob{10, 0, 0, 2};
    for (int i = 0; i < 3; ++i) CHECK(limit.take(ada) == 0s);
    CHECK(limit.take(ada) == 10s);
    CHECK(limit.take(bob) == 0s);
    task::sleep(4s);
    CHECK(limit.take(ada) == 6s);
    task::sleep(6s);
    CHECK(limit.take(ada) == 0s);
    CHECK(limit.take(ada) == 10s);
    task::sleep(1h);
    for (int i = 0; i < 3; ++i) CHECK(limit.take(ada) == 0s);
    CHECK(limit.take(ada) > 0s);
  });
}

TEST_CASE("the table of clients is bounded and forgets the one that was silent longest") {
  task::simulation world;
  world.run([] {
    web::rate_limit limit{{.requests = 1, .per = 1min, .burst = 1, .clients = 2}};
    const net::ipv4_address a{1, 1, 1, 1}, b{2, 2, 2, 2}, c{3, 3, 3, 3};
    CHECK(limit.take(a) == 0s);
    CHECK(limit.take(b) == 0s);
    CHECK(limit.take(a) > 0s);
    CHECK(limit.take(c) == 0s);  // b is forgotten
    CHECK(limit.take(a) > 0s);
    CHECK(limit.take(b) == 0s);
  });
}

TEST_CASE("too many requests are told when to come again") {
  web::app app{web::wrap(web::rate_limit{{.requests = 1, .per = 1min, .burst = 1}}), web::get(home, [] { return "x"; })};
  web::test::client client{app};
  CHECK(client.get("/").status == 200);
  const auto reply = client.get("/");
  CHECK(reply.status == 429);
  CHECK(reply.header("retry-after") == "60");
  const auto for_program = client.get("/", {{"Accept", "application/json"}});
  CHECK(for_program.body == R"({"title":"Too Many Requests","status":429})");
  CHECK(for_program.header("retry-after") == "60");
}

TEST_CASE("credentials are read from the request or asked for") {
  web::app app{web::get(home, [](web::basic_credentials who) { return who.user + "/" + who.password; }),
               web::get(secret, [](web::bearer_token token) { return std::string{token.text}; })};
  web::test::client client{app};
  CHECK(client.get("/", {{"Authorization", "Basic YWRhOng6eQ=="}}).body == "ada/x:y");
  CHECK(client.get("/", {{"Authorization", "basic YWRhOng6eQ"}}).body == "ada/x:y");
  CHECK(client.get("/").status == 401);
  CHECK(client.get("/").header("www-authenticate")->starts_with("Basic realm="));
  for (const char* bad : {"Basic", "Basic !!!", "Basic YWRh", "Bearer x"})
    CHECK_MESSAGE(client.get("/", {{"Authorization", bad}}).status == 401, bad);
  CHECK(client.get("/secret", {{"Authorization", "Bearer t0ken"}}).body == "t0ken");
  CHECK(client.get("/secret", {{"Authorization", "Bearer "}}).status == 401);
}

TEST_CASE("secrets are compared whole") {
  CHECK(web::same_secret("abc", "abc"));
  CHECK(web::same_secret("", ""));
  for (const char* other : {"", "ab", "abd", "abcabc", "abca"}) CHECK(!web::same_secret("abc", other));
}

TEST_CASE("events are written as the standard has them") {
  web::app app{web::get(home, [] {
    return web::events([](web::event_stream& out) {
      out.send({.name = "news", .data = "one\ntwo\r\nthree\rfour", .id = "7"});
      out.send({.data = ""});
      out.retry_after(1500ms);
    });
  })};
  const auto reply = web::test::client{app}.get("/");
  CHECK(reply.header("content-type") == "text/event-stream");
  CHECK(reply.header("cache-control") == "no-store");
  CHECK(reply.body ==
        ":\n\nevent: news\nid: 7\ndata: one\ndata: two\ndata: three\ndata: four\n\ndata: \n\nretry: 1500\n\n");
}

TEST_CASE("each request has an id of its own") {
  web::app app{web::wrap(web::name_requests), web::get(home, [] { return "x"; })};
  web::test::client client{app};
  const std::string first{*client.get("/").header("x-request-id")};
  CHECK(first.size() == 16);
  CHECK(first != *client.get("/").header("x-request-id"));
}
