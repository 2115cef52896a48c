#include "aster/web/cookie.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "aster/web/base64url.hpp"
#include "aster/web/test/client.hpp"

using namespace aster;
using namespace std::literals;

TEST_CASE("a cookie says all that browsers know") {
  CHECK(web::cookie{.name = "a", .value = "b"}.text() == "a=b; Path=/; Secure; HttpOnly; SameSite=Lax");
  CHECK(web::cookie{.name = "__Host-a",
                    .value = "b",
                    .max_age = 1h,
                    .expires = std::chrono::sys_seconds{784111777s},
                    .same_site = web::same_site::none,
                    .partitioned = true}
            .text() ==
        "__Host-a=b; Path=/; Max-Age=3600; Expires=Sun, 06 Nov 1994 08:49:37 GMT; Secure; HttpOnly; "
        "SameSite=None; Partitioned");
  CHECK(web::cookie{.name = "a",
                    .value = "",
                    .path = "/x",
                    .domain = "example.org",
                    .secure = false,
                    .http_only = false,
                    .same_site = web::same_site::strict}
            .text() == "a=; Path=/x; Domain=example.org; SameSite=Strict");
  CHECK(
      web::forgotten("a", "/x").text().contains("Path=/x; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT"));
}

TEST_CASE("what a browser would drop is refused") {
  const std::vector<web::cookie> bad{
      {.name = "", .value = "b"},
      {.name = "a b", .value = "b"},
      {.name = "a=", .value = "b"},
      {.name = "a", .value = "b;c"},
      {.name = "a", .value = "b c"},
      {.name = "a", .value = "b\r\nX: y"},
      {.name = "a", .value = "\xc3\xbc"},
      {.name = "a", .value = std::string(4096, 'b')},
      {.name = "a", .value = "b", .path = "x"},
      {.name = "a", .value = "b", .path = "/;Domain=x"},
      {.name = "a", .value = "b", .domain = "a b"},
      {.name = "a", .value = "b", .secure = false, .same_site = web::same_site::none},
      {.name = "a", .value = "b", .secure = false, .partitioned = true},
      {.name = "__Secure-a", .value = "b", .secure = false},
      {.name = "__Host-a", .value = "b", .secure = false},
      {.name = "__host-a", .value = "b", .path = "/x"},
      {.name = "__Host-a", .value = "b", .domain = "x"},
  };
  for (const web::cookie& each : bad) {
    CAPTURE(each.name);
    CAPTURE(each.value);
    CHECK_THROWS_AS((void)each.text(), std::invalid_argument);
  }
  CHECK(web::cookie{.name = "a", .value = std::string(4095, 'b')}.text().size() > 4096);
}

TEST_CASE("cookies are set by responses and read from requests") {
  constexpr web::route<"/"> home;
  web::app app{web::get(home,
                        [](const web::request& req) {
                          const std::string seen{req.cookie("theme").value_or("none")};
                          return web::text(seen)
                              .cookie({.name = "theme", .value = "dark"})
                              .cookie({.name = "b", .value = "2"});
                        }),
               web::post(home, [] { return web::text("bye").cookie(web::forgotten("theme")); })};
  web::test::client client{app};
  CHECK(client.get("/").body == "none");
  CHECK(client.get("/").body == "dark");
  CHECK(client.cookies().contains("b=2"));
  CHECK(client.post("/", "text/plain", "").status == 200);
  CHECK(!client.cookies().contains("theme"));
  CHECK(client.get("/", {{"Cookie", "x; y=1;theme = a=b ; theme=c"}}).body == "a=b");
  CHECK(client.get("/", {{"Cookie", ";;=;"}, {"Cookie", "theme=second"}}).body == "second");
}

TEST_CASE("base64url has one text for the same bytes") {
  CHECK(web::to_base64url("") == "");
  CHECK(web::to_base64url("f") == "Zg");
  CHECK(web::to_base64url("fo") == "Zm8");
  CHECK(web::to_base64url("foo") == "Zm9v");
  CHECK(web::to_base64url("\xfb\xff") == "-_8");
  for (std::size_t size = 0; size < 70; ++size) {
    std::string bytes;
    for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(i * 37 + size);
    CHECK(web::from_base64url(web::to_base64url(bytes)) == bytes);
  }
  for (const char* bad : {"Z", "Zg==", "Zh", "Zm9", "Z+8v", "Zg ", "Zm9vZ"}) CHECK(!web::from_base64url(bad));
}
