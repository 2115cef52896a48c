#include "aster/http/grammar.hpp"

#include <doctest/doctest.h>

#include <string>

namespace http = aster::http;
using namespace std::string_view_literals;

TEST_CASE("a control is found wherever it is, whatever lies around it") {
  for (char around : {'a', ' ', '\t', '!', '~', '\x80', '\xff'}) {
    for (std::size_t size = 1; size <= 20; ++size) {
      for (std::size_t at = 0; at < size; ++at) {
        for (int byte = 0; byte < 256; ++byte) {
          std::string text(size, around);
          text[at] = static_cast<char>(byte);
          const std::size_t expected = http::is_control(text[at]) ? at : size;
          REQUIRE(http::find_control(text, 0) == expected);
          REQUIRE(http::find_control(text, at) == expected);
          REQUIRE(http::find_control(text, at + 1) == size);
        }
      }
    }
  }
  CHECK(http::find_control("", 0) == 0);
  CHECK(http::find_control("\r\n", 0) == 0);
  CHECK(http::find_control("abc\t\t\t\t\t\t\t\rdef\n", 0) == 10);
}

TEST_CASE("controls are those of RFC 9110 and nothing else") {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    CHECK(http::is_control(c) == ((byte < 0x20 && byte != '\t') || byte == 0x7f));
  }
}

TEST_CASE("token characters are those of RFC 9110 §5.6.2") {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const bool alphanumeric =
        (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
    CHECK(http::is_token_char(c) == (alphanumeric || others.contains(c)));
  }
  CHECK(http::is_token("Content-Length"));
  CHECK(!http::is_token(""));
  CHECK(!http::is_token("a b"));
}

TEST_CASE("only letters have two cases") {
  CHECK(http::equals_ignoring_case("Content-LENGTH", "content-length"));
  CHECK(!http::equals_ignoring_case("content_length", "content-length"));
  CHECK(!http::equals_ignoring_case("@[`{", "`{@["));
  CHECK(!http::equals_ignoring_case("a", "ab"));
  CHECK(!http::equals_ignoring_case("\xc4", "\xe4"));  // not ours to know
}

TEST_CASE("a list has one element more than commas") {
  const auto elements = [](std::string_view list) {
    std::string all;
    std::string_view element;
    for (bool more = true; http::next_element(list, more, element);)
      all.append("<").append(element).append(">");
    return all;
  };
  CHECK(elements("a, b ,c") == "<a><b><c>");
  CHECK(elements("") == "<>");
  CHECK(elements("a,,b,") == "<a><><b><>");
  CHECK(elements("\t a\t") == "<a>");
}
