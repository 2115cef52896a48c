#include "aster/websocket/frame.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace aster::websocket;
using namespace std::string_literals;

TEST_CASE("a length takes as few bytes as it can") {
  struct {
    std::size_t size;
    std::string header;
  } const table[] = {
      {0, "\x82\x00"s},
      {125, "\x82\x7d"s},
      {126, "\x82\x7e\x00\x7e"s},
      {0xffff, "\x82\x7e\xff\xff"s},
      {0x10000, "\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00"s},
  };
  for (const auto& [size, header] : table) {
    std::string frame;
    append_frame(frame, opcode::binary, std::string(size, 'x'));
    CHECK(frame == header + std::string(size, 'x'));
  }
}

TEST_CASE("the frames of RFC 6455 5.7 and RFC 7692 7.2.3.1") {
  std::string plain, masked, first, ping, compressed;
  append_frame(plain, opcode::text, "Hello");
  CHECK(plain == "\x81\x05Hello");
  append_masked_frame(masked, opcode::text, "Hello", {0x37, 0xfa, 0x21, 0x3d});
  CHECK(masked == "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
  append_frame(first, opcode::text, "Hel", {.is_last = false});
  CHECK(first == "\x01\x03Hel");
  append_frame(ping, opcode::ping, "Hello");
  CHECK(ping == "\x89\x05Hello");
  append_frame(compressed, opcode::text, "\xf2\x48\xcd\xc9\xc9\x07\x00"s, {.is_compressed = true});
  CHECK(compressed == "\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00"s);
}

TEST_CASE("a mask is the same however the payload is cut") {
  const mask_key key{0x01, 0x80, 0xff, 0x5a};
  for (std::size_t size = 0; size < 70; ++size) {
    std::string text(size, 0), expected(size, 0);
    for (std::size_t i = 0; i < size; ++i) {
      text[i] = static_cast<char>(i * 37);
      expected[i] = static_cast<char>(static_cast<unsigned char>(text[i]) ^ key[i % 4]);
    }
    for (std::size_t cut = 0; cut <= size; ++cut) {
      std::string masked = text;
      apply_mask(key, 0, masked.data(), masked.data(), cut);
      apply_mask(key, cut, masked.data() + cut, masked.data() + cut, size - cut);
      CHECK(masked == expected);
    }
  }
}
