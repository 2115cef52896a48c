#include "aster/web/route.hpp"

#include <doctest/doctest.h>

using namespace aster;

namespace {

struct colour {
  enum { red, green } which;
  static std::optional<colour> parse(std::string_view text) {
    if (text == "red") return colour{red};
    if (text == "green") return colour{green};
    return std::nullopt;
  }
  std::string_view text() const { return which == red ? "red" : "green"; }
};

constexpr web::route<"/"> home;
constexpr web::route<"/{id}", web::slug> link;
constexpr web::route<"/links/{id}/edit"> edit;
constexpr web::route<"/files/{path...}"> files;
constexpr web::route<"/paint/{with}", colour> paint;
constexpr web::route<"/search?{q}&{page?}&{tag*}", std::string, int, std::string> search;
constexpr web::route<"/?{page?}", int> paged_home;
constexpr web::route<"/about/"> about;

}  // namespace

TEST_CASE("a route makes the urls that it matches") {
  CHECK(home() == "/");
  CHECK(link("xvw") == "/xvw");
  CHECK(web::href<link>("xvw") == "/xvw");
  CHECK(link(*web::slug::parse("a-b_9")) == "/a-b_9");
  CHECK(edit("a b/c?d") == "/links/a%20b%2Fc%3Fd/edit");
  CHECK(files("css/über.css") == "/files/css/%C3%BCber.css");
  CHECK(paint(colour{colour::green}) == "/paint/green");
  CHECK(about() == "/about/");
}

TEST_CASE("what may be missing from a query may be left out of a link") {
  CHECK(search("a&b") == "/search?q=a%26b");
  CHECK(search("a b", 2) == "/search?q=a+b&page=2");
  CHECK(search("x", std::nullopt, std::vector<std::string>{"c++", "os"}) == "/search?q=x&tag=c%2B%2B&tag=os");
  CHECK(paged_home() == "/");
  CHECK(paged_home(3) == "/?page=3");
}

TEST_CASE("a mounted route has its prefix") {
  constexpr web::under<"/admin", decltype(link)> outside;
  CHECK(outside("x") == "/admin/x");
  constexpr web::under<"/admin", decltype(home)> root;
  CHECK(root() == "/admin");
}

TEST_CASE("values are read strictly") {
  CHECK(web::value<int>::parse("42") == 42);
  CHECK(web::value<int>::parse("-7") == -7);
  CHECK(web::value<int>::parse("0") == 0);
  for (const char* text : {"", "+1", "007", "-0", "1x", " 1", "99999999999", "0x10"})
    CHECK_MESSAGE(!web::value<int>::parse(text), text);
  CHECK(!web::value<unsigned>::parse("-1"));
  CHECK(web::slug::parse("xvw-1"));
  for (const char* text : {"", "a.b", "ü", "a b", "a/b"}) CHECK_MESSAGE(!web::slug::parse(text), text);
  CHECK(!web::slug::parse(std::string(129, 'a')));
  CHECK(web::slug::of(std::string{"xvw-1"}).text() == "xvw-1");
  CHECK_THROWS_WITH_AS(web::slug::of("a b"), "no slug: a b", std::invalid_argument);
  const auto id = web::uuid::parse("F81D4FAE-7dec-11d0-a765-00a0c91e6bf6");
  REQUIRE(id);
  CHECK(id->text() == "f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
  for (const char* text : {"f81d4fae7dec-11d0-a765-00a0c91e6bf6", "f81d4fae-7dec-11d0-a765-00a0c91e6bfg", ""})
    CHECK_MESSAGE(!web::uuid::parse(text), text);
}

TEST_CASE("a pattern says what is wrong with it") {
  for (const char* text : {"", "x", "//", "/a//b", "/{", "/{}", "/x{id}", "/{id}x", "/{a...}/b", "/{a}/{a}",
                           "/a b", "/%41", "/..", "/a?q", "/a?{q}&", "/a?{q}&{q}", "/a?{}"})
    CHECK_MESSAGE(web::parse_pattern(text).error != nullptr, text);
  for (const char* text : {"/", "/a", "/a/", "/{a}", "/{a}/", "/{a...}", "/a.b/{c}?{d?}&{e*}", "/?{a}"})
    CHECK_MESSAGE(web::parse_pattern(text).error == nullptr, text);
}

TEST_CASE("percent-encoding is undone or refused") {
  CHECK(web::decode("a%20b%2f", web::url_part::segment) == "a b/");
  CHECK(web::decode("a+b", web::url_part::segment) == "a+b");
  CHECK(web::decode("a+b", web::url_part::parameter) == "a b");
  for (const char* text : {"%", "%2", "%2x", "%x2", "ab%"})
    CHECK_MESSAGE(!web::decode(text, web::url_part::path), text);
}
