#include "aster/websocket/frame.hpp"

#include <algorithm>
#include <cstring>

namespace aster::websocket {
namespace {

void append_header(std::string& to, opcode o, std::uint64_t size, bool is_masked, frame_options options) {
  to += static_cast<char>((options.is_last ? 0x80 : 0) | (options.is_compressed ? 0x40 : 0) |
                          static_cast<int>(o));
  const int mask_bit = is_masked ? 0x80 : 0;
  int bytes = 0;
  if (size <= 125) {
    to += static_cast<char>(mask_bit | static_cast<int>(size));
  } else if (size <= 0xffff) {
    to += static_cast<char>(mask_bit | 126);
    bytes = 2;
  } else {
    to += static_cast<char>(mask_bit | 127);
    bytes = 8;
  }
  while (bytes > 0) to += static_cast<char>(size >> (8 * --bytes));
}

}  // namespace

void apply_mask(const mask_key& key, std::uint64_t position, const char* from, char* to, std::size_t size) {
  std::uint8_t turned[8];
  for (std::size_t i = 0; i < 8; ++i) turned[i] = key[(position + i) % 4];
  std::uint64_t word_key;
  std::memcpy(&word_key, turned, 8);
  std::size_t i = 0;
  for (; i + 8 <= size; i += 8) {  // by words, which the compiler makes vectors of
    std::uint64_t word;
    std::memcpy(&word, from + i, 8);
    word ^= word_key;
    std::memcpy(to + i, &word, 8);
  }
  for (; i < size; ++i) to[i] = static_cast<char>(static_cast<std::uint8_t>(from[i]) ^ turned[i % 8]);
}

void append_frame(std::string& to, opcode o, std::string_view payload, frame_options options) {
  to.reserve(to.size() + most_header_bytes + payload.size());
  append_header(to, o, payload.size(), false, options);
  to.append(payload);
}

void append_masked_frame(std::string& to, opcode o, std::string_view payload, const mask_key& key,
                         frame_options options) {
  append_header(to, o, payload.size(), true, options);
  for (const std::uint8_t byte : key) to += static_cast<char>(byte);
  const std::size_t before = to.size();
  to.resize(before + payload.size());
  apply_mask(key, 0, payload.data(), to.data() + before, payload.size());
}

}  // namespace aster::websocket
