#include "aster/websocket/utf8.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>

using namespace aster::websocket;
using namespace std::string_literals;

namespace {

/// Where the text goes wrong: at which byte, or at its end; nothing when it does not. Byte by byte.
std::optional<std::size_t> first_wrong(std::string_view text) {
  utf8_checker checker;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (!checker.accepts(text.substr(i, 1))) return i;
  if (!checker.is_complete()) return text.size();
  return std::nullopt;
}

std::string encoded(std::uint32_t c) {
  const auto byte = [](std::uint32_t b) { return static_cast<char>(b); };
  if (c < 0x80) return {byte(c)};
  if (c < 0x800) return {byte(0xc0 | c >> 6), byte(0x80 | (c & 63))};
  if (c < 0x10000) return {byte(0xe0 | c >> 12), byte(0x80 | (c >> 6 & 63)), byte(0x80 | (c & 63))};
  return {byte(0xf0 | c >> 18), byte(0x80 | (c >> 12 & 63)), byte(0x80 | (c >> 6 & 63)),
          byte(0x80 | (c & 63))};
}

}  // namespace

TEST_CASE("every character is accepted, and no surrogate") {
  for (std::uint32_t c = 0; c <= 0x10ffff; ++c) {
    const bool is_surrogate = c >= 0xd800 && c <= 0xdfff;
    if (is_utf8(encoded(c)) == is_surrogate) FAIL("U+", c);
  }
  CHECK(!is_utf8("\xf4\x90\x80\x80"));  // U+110000
}

TEST_CASE("no two or three bytes are accepted but the characters that they encode") {
  std::size_t accepted = 0;
  for (unsigned a = 0x80; a < 0x100; ++a)
    for (unsigned b = 0; b < 0x100; ++b) {
      accepted += is_utf8({std::string{static_cast<char>(a), static_cast<char>(b)}});
      if (a >= 0xe0)
        for (unsigned c = 0x80; c < 0x100; ++c)
          accepted += is_utf8(std::string{static_cast<char>(a), static_cast<char>(b), static_cast<char>(c)});
    }
  CHECK(accepted == (0x800 - 0x80) + (0x10000 - 0x800 - 0x800));
}

TEST_CASE("a wrong byte is found when it comes") {
  struct {
    std::string text;
    std::optional<std::size_t> wrong_at;
  } const table[] = {
      {"", {}},
      {"Hello-\xc2\xb5@\xc3\x9f\xc3\xb6\xc3\xa4\xc3\xbc\xc3\xa0\xc3\xa1-UTF-8!!", {}},
      {"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5", {}},
      {"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xf4\x90\x80\x80\x65\x64\x69\x74\x65\x64", 12},
      {"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80\x65", 12},  // surrogate
      {"\x80", 0},
      {"\xbf", 0},
      {"12345678\x80", 8},
      {"\xc0\xaf", 0},          // overlong
      {"\xc1\xbf", 0},          // overlong
      {"\xe0\x80\xaf", 1},      // overlong
      {"\xe0\x9f\xbf", 1},      // overlong
      {"\xf0\x80\x80\xaf", 1},  // overlong
      {"\xf0\x8f\xbf\xbf", 1},  // overlong
      {"\xf8\x88\x80\x80\x80", 0},
      {"\xfc\x84\x80\x80\x80\x80", 0},
      {"\xfe", 0},
      {"\xff", 0},
      {"\xc2", 1},
      {"\xe2\x82", 2},
      {"\xf0\x9f\x98", 3},
      {"\xc2\x41", 1},
      {"\xe2\x82\x41", 2},
      {"\xef\xbf\xbf", {}},      // U+FFFF is no character, but well encoded
      {"\xf4\x8f\xbf\xbf", {}},  // U+10FFFF
      {"a\0b"s, {}},
  };
  for (const auto& [text, wrong_at] : table) {
    CAPTURE(text);
    CHECK(first_wrong(text) == wrong_at);
    CHECK(is_utf8(text) == !wrong_at);
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
      utf8_checker checker;
      const std::string_view all{text};
      CHECK((checker.accepts(all.substr(0, cut)) && checker.accepts(all.substr(cut)) &&
             checker.is_complete()) == !wrong_at);
    }
  }
}
