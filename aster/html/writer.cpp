#include "aster/html/writer.hpp"

#include <algorithm>

namespace aster::html {

namespace {

// Sixteen characters at a time. What the compiler makes of these is one instruction an operator.
using block = unsigned char __attribute__((vector_size(16)));
using mask = bool __attribute__((ext_vector_type(16)));

/// Which characters of a block stand for themselves, nothing else among them: none lower than a blank (but
/// for a look at them one by one), none of the characters with a meaning.
inline bool is_plain(block b, bool quoted) {
  auto special = (b < 0x20) | (b == '&') | (b == '<') | (b == '>') | (b == 0x7f);
  if (quoted) special |= (b == '"');
  const auto halves = reinterpret_cast<unsigned long __attribute__((vector_size(16)))&>(special);
  return (halves[0] | halves[1]) == 0;
}

}  // namespace

void writer::escape(std::string_view characters, bool quoted) {
  const char* from = characters.data();
  std::size_t left = characters.size();
  while (left != 0) {
    // A round that cannot run out of room: 6 is the longest reference.
    const std::size_t longest = std::min<std::size_t>(left, 16);
    if (room() < longest * 6) {
      more_(*this, longest * 6);
      if (room() < longest * 6) return escape_simply({from, left}, quoted);
    }
    if (left >= 16) {
      block b;
      std::memcpy(&b, from, 16);
      if (is_plain(b, quoted)) {
        std::memcpy(at_, from, 16);
        at_ += 16, from += 16, left -= 16;
        continue;
      }
    }
    for (std::size_t n = 0; n < longest; ++n) {
      const std::string_view instead = reference(from[n], quoted);
      if (instead.empty()) {
        *at_++ = from[n];
      } else {
        std::memcpy(at_, instead.data(), instead.size());
        at_ += instead.size();
      }
    }
    from += longest, left -= longest;
  }
}

string_writer::string_writer(std::string& string, std::string_view nonce)
    : writer(grow, nonce), string_(string) {
  const std::size_t used = string_.size();
  const std::size_t size = std::max(string_.capacity(), used + 256);
  string_.resize_and_overwrite(size, [](char*, std::size_t n) { return n; });
  at_ = string_.data() + used;
  end_ = string_.data() + size - slack;
}

void string_writer::grow(writer& base, std::size_t wanted) {
  auto& self = static_cast<string_writer&>(base);
  const auto used = static_cast<std::size_t>(self.at_ - self.string_.data());
  const std::size_t size = std::max(self.string_.size() * 2, used + wanted + slack);
  self.string_.resize_and_overwrite(size, [](char*, std::size_t n) { return n; });
  self.at_ = self.string_.data() + used;
  self.end_ = self.string_.data() + size - slack;
}

void string_writer::finish() {
  if (!at_) return;
  string_.resize_and_overwrite(static_cast<std::size_t>(at_ - string_.data()),
                               [](char*, std::size_t n) { return n; });
  at_ = end_ = nullptr;
}

}  // namespace aster::html
