#include "host/crunch/identifier.hpp"

#include <doctest/doctest.h>

#include <utility>

using namespace aster::host::crunch;

TEST_CASE("a file's name becomes a name in C++") {
  const std::pair<const char*, const char*> table[] = {
      {"style.css", "style_css"},
      {"app-2.min.js", "app_2_min_js"},
      {"LICENSE", "LICENSE"},
      {"404.html", "_404_html"},
      {"new", "new_"},
      {"static", "static_"},
      {"xor_eq", "xor_eq_"},
      {"linux", "linux_"},
      {"a  b--c__d", "a_b_c_d"},
      {"größe.css", "gr_e_css"},
      {"_Private", "x_Private"},
      {"-Big.css", "x_Big_css"},
      {"__init__.py", "_init_py"},
      {".", "_"},
      {"星", "_"},
  };
  for (const auto& [part, name] : table) {
    CAPTURE(part);
    CHECK(identifier_of(part) == name);
    CHECK(is_identifier(identifier_of(part)));
  }
}

TEST_CASE("what can be a name is told from what cannot") {
  for (const char* name : {"a", "assets", "_a", "_1", "A_b9"}) CHECK(is_identifier(name));
  for (const char* name : {"", "1a", "a-b", "a b", "a.b", "a::b", "namespace", "_A", "a__b", "größe"}) {
    CAPTURE(name);
    CHECK_FALSE(is_identifier(name));
  }
}
