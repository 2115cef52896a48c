#include "aster/net/wire/checksum.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "aster/net/siphash.hpp"
#include "aster/net/wire/bytes_test.hpp"

using namespace aster::net;
using namespace aster::net::wire;

TEST_CASE("the example of RFC 1071") {
  checksum sum;
  sum.add(hex("00 01 f2 03 f4 f5 f6 f7"));
  CHECK(sum.folded() == 0xddf2);
  CHECK(sum.value() == static_cast<std::uint16_t>(~0xddf2));
}

TEST_CASE("a sum over pieces is the sum over their concatenation, whatever their lengths") {
  random_source random{{1, 1}};
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::byte> all(random.below(200));
    for (auto& b : all) b = static_cast<std::byte>(random.below(4) == 0 ? 255 : random.below(256));
    std::uint32_t plain = 0;
    for (std::size_t i = 0; i < all.size(); ++i)
      plain += static_cast<std::uint32_t>(all[i]) << (i % 2 == 0 ? 8 : 0);
    while (plain > 0xffff) plain = (plain & 0xffff) + (plain >> 16);

    checksum sum;
    for (std::size_t at = 0; at < all.size();) {
      const std::size_t n = std::min<std::size_t>(all.size() - at, random.below(40));
      sum.add(bytes{all}.subspan(at, n));
      at += n;
    }
    CAPTURE(round);
    CHECK(sum.folded() == plain);
  }
}

TEST_CASE("every length up to a large frame's, from every place in a word, is summed as by its definition") {
  std::vector<std::byte> all(70'000);
  random_source random{{2, 2}};
  for (auto& b : all) b = static_cast<std::byte>(random.below(3) == 0 ? 255 : random.below(256));
  const auto check = [&](std::size_t begin, std::size_t size) {
    std::uint32_t plain = 0;
    for (std::size_t i = 0; i < size; ++i) {
      plain += static_cast<std::uint32_t>(all[begin + i]) << (i % 2 == 0 ? 8 : 0);
      plain = (plain & 0xffff) + (plain >> 16);
    }
    checksum sum;
    sum.add(bytes{all}.subspan(begin, size));
    CAPTURE(begin);
    CAPTURE(size);
    CHECK(sum.folded() == plain);
  };
  for (std::size_t begin = 0; begin < 8; ++begin)
    for (std::size_t size = 0; size < 300; ++size) check(begin, size);
  for (const std::size_t size : {1459, 1460, 1461, 1462, 1463, 8960, 65'535, 69'993}) check(5, size);
}

TEST_CASE("words of ones do not overflow what they are summed in") {
  const std::vector<std::byte> ones(std::size_t{1} << 20, std::byte{255});
  checksum sum;
  for (int i = 0; i < 16; ++i) sum.add(ones);
  CHECK(sum.folded() == 0xffff);
}

TEST_CASE("the pseudo header of either family is the sum of its words") {
  // RFC 9293 §3.1 by hand: addresses, protocol, length.
  const ip_address a{192, 168, 0, 1}, b{255, 255, 255, 255};
  checksum by_hand;
  by_hand.add(hex("c0 a8 00 01 ff ff ff ff 00 06 00 14"));
  CHECK(pseudo_header(a, b, 6, 20).folded() == by_hand.folded());
  CHECK(pseudo_header({0, 0, 0, 0}, {0, 0, 0, 0}, 17, 8).folded() == 25);
  // RFC 8200 §8.1.
  checksum six;
  six.add(
      hex("20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01 fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 02"
          "00 01 00 00 00 00 00 3a"));
  CHECK(pseudo_header(ipv6_address{0x2001, 0xdb8, 0, 0, 0, 0, 0, 1},
                      ipv6_address{0xfe80, 0, 0, 0, 0, 0, 0, 2}, 58, 65536)
            .folded() == six.folded());
}

TEST_CASE("a sum over 64 KiB of ones does not overflow") {
  const std::vector<std::byte> ones(65536, std::byte{0xff});
  checksum sum;
  for (int i = 0; i < 100; ++i) sum.add(ones);
  CHECK(sum.folded() == 0xffff);
}

TEST_CASE("data with its checksum sums to zero") {
  auto packet = hex("45 00 00 73 00 00 40 00 40 11 00 00 c0 a8 00 01 c0 a8 00 c7");
  checksum sum;
  sum.add(packet);
  CHECK(sum.value() == 0xb861);
  store16(packet, 10, sum.value());
  checksum again;
  again.add(packet);
  CHECK(again.value() == 0);
}
