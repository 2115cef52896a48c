#include "host/network/frame_checksum.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <random>
#include <vector>

namespace {

using namespace aster;
using namespace aster::host;

std::vector<std::byte> bytes(std::initializer_list<int> values) {
  std::vector<std::byte> all;
  for (const int v : values) all.push_back(static_cast<std::byte>(v));
  return all;
}

abi::net_header asking(std::uint16_t start, std::uint16_t offset) {
  abi::net_header header;
  header.flags = abi::net_header::needs_checksum;
  header.checksum_start = start;
  header.checksum_offset = offset;
  return header;
}

/// RFC 1071 §1, the plain way.
std::uint16_t reference(const std::vector<std::byte>& from, std::size_t start) {
  std::uint32_t total = 0;
  for (std::size_t i = start; i < from.size(); i += 2) {
    total += static_cast<std::uint32_t>(from[i]) << 8;
    if (i + 1 < from.size()) total += static_cast<std::uint32_t>(from[i + 1]);
  }
  while (total >> 16 != 0) total = (total & 0xffff) + (total >> 16);
  return static_cast<std::uint16_t>(total);
}

TEST_CASE("RFC 1071's example") {
  auto frame = bytes({0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7, 0, 0});
  REQUIRE(complete_checksum(asking(0, 8), frame));
  // Its sum is ddf2; the complement goes out.
  CHECK(frame[8] == std::byte{0x22});
  CHECK(frame[9] == std::byte{0x0d});
}

TEST_CASE("the plain way gives the same, at any length and offset") {
  std::mt19937 random(3);
  for (std::size_t size = 2; size < 200; ++size) {
    std::vector<std::byte> frame(size);
    for (auto& b : frame) b = static_cast<std::byte>(random());
    const std::size_t start = random() % (size - 1);
    const std::size_t field = start + ((random() % (size - start - 1)) & ~std::size_t{1});
    const auto complement = static_cast<std::uint16_t>(~reference(frame, start));
    REQUIRE(complete_checksum(
        asking(static_cast<std::uint16_t>(start), static_cast<std::uint16_t>(field - start)), frame));
    CHECK(frame[field] == static_cast<std::byte>(complement >> 8));
    CHECK(frame[field + 1] == static_cast<std::byte>(complement & 0xff));
  }
}

TEST_CASE("a pseudo header's sum that was left in the field is part of the result") {
  auto frame = bytes({0x12, 0x34, 0xab, 0xcd});  // the field is the first two bytes
  REQUIRE(complete_checksum(asking(0, 0), frame));
  const auto expected = static_cast<std::uint16_t>(~(0x1234 + 0xabcd));
  CHECK(frame[0] == static_cast<std::byte>(expected >> 8));
  CHECK(frame[1] == static_cast<std::byte>(expected & 0xff));
}

TEST_CASE("a frame that needs nothing is left alone") {
  auto frame = bytes({1, 2, 3, 4});
  CHECK(complete_checksum({}, frame));
  CHECK(frame == bytes({1, 2, 3, 4}));
}

TEST_CASE("offsets outside of the frame are refused") {
  auto frame = bytes({1, 2, 3, 4});
  for (const auto& [start, offset] :
       {std::pair<int, int>{4, 0}, {0, 3}, {3, 0}, {65535, 65535}, {2, 65535}}) {
    CHECK(!complete_checksum(asking(static_cast<std::uint16_t>(start), static_cast<std::uint16_t>(offset)),
                             frame));
  }
  CHECK(frame == bytes({1, 2, 3, 4}));
}

}  // namespace
