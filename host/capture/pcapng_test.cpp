#include "host/capture/pcapng.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <vector>

namespace {

using namespace aster::host;

std::uint32_t word(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  REQUIRE(at + sizeof value <= bytes.size());
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

/// Every block has its length at both ends and is made of whole words.
void check_frame_of_block(std::string_view block, std::uint32_t type) {
  CHECK(word(block, 0) == type);
  CHECK(block.size() % 4 == 0);
  CHECK(word(block, 4) == block.size());
  CHECK(word(block, block.size() - 4) == block.size());
}

TEST_CASE("a section begins with the mark that tells the byte order") {
  std::string out;
  pcapng::put_section(out);
  check_frame_of_block(out, 0x0a0d0d0a);
  CHECK(word(out, 8) == 0x1a2b3c4d);
  CHECK(word(out, 12) == 1);  // version 1.0
  CHECK(out.contains("aster run"));
}

TEST_CASE("an interface is Ethernet, has its name, and counts nanoseconds") {
  std::string out;
  pcapng::put_interface(
      out, {.name = "service", .description = "tap tap0", .mac = {2, 0, 0, 0, 0, 7}, .snap = 96});
  check_frame_of_block(out, 1);
  CHECK(word(out, 8) == 1);  // LINKTYPE_ETHERNET
  CHECK(word(out, 12) == 96);
  CHECK(out.substr(16, 12) == std::string("\x02\0\x07\0service\0", 12));
  CHECK(out.contains(std::string("\x03\0\x08\0tap tap0", 12)));
  CHECK(out.contains(std::string("\x06\0\x06\0\x02\0\0\0\0\x07\0\0", 12)));
  CHECK(out.contains(std::string("\x09\0\x01\0\x09\0\0\0", 8)));
  CHECK(out.substr(out.size() - 8, 4) == std::string(4, '\0'));
}

TEST_CASE("a frame has its time, both of its sizes, its direction, and is padded") {
  const std::vector<std::byte> bytes(61, std::byte{0xab});
  std::string out;
  pcapng::put_frame(out, {.interface = 3,
                          .way = pcapng::direction::outbound,
                          .time = 0x1234567890abcdef,
                          .bytes = bytes,
                          .size = 1514,
                          .segment_size = 0});
  check_frame_of_block(out, 6);
  CHECK(word(out, 8) == 3);
  CHECK(word(out, 12) == 0x12345678);
  CHECK(word(out, 16) == 0x90abcdef);
  CHECK(word(out, 20) == 61);
  CHECK(word(out, 24) == 1514);
  CHECK(out.substr(28, 61) == std::string(61, '\xab'));
  CHECK(out.substr(89, 3) == std::string(3, '\0'));
  CHECK(out.substr(92, 8) == std::string("\x02\0\x04\0\x02\0\0\0", 8));
}

TEST_CASE("a frame that stands for several segments says so") {
  const std::vector<std::byte> bytes(64, std::byte{1});
  std::string out;
  pcapng::put_frame(out, {.bytes = bytes, .size = 64, .segment_size = 1460});
  check_frame_of_block(out, 6);
  CHECK(out.contains("offloaded: sent as segments of 1460 bytes"));
}

TEST_CASE("statistics tell from when to when, and what is missing") {
  std::string out;
  pcapng::put_statistics(
      out, {.interface = 1, .start = 5, .end = (std::int64_t{7} << 32) + 9, .seen = 10, .missed = 4});
  check_frame_of_block(out, 5);
  CHECK(word(out, 8) == 1);
  CHECK(word(out, 12) == 7);
  CHECK(word(out, 16) == 9);
  CHECK(out.contains(std::string("\x02\0\x08\0\0\0\0\0\x05\0\0\0", 12)));
  CHECK(out.contains(std::string("\x05\0\x08\0\x04\0\0\0\0\0\0\0", 12)));
}

}  // namespace
