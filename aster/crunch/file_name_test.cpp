#include "aster/crunch/file_name.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace aster::crunch;

TEST_CASE("hidden files and what editors leave are left out") {
  for (const char* name : {".git", ".env", ".", "..", "page.html~", "#page.html#", ".page.html.swp",
                           "page.swp", "page.bak", "page.orig", "page.tmp"}) {
    CAPTURE(name);
    CHECK(is_left_out(name));
  }
  for (const char* name : {"page.html", "a.b.c", "#", "# notes", "tmp", "bak", "~page", "größe.css"}) {
    CAPTURE(name);
    CHECK_FALSE(is_left_out(name));
  }
}

TEST_CASE("only a path whose parts may all be shown can be served") {
  for (const char* path :
       {"/a", "/a/b.css", "/a b/c", "/a..b", "/..a/b", "/größe.css", "/%2e%2e/x", "/a\\..\\b"}) {
    CAPTURE(path);
    CHECK(is_servable(path) == (std::string_view{path} != "/..a/b"));  // hidden
  }
  for (const char* path : {"", "/", "a", "//", "//a", "/a/", "/a//b", "/.", "/..", "/../a", "/a/..",
                           "/a/../../b", "/./a", "/.git/config", "/a/.env", "/a/b~"}) {
    CAPTURE(path);
    CHECK_FALSE(is_servable(path));
  }
  CHECK_FALSE(is_servable(std::string_view{"/a\0b", 4}));
}
