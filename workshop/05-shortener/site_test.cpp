// The whole site, driven in memory.
#include "site.hpp"

#include <doctest/doctest.h>

#include "aster/web/test/client.hpp"
#include "memory_store.hpp"

using namespace aster;

namespace {

struct world {
  memory_store links;
  std::random_device random;
  decltype(make_site(links, random)) site = make_site(links, random);
  decltype(web::test::client{site}) client{site};

  explicit world(std::size_t budget = 1024 * 1024) : links(budget) {}

  /// Makes a link by the form; the path of its secret page.
  std::string create(std::string target, std::string name = {}) {
    const auto reply = client.post_form("/", {{"target", std::move(target)}, {"name", std::move(name)}});
    REQUIRE(reply.status == 303);
    return std::string{*reply.header("location")};
  }
};

}  // namespace

TEST_CASE("a link is made, followed and counted") {
  world w;
  const std::string secret = w.create("example.org/page", "xvw");
  CHECK(secret.starts_with("/links/xvw/"));
  CHECK(w.client.get(secret).body.contains("Your link is ready."));
  const auto follow = w.client.get("/xvw");
  CHECK(follow.status == 302);
  CHECK(follow.header("location") == "https://example.org/page");
  CHECK(follow.header("cache-control") == "no-store");
  CHECK(w.client.get("/XVW").status == 302);
  CHECK(w.client.head("/xvw").status == 302);
  CHECK(w.links.find("xvw")->visits == 3);
  CHECK(w.client.get("/links/xvw").body.contains("<dd>3</dd>"));
  CHECK(w.client.get("/nothing").status == 404);
}

TEST_CASE("a link without a name gets one that cannot be misread") {
  world w;
  const std::string page = w.create("example.org");
  const std::string id = page.substr(7, page.find('/', 7) - 7);
  CHECK(id.size() >= 4);
  CHECK(id.find_first_not_of("23456789bcdfghjkmnpqrstvwxyz") == std::string::npos);
}

TEST_CASE("a taken name is answered with a free one") {
  world w;
  w.create("example.org", "xvw");
  const auto reply = w.client.post_form("/", {{"target", "example.com"}, {"name", "XVW"}});
  CHECK(reply.status == 409);
  CHECK(reply.body.contains("How about “xvw-1”?"));
  CHECK(reply.body.contains("value=\"xvw-1\""));
  CHECK(reply.body.contains("value=\"example.com\""));
  w.create("example.com", "xvw-1");
  CHECK(w.client.post_form("/", {{"target", "example.com"}, {"name", "xvw"}}).body.contains("“xvw-2”"));
}

TEST_CASE("what will not do is said beside the field, and nothing typed is lost") {
  world w;
  for (const auto& [target, name, why] :
       std::initializer_list<std::array<const char*, 3>>{{"", "", "Where should the link lead?"},
                                                         {"javascript:alert(1)", "", "http or https"},
                                                         {"http://me@example.org", "", "user name"},
                                                         {"test.example/xvw", "", "round in a circle"},
                                                         {"intranet", "", "no dot"},
                                                         {"example.org", "a", "2 to 40"},
                                                         {"example.org", "a b", "letters from a to z"},
                                                         {"example.org", "api", "site's own"}}) {
    const auto reply = w.client.post_form("/", {{"target", target}, {"name", name}});
    CHECK_MESSAGE(reply.status == 422, target);
    CHECK_MESSAGE(reply.body.contains(why), target);
    CHECK(reply.body.contains(std::string{"value=\""} + target + "\""));
  }
  CHECK(w.links.size() == 0);
  CHECK(w.client.post_form("/", {{"target", "x"}}).status == 422);
}

TEST_CASE("only the secret changes and deletes") {
  world w;
  const std::string secret = w.create("example.org", "xvw");
  const std::string wrong = "/links/xvw/0123456789012345678901";
  CHECK(w.client.get(wrong).status == 404);
  CHECK(w.client.post_form(wrong, {{"target", "evil.example"}}).status == 404);
  CHECK(w.client.post_form(wrong + "/delete", {}).status == 404);
  CHECK(!w.client.get("/links/xvw").body.contains("Change this link"));

  CHECK(w.client.post_form(secret, {{"target", "example.net"}}).status == 303);
  CHECK(w.client.get("/xvw").header("location") == "https://example.net/");
  CHECK(w.client.post_form(secret, {{"target", "ftp://example.net"}}).status == 422);
  CHECK(w.client.get("/xvw").header("location") == "https://example.net/");
  CHECK(w.client.post_form(secret + "/delete", {}).body.contains("is gone"));
  CHECK(w.client.get("/xvw").status == 404);
}

TEST_CASE("hostile text is shown as text") {
  world w;
  w.create("example.org/?q=<script>alert(1)</script>&\"'", "x1");
  for (const char* path : {"/", "/links/x1", "/?q=%3Cscript%3E%22"})
    CHECK_MESSAGE(!w.client.get(path).body.contains("<script>"), path);
}

TEST_CASE("the list can be searched, ordered and leafed through") {
  world w;
  for (int i = 0; i < 45; ++i) w.create("example.org/" + std::to_string(i), "n-" + std::to_string(i));
  for (int i = 0; i < 3; ++i) static_cast<void>(w.client.get("/n-7"));
  CHECK(w.client.get("/").body.contains("Page 1 of 3"));
  CHECK(w.client.get("/").body.find(">n-44<") != std::string::npos);
  CHECK(w.client.get("/?page=3").body.contains("</span>n-0</a>"));
  CHECK(w.client.get("/?q=ORG/44").body.contains("1 link<"));
  CHECK(w.client.get("/?by=visits").body.find("</span>n-7</a>") <
        w.client.get("/?by=visits").body.find("</span>n-8</a>"));
  CHECK(w.client.get("/?page=99999999").status == 200);
  CHECK(w.client.get("/?by=nonsense").status == 400);
  CHECK(w.client.get("/?by=nonsense").body ==
        "the parameter 'by' should be newest, visits, name or last-visit\n");
}

TEST_CASE("a full table says so and loses nothing") {
  world w{2000};
  int made = 0;
  while (w.client.post_form("/", {{"target", "example.org/" + std::to_string(made)}, {"name", ""}}).status ==
         303)
    ++made;
  CHECK(made >= 2);
  CHECK(w.client.post_form("/", {{"target", "example.org"}, {"name", ""}}).status == 507);
  CHECK(w.client.post("/api/links", "application/json", R"({"target":"example.org"})").status == 507);
  CHECK(w.links.size() == static_cast<std::size_t>(made));
}

TEST_CASE("the API makes, shows, lists, changes and deletes") {
  world w;
  const auto made = w.client.post("/api/links", "application/json", R"({"target":"example.org","id":"xvw"})");
  CHECK(made.status == 201);
  CHECK(made.header("location") == "/api/links/xvw");
  CHECK(made.body.contains(R"("url":"http://test.example/xvw")"));
  const std::string secret = w.links.find("xvw")->secret;
  CHECK(made.body.contains(secret));
  CHECK(!w.client.get("/api/links/xvw").body.contains(secret));
  CHECK(!w.client.get("/api/links").body.contains(secret));
  CHECK(w.client.get("/api/links?q=none").body == R"({"links":[],"found":0})");

  const auto taken =
      w.client.post("/api/links", "application/json", R"({"target":"example.org","id":"xvw"})");
  CHECK(taken.status == 409);
  CHECK(taken.body == R"({"title":"Conflict","status":409,"detail":"“xvw” is taken. How about “xvw-1”?",)"
                      R"("field":"id","suggestion":"xvw-1"})");
  const auto wrong = w.client.post("/api/links", "application/json", R"({"target":7})");
  CHECK(wrong.status == 422);
  CHECK(wrong.body.contains("target"));

  const web::test::fields mine{{"Authorization", "Bearer " + secret}, {"Content-Type", "application/json"}};
  const web::test::fields other{{"Authorization", "Bearer nonsense"}, {"Content-Type", "application/json"}};
  const char* change = R"({"target":"example.net"})";
  CHECK(w.client.send("PATCH", "/api/links/xvw", {{"Content-Type", "application/json"}}, change).status ==
        401);
  CHECK(w.client.send("PATCH", "/api/links/xvw", other, change).status == 403);
  CHECK(w.client.send("PATCH", "/api/links/xvw", mine, change).status == 200);
  CHECK(w.links.find("xvw")->target == "https://example.net/");
  CHECK(w.client.send("DELETE", "/api/links/xvw", other, {}).status == 403);
  CHECK(w.client.send("DELETE", "/api/links/xvw", mine, {}).status == 204);
  CHECK(w.client.send("DELETE", "/api/links/xvw", mine, {}).status == 404);
  CHECK(w.client.send("PUT", "/api/links/xvw", mine, {}).header("allow") ==
        "GET, HEAD, DELETE, OPTIONS, PATCH");
}

TEST_CASE("only a proxy that is trusted says whether a visitor speaks TLS") {
  world w;
  w.create("example.org", "xvw");
  const web::test::fields says_tls{{"X-Forwarded-Proto", "https"}};
  CHECK(w.client.get("/api/links/xvw", says_tls).body.contains(R"("url":"http://test.example/xvw")"));
  auto behind_proxy = make_site(w.links, w.random, {net::ip_address{}});  // whence all of memory comes
  web::test::client client{behind_proxy};
  CHECK(client.get("/api/links/xvw", says_tls).body.contains(R"("url":"https://test.example/xvw")"));
  CHECK(client.get("/api/links/xvw").body.contains(R"("url":"http://test.example/xvw")"));
}

TEST_CASE("all errors of the API have one form, whatever the client accepts") {
  world w;
  w.create("example.org", "xvw");
  const char* target = R"({"target":"example.net"})";
  const web::test::fields typed{{"Content-Type", "application/json"}, {"Accept", "text/html"}};
  const web::test::fields wrong{
      {"Content-Type", "application/json"}, {"Accept", "*/*"}, {"Authorization", "Bearer nonsense"}};
  for (const auto& [reply, status] : {
           std::pair{w.client.get("/api/links/nothing"), 404},
           std::pair{w.client.get("/api/nothing/at/all", {{"Accept", "text/html"}}), 404},
           std::pair{w.client.get("/api/links?page=x"), 400},
           std::pair{w.client.send("PUT", "/api/links/xvw", typed, "{}"), 405},
           std::pair{w.client.send("DELETE", "/api/links/xvw", {}, {}), 401},
           std::pair{w.client.send("DELETE", "/api/links/xvw", wrong, {}), 403},
           std::pair{w.client.send("PATCH", "/api/links/xvw", wrong, target), 403},
           std::pair{w.client.post("/api/links", "text/plain", target), 415},
           std::pair{w.client.send("POST", "/api/links", typed, "{"), 400},
           std::pair{w.client.send("POST", "/api/links", typed, R"({"target":""})"), 422},
           std::pair{w.client.send("POST", "/api/links", typed, R"({"target":"a.b","id":"api"})"), 422},
       }) {
    CAPTURE(reply.body);
    CHECK(reply.status == status);
    CHECK(reply.header("content-type") == "application/problem+json");
    CHECK(reply.body.contains("\"status\":" + std::to_string(status)));
    CHECK(reply.body.starts_with("{\"title\":\""));
  }
  CHECK(w.client.send("DELETE", "/api/links/xvw", {}, {}).header("www-authenticate")->starts_with("Bearer"));
  CHECK(w.client.send("POST", "/api/links", typed, R"({"target":""})").body.contains(R"("field":"target")"));
}

TEST_CASE("assets and the QR code are there") {
  world w;
  w.create("example.org", "xvw");
  const std::string page = w.client.get("/").body;
  for (const char* start : {"/style.", "/enhance.", "/favicon.", "/openapi."}) {
    const std::size_t at = page.find(start);
    REQUIRE(at != std::string::npos);
    const auto file = w.client.get(page.substr(at, page.find('"', at) - at));
    CHECK(file.status == 200);
    CHECK(file.header("cache-control")->contains("immutable"));
  }
  const auto code = w.client.get("/links/xvw/qr.svg");
  CHECK(code.header("content-type") == "image/svg+xml");
  CHECK(code.body.starts_with("<svg"));
}
