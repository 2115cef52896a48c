#include <doctest/doctest.h>

#include "aster/web/test/client.hpp"
#include "links.hpp"

using namespace aster;

namespace {
struct world {
  memory_store links;
  std::random_device random;
  decltype(shortener::make_site(links, random)) app = shortener::make_site(links, random);
  decltype(web::test::client{app}) client{app};
};
}  // namespace

TEST_CASE("a link is made, followed, counted and deleted, all below its prefix") {
  world w;
  const auto made = w.client.post_form("/s/", {{"target", "example.org/page"}, {"name", "xvw"}});
  REQUIRE(made.status == 303);
  const std::string secret{*made.header("location")};
  CHECK(secret.starts_with("/s/links/xvw/"));
  CHECK(w.client.get(secret).body.contains("http://test.example/s/xvw"));
  CHECK(w.client.get(secret, {{"X-Forwarded-Proto", "https"}}).body.contains("https://test.example/s/xvw"));
  CHECK(w.client.get("/s/xvw").header("location") == "https://example.org/page");
  CHECK(w.client.get("/s/").body.contains("1 visit<"));
  CHECK(w.client.get("/s/links/xvw").status == 200);
  CHECK_FALSE(w.client.get("/s/links/xvw").body.contains("Delete"));
  CHECK(w.client.post_form("/s/links/xvw/0123456789012345678901/delete", {}).status == 404);
  CHECK(w.client.post_form(secret + "/delete", {}).header("location") == "/s/");
  CHECK(w.client.get("/s/xvw").status == 404);
}

TEST_CASE("what will not do is said, and what was typed is still there") {
  world w;
  const auto wrong = w.client.post_form("/s/", {{"target", "javascript:alert(1)"}, {"name", ""}});
  CHECK(wrong.status == 422);
  CHECK(wrong.body.contains("value=\"javascript:alert(1)\""));
  CHECK(wrong.body.contains("role=\"alert\""));
  w.client.post_form("/s/", {{"target", "example.org"}, {"name", "xvw"}});
  CHECK(w.client.post_form("/s/", {{"target", "example.org"}, {"name", "xvw"}}).status == 409);
}
