#include "host/crunch/declaration.hpp"

#include <doctest/doctest.h>

using namespace aster::host::crunch;

TEST_CASE("an array has a string for each line") {
  CHECK(declare("foo_txt", "foo\n", {}) ==
        "inline constexpr std::array<std::string_view, 1> foo_txt{\n"
        "    std::string_view{\"\\x66\\x6f\\x6f\\x0a\", 4},\n"
        "};\n");
  CHECK(declare("x", "abcde", {.columns = 2}) ==
        "inline constexpr std::array<std::string_view, 3> x{\n"
        "    std::string_view{\"\\x61\\x62\", 2},\n"
        "    std::string_view{\"\\x63\\x64\", 2},\n"
        "    std::string_view{\"\\x65\", 1},\n"
        "};\n");
}

TEST_CASE("a list has a type without a number") {
  CHECK(declare("x", "ab", {.kind = container::list}) ==
        "inline constexpr std::initializer_list<std::string_view> x{\n"
        "    std::string_view{\"\\x61\\x62\", 2},\n"
        "};\n");
}

TEST_CASE("a string is one, on as many lines") {
  CHECK(declare("x", std::string_view{"a\0b", 3}, {.kind = container::string, .columns = 2}) ==
        "inline constexpr std::string_view x{\n"
        "    \"\\x61\\x00\"\n"
        "    \"\\x62\",\n"
        "    3};\n");
}

TEST_CASE("hex digits can be in upper case, and bytes above 127 are bytes") {
  CHECK(declare("x", "\xff\n", {.kind = container::string, .is_uppercase = true}).contains("\"\\xFF\\x0A\""));
}

TEST_CASE("comments show printable characters, and never take the next line into them") {
  CHECK(declare("x", "a\\b\\\n", {.columns = 3, .has_comments = true}) ==
        "inline constexpr std::array<std::string_view, 2> x{\n"
        "    std::string_view{\"\\x61\\x5c\\x62\", 3},  // a.b\n"
        "    std::string_view{\"\\x5c\\x0a\", 2},      // ..\n"
        "};\n");
}

TEST_CASE("an empty file is an empty constant") {
  CHECK(declare("x", "", {}) == "inline constexpr std::array<std::string_view, 0> x{};\n");
  CHECK(declare("x", "", {.kind = container::list}) ==
        "inline constexpr std::initializer_list<std::string_view> x{};\n");
  CHECK(declare("x", "", {.kind = container::string}) == "inline constexpr std::string_view x{};\n");
}

TEST_CASE("a string longer than compilers must take is none to warn of") {
  CHECK(declare("x", std::string(65'536, 'a'), {.kind = container::string}).contains("overlength"));
  CHECK_FALSE(declare("x", std::string(65'535, 'a'), {.kind = container::string}).contains("overlength"));
}
