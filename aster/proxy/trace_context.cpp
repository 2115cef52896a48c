#include "aster/proxy/trace_context.hpp"

#include <algorithm>
#include <bit>

#include "abi/platform.hpp"

namespace aster::proxy {
namespace {

constexpr std::size_t size = 55, trace_at = trace_source::id_begin, trace_size = trace_source::id_size,
                      parent_at = 36, parent_size = 16;

/// Lower case alone (§3.2.2).
bool is_hex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}
bool is_zero(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c == '0'; });
}

void put_hex(char* to, std::uint64_t value) {
  for (int shift = 60; shift >= 0; shift -= 4) *to++ = "0123456789abcdef"[value >> shift & 15];
}

}  // namespace

std::string_view trace_id(std::string_view traceparent) {
  if (traceparent.size() < size || traceparent[2] != '-' || traceparent[35] != '-' || traceparent[52] != '-')
    return {};
  const std::string_view version = traceparent.substr(0, 2), id = traceparent.substr(trace_at, trace_size),
                         parent = traceparent.substr(parent_at, parent_size);
  // A later version may have more behind the flags (§3.2.4).
  if (!is_hex(version) || version == "ff") return {};
  if (traceparent.size() > size && (version == "00" || traceparent[size] != '-')) return {};
  if (!is_hex(id) || is_zero(id) || !is_hex(parent) || is_zero(parent) || !is_hex(traceparent.substr(53, 2)))
    return {};
  return id;
}

bool is_request_id(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_' || c == '.';
  });
}

trace_source::trace_source() : state_{} {
  abi::current_platform().fill_entropy(state_.data(), sizeof state_);
  state_[0] |= 1;  // all zero would stay so
}

/// xoroshiro128+.
std::uint64_t trace_source::draw() {
  auto [a, b] = state_;
  const std::uint64_t drawn = a + b;
  b ^= a;
  state_ = {std::rotl(a, 24) ^ b ^ (b << 16), std::rotl(b, 37)};
  return drawn;
}

std::string trace_source::next() {
  std::string text(size, '-');
  text[0] = text[1] = '0';
  put_hex(text.data() + trace_at, draw());
  put_hex(text.data() + trace_at + 16, draw() | 1);  // not zero
  put_hex(text.data() + parent_at, draw() | 1);
  text[53] = '0';
  text[54] = '1';
  return text;
}

}  // namespace aster::proxy
