// libc computes the same digits in another way, so it is the judge. libc++'s std::to_chars calls what is tested.
#include <doctest/doctest.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <random>
#include <string>

namespace {

std::string by_libc(double value, std::chars_format format, int precision) {
  const char* const pattern = format == std::chars_format::fixed ? "%.*f" : "%.*e";
  std::string text(static_cast<std::size_t>(std::snprintf(nullptr, 0, pattern, precision, value)), '\0');
  std::snprintf(text.data(), text.size() + 1, pattern, precision, value);
  return text;
}

void same_as_libc(double value, int precision) {
  for (const auto format : {std::chars_format::fixed, std::chars_format::scientific}) {
    const std::string expected = by_libc(value, format, precision);
    std::string text(expected.size(), '?');
    // Exactly the room that is needed suffices, and one byte less does not.
    const auto fits = std::to_chars(text.data(), text.data() + text.size(), value, format, precision);
    const bool is_same = fits.ec == std::errc{} && fits.ptr == text.data() + text.size() && text == expected;
    if (!is_same) {
      CAPTURE(std::bit_cast<std::uint64_t>(value));
      CAPTURE(precision);
      CHECK(text == expected);
    }
    const auto too_short = std::to_chars(text.data(), text.data() + text.size() - 1, value, format, precision);
    if (too_short.ec != std::errc::value_too_large) {
      CAPTURE(expected);
      FAIL("written into too little room");
    }
  }
}

TEST_CASE("digits: doubles of every size, to any precision, as libc writes them") {
  const std::uint64_t seed = 20'261'124;
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  const auto some_precision = [&] {
    const auto kind = random() % 8;
    return static_cast<int>(kind == 0 ? random() % 1100 : kind == 1 ? random() % 60 : random() % 20);
  };
  for (int i = 0; i < 40'000; ++i) {
    const double any = std::bit_cast<double>(random() >> 1);
    if (std::isfinite(any)) same_as_libc(any, some_precision());
  }
  for (int i = 0; i < 10'000; ++i) same_as_libc(std::bit_cast<double>(random() >> 12), some_precision());  // subnormal
  for (int i = 0; i < 40'000; ++i) {  // of everyday size
    same_as_libc(std::ldexp(static_cast<double>(random() >> 11), static_cast<int>(random() % 64) - 80), some_precision());
  }
  for (int i = 0; i < 20'000; ++i) {  // few bits: many ties, and carries through nines
    const int power = static_cast<int>(random() % 40) - 20;
    same_as_libc(std::ldexp(static_cast<double>(random() % 4096), power), static_cast<int>(random() % 12));
    same_as_libc(static_cast<double>(random() % 1000) - 0.0 + 0.9999999999, static_cast<int>(random() % 12));
  }
}

TEST_CASE("digits: the ends of the range") {
  using limits = std::numeric_limits<double>;
  for (const double value : {0.0, limits::denorm_min(), limits::min(), std::nextafter(limits::min(), 0), limits::max(),
                             1.0, 0.5, 1.5, 2.5, 9.5, 0.05, 9.995, 99.5, 999999999.5, 1e9, 1e22, 1e23, 0x1p1023}) {
    for (const int precision : {0, 1, 2, 8, 9, 10, 17, 18, 308, 766, 767, 1073, 1074, 1075, 3000}) {
      same_as_libc(value, precision);
      same_as_libc(-value, precision);
    }
  }
}

TEST_CASE("digits: large whole floats, which are written nine digits at a time") {
  char text[64];
  const auto written = [&](float value) {
    return std::string(text, std::to_chars(text, text + sizeof text, value, std::chars_format::fixed).ptr);
  };
  CHECK(written(16777216.0F * 64) == "1073741824");
  CHECK(written(0x1.8p100F) == "1901475900342344102245054808064");
  CHECK(written(std::numeric_limits<float>::max()) == "340282346638528859811704183484516925440");
}

}  // namespace
