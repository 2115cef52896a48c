#include <doctest/doctest.h>

#include <chrono>
#include <stdexcept>
#include <string>

#include "aster/task/clock.hpp"
#include "aster/task/simulation.hpp"
#include "aster/web/authorization.hpp"
#include "aster/web/cors.hpp"
#include "aster/web/events.hpp"
#include "aster/web/proxies.hpp"
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
  web::app app{
      web::wrap(web::cors{.origins = {"https://a.example"}, .exposed = "X-Total", .credentials = true}),
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
  web::app wrong{web::wrap(web::cors{.origins = {"*"}, .credentials = true}),
                 web::get(home, [] { return "x"; })};
  CHECK(web::test::client{wrong}.get("/", {{"Origin", "https://a.example"}}).status == 500);
}

TEST_CASE("a client has its burst, then its rate, and others are not touched") {
  task::simulation world;
  world.run([] {
    web::rate_limit limit{{.requests = 6, .per = 1min, .burst = 3}};
    const net::ip_address ada{10, 0, 0, 1}, bob{10, 0, 0, 2};
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

TEST_CASE("a client of IPv6 is a network of 64 bits") {
  task::simulation world;
  world.run([] {
    web::rate_limit limit{{.requests = 1, .per = 1min, .burst = 1}};
    CHECK(limit.take(net::ipv6_address{0x2001, 0xdb8, 0, 1, 0, 0, 0, 1}) == 0s);
    CHECK(limit.take(net::ipv6_address{0x2001, 0xdb8, 0, 1, 7, 7, 7, 7}) > 0s);
    CHECK(limit.take(net::ipv6_address{0x2001, 0xdb8, 0, 2, 0, 0, 0, 1}) == 0s);
  });
}

TEST_CASE("the table of clients is bounded and forgets the one that was silent longest") {
  task::simulation world;
  world.run([] {
    web::rate_limit limit{{.requests = 1, .per = 1min, .burst = 1, .clients = 2}};
    const net::ip_address a{1, 1, 1, 1}, b{2, 2, 2, 2}, c{3, 3, 3, 3};
    CHECK(limit.take(a) == 0s);
    CHECK(limit.take(b) == 0s);
    CHECK(limit.take(a) > 0s);
    CHECK(limit.take(c) == 0s);  // b is forgotten
    CHECK(limit.take(a) > 0s);
    CHECK(limit.take(b) == 0s);
  });
}

TEST_CASE("too many requests are told when to come again") {
  web::app app{web::wrap(web::rate_limit{{.requests = 1, .per = 1min, .burst = 1}}),
               web::get(home, [] { return "x"; })};
  web::test::client client{app};
  CHECK(client.get("/").status == 200);
  const auto reply = client.get("/");
  CHECK(reply.status == 429);
  CHECK(reply.header("retry-after") == "60");
  const auto for_program = client.get("/", {{"Accept", "application/json"}});
  CHECK(for_program.body == R"({"title":"Too Many Requests","status":429})");
  CHECK(for_program.header("retry-after") == "60");
}

TEST_CASE("a proxy is believed when it is trusted, and as far as it can know") {
  // In memory everybody is "::".
  const net::ip_address peer{}, proxy{10, 0, 0, 1};
  const web::proxies nobody, one{peer}, two{peer, proxy};
  struct shown {
    std::string nobody, one, two;
  } seen;
  web::app app{web::get(home, [&](const web::request& req) {
    seen = {to_string(nobody.client(req)), to_string(one.client(req)), to_string(two.client(req))};
    return one.is_secure(req) ? nobody.is_secure(req) ? "believes anybody" : "secure" : "open";
  })};
  web::test::client client{app};
  const auto ask = [&](const web::test::fields& headers) { return client.get("/", headers).body; };

  CHECK(ask({}) == "open");
  CHECK(seen.one == "::");
  ask({{"X-Forwarded-For", "203.0.113.7"}});
  CHECK(seen.nobody == "::");
  CHECK(seen.one == "203.0.113.7");
  ask({{"X-Forwarded-For", "6.6.6.6, 203.0.113.7"}});  // the first is the client's own word
  CHECK(seen.one == "203.0.113.7");
  ask({{"X-Forwarded-For", "6.6.6.6"}, {"X-Forwarded-For", "203.0.113.7 ,10.0.0.1"}});
  CHECK(seen.one == "10.0.0.1");
  CHECK(seen.two == "203.0.113.7");
  ask({{"X-Forwarded-For", "6.6.6.6, 2001:DB8::1"}});
  CHECK(seen.one == "2001:db8::1");
  ask({{"X-Forwarded-For", "6.6.6.6, unknown"}});
  CHECK(seen.one == "::");
  ask({{"X-Forwarded-For", "6.6.6.6, "}});
  CHECK(seen.one == "::");

  CHECK(ask({{"X-Forwarded-Proto", "https"}}) == "secure");
  CHECK(ask({{"X-Forwarded-Proto", "https, http"}}) == "open");
  CHECK(ask({{"X-Forwarded-Proto", "https"}, {"X-Forwarded-Proto", "http"}}) == "open");
}

TEST_CASE("proxies are read from a text") {
  CHECK(!web::proxies::of("").trust({}));
  const auto two = web::proxies::of("10.0.2.2, 10.0.2.3");
  CHECK(two.trust({10, 0, 2, 2}));
  CHECK(two.trust({10, 0, 2, 3}));
  CHECK(!two.trust({10, 0, 2, 4}));
  const auto networks = web::proxies::of("10.1.0.0/16,2001:db8::/32 ::1");
  CHECK(networks.trust({10, 1, 255, 1}));
  CHECK(!networks.trust({10, 2, 0, 1}));
  CHECK(networks.trust(net::ipv6_address{0x2001, 0xdb8, 7, 7, 7, 7, 7, 7}));
  CHECK(!networks.trust(net::ipv6_address{0x2001, 0xdb9, 0, 0, 0, 0, 0, 1}));
  CHECK(networks.trust(net::ipv6_address{0, 0, 0, 0, 0, 0, 0, 1}));
  CHECK_THROWS_WITH_AS(web::proxies::of("10.0.2.2 proxy"), "no address of a proxy: proxy",
                       std::invalid_argument);
}

TEST_CASE("clients behind a trusted proxy have a bucket each") {
  web::app app{
      web::wrap(web::rate_limit{{.requests = 1, .per = 1min, .burst = 1, .trusted = {net::ip_address{}}}}),
      web::get(home, [] { return "x"; })};
  web::test::client client{app};
  const auto from = [&](const char* who) { return client.get("/", {{"X-Forwarded-For", who}}).status; };
  CHECK(from("203.0.113.7") == 200);
  CHECK(from("203.0.113.7") == 429);
  CHECK(from("203.0.113.8") == 200);
  CHECK(from("203.0.113.9, 203.0.113.8") == 429);
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
  CHECK(
      reply.body ==
      ":\n\nevent: news\nid: 7\ndata: one\ndata: two\ndata: three\ndata: four\n\ndata: \n\nretry: 1500\n\n");
}

TEST_CASE("each request has an id of its own") {
  web::app app{web::wrap(web::name_requests), web::get(home, [] { return "x"; })};
  web::test::client client{app};
  const std::string first{*client.get("/").header("x-request-id")};
  CHECK(first.size() == 16);
  CHECK(first != *client.get("/").header("x-request-id"));
}
