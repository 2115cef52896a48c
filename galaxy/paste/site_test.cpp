#include "site.hpp"

#include <doctest/doctest.h>

#include "aster/web/test/client.hpp"

using namespace aster;

namespace {
struct world {
  paste::shelf kept;
  decltype(paste::make_site(kept)) app = paste::make_site(kept);
  decltype(web::test::client{app}) client{app};
};
}  // namespace

TEST_CASE("a text is kept and read again, by people and by programs") {
  world w;
  CHECK(w.client.get("/p/").body.contains("action=\"/p/new\""));
  const auto kept = w.client.post_form("/p/new", {{"text", "one\n<b>two</b>\n"}});
  REQUIRE(kept.status == 303);
  const std::string where{*kept.header("location")};
  CHECK(where.starts_with("/p/"));
  const auto page = w.client.get(where);
  CHECK(page.body.contains("<li><code>&lt;b&gt;two&lt;/b&gt;</code>"));
  CHECK(w.client.get(where + "/raw").body == "one\n<b>two</b>\n");

  const auto sent = w.client.post("/p/", "text/plain", "hello");
  CHECK(sent.status == 201);
  CHECK(sent.body == "http://test.example" + std::string{*sent.header("location")} + "\n");
  CHECK(w.client.get(*sent.header("location")).body == "hello");
}

TEST_CASE("what is not there says why that may be, and what is oldest goes first") {
  world w;
  CHECK(w.client.get("/p/nothing").status == 404);
  CHECK(w.client.get("/p/nothing").body.contains("forgotten when the service sleeps"));
  const std::string first = w.kept.add(std::string(1000, 'a')).id;
  const std::string second = w.kept.add(std::string(paste::shelf::budget - 100, 'b')).id;
  CHECK(w.kept.find(first) == nullptr);
  CHECK(w.kept.find(second) != nullptr);
}
