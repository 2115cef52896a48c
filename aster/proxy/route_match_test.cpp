#include "aster/proxy/route_match.hpp"

#include <doctest/doctest.h>

using namespace aster::proxy;

TEST_CASE("a path is taken by whole segments") {
  const edge_route s{.host = "", .path = "/s", .service = "a"};
  for (const char* yes : {"/s", "/s/", "/s/x", "/s//x"}) CHECK_MESSAGE(matches(s, "h", yes), yes);
  for (const char* no : {"/", "/sun", "/S", "//s", "*", ""}) CHECK_MESSAGE(!matches(s, "h", no), no);
  const edge_route root{.host = "", .path = "/", .service = "a"};
  CHECK(matches(root, "", "/"));
  CHECK(matches(root, "", "/x"));
}

TEST_CASE("a host is compared without its port and in any case") {
  const edge_route r{.host = "chat.example", .path = "/", .service = "a"};
  for (const char* yes : {"chat.example", "Chat.Example", "chat.example:8080"})
    CHECK_MESSAGE(matches(r, yes, "/"), yes);
  for (const char* no : {"", "example", "chat.example.org", "[::1]:80"})
    CHECK_MESSAGE(!matches(r, no, "/"), no);
  CHECK(matches({.host = "[::1]", .path = "/", .service = "a"}, "[::1]:80", "/"));
}

TEST_CASE("a service behind a prefix sees what is behind it, from one slash on") {
  const edge_route kept{.host = "", .path = "/s", .service = "a", .strip = false};
  const edge_route stripped{.host = "", .path = "/s", .service = "a", .strip = true};
  const edge_route deep{.host = "", .path = "/a/b/", .service = "a", .strip = true};
  const edge_route root{.host = "", .path = "/", .service = "a", .strip = true};
  CHECK(target_behind(kept, "/s/x?y=/z") == "/s/x?y=/z");
  CHECK(target_behind(stripped, "/s/x?y=/z") == "/x?y=/z");
  CHECK(target_behind(stripped, "/s/") == "/");
  CHECK(target_behind(stripped, "/s?y") == "/?y");
  CHECK(target_behind(stripped, "/s//evil.example/") == "/evil.example/");
  CHECK(target_behind(deep, "/a/b/c") == "/c");
  CHECK(target_behind(root, "/x") == "/x");
  CHECK(lacks_slash(stripped, "/s"));
  CHECK_FALSE(lacks_slash(stripped, "/s/"));
  CHECK_FALSE(lacks_slash(kept, "/s"));
  CHECK_FALSE(lacks_slash(root, "/"));
}
