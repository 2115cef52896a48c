#include "kernel/text.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <string>

using aster::kernel::text_line;

namespace {

std::string_view seen(const text_line& line) { return {line.data(), line.size()}; }

}  // namespace

TEST_CASE("numbers are written without leading zeros, to the ends of their range") {
  text_line line;
  line.hex(0).add(' ').hex(0xf).add(' ').hex(0x10).add(' ').hex(0x123456789abcdef0).add(' ').hex(~0ull);
  CHECK(seen(line) == "0 f 10 123456789abcdef0 ffffffffffffffff");
  text_line decimal;
  decimal.decimal(0).add(' ').decimal(10).add(' ').decimal(~0ull);
  CHECK(seen(decimal) == "0 10 18446744073709551615");
  text_line negative;
  negative.signed_decimal(0).add(' ').signed_decimal(-1).add(' ').signed_decimal(std::numeric_limits<std::int64_t>::min());
  CHECK(seen(negative) == "0 -1 -9223372036854775808");
}

TEST_CASE("what cannot be printed does not break the line") {
  text_line line;
  line.printable("a\nb\x7f\x80\xff~ ").printable({"\0", 1});
  CHECK(seen(line) == "a?b???~ ?");
}

TEST_CASE("encoded text holds no space, no percent sign and no control character") {
  text_line line;
  line.encoded("a b%\n\x7f\x80~");
  CHECK(seen(line) == "a%20b%25%0a%7f%80~");
}

TEST_CASE("a line that is full stays as it is, and no escape is cut in two") {
  constexpr std::size_t most = aster::abi::control_line_limit - 1;
  text_line line;
  line.add(std::string(5000, 'x')).add('y').hex(1).decimal(2).printable("z").encoded(" ");
  CHECK(seen(line) == std::string(most, 'x'));
  for (std::size_t before = most - 3; before <= most; ++before) {
    text_line cut;
    cut.add(std::string(before, 'x')).encoded("  ");
    CHECK(seen(cut) == std::string(before, 'x') + (before + 3 <= most ? "%20" : ""));
  }
}
