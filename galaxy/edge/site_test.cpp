#include "site.hpp"

#include <doctest/doctest.h>

#include "aster/web/test/client.hpp"

using namespace aster;

TEST_CASE("the site presents every service, and has its style with it") {
  auto app = galaxy::make_site();
  web::test::client client{app};
  const auto front = client.get("/");
  CHECK(front.status == 200);
  for (const galaxy::presented& s : galaxy::services)
    CHECK(front.body.contains("<a href=\"" + std::string{s.path} + "\">" + std::string{s.name} + "</a>"));
  CHECK(front.body.contains("<a href=\"/\" aria-current=\"page\">Asterism</a>"));
  CHECK(client.get("/how").status == 200);
  CHECK(client.get("/look.css").header("content-type") == "text/css; charset=utf-8");
  CHECK(client.get("/star.svg").status == 200);
  CHECK(client.get("/galaxy.svg").header("content-type") == "image/svg+xml");
  CHECK(client.get("/s/").status == 404);
}
