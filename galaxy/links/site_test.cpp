#include "site.hpp"

#include <doctest/doctest.h>

#include "aster/web/test/client.hpp"

using namespace aster;

TEST_CASE("links are listed, searched and sorted by topic") {
  auto app = links::make_site();
  web::test::client client{app};
  CHECK(client.get("/links/").body.contains("RFC 9293"));
  CHECK(client.get("/links/").body.contains("MirageOS"));
  const auto found = client.get("/links/?q=websocket");
  CHECK(found.body.contains("RFC 6455"));
  CHECK_FALSE(found.body.contains("RFC 9293"));
  const auto systems = client.get("/links/?topic=systems");
  CHECK(systems.body.contains("MirageOS"));
  CHECK_FALSE(systems.body.contains("RFC 9110"));
  CHECK(client.get("/links/?q=%3Cscript%3E").body.contains("Nothing matches."));
  CHECK_FALSE(client.get("/links/?q=%3Cscript%3E").body.contains("<script>"));
  CHECK(client.get("/links").header("location") == "/links/");
}
