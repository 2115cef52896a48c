#include "aster/html/writer.hpp"

#include <algorithm>

namespace aster::html {

namespace {

// Sixteen characters at a time; an operator is one instruction.
using block = unsigned char __attribute__((vector_size(16)));
using words = std::uint64_t __attribute__((vector_size(16)));

/// Whether each of these characters stands for itself. Says no for a tab or the end of a line as well, which
/// are looked at one by one.
inline bool is_plain(block b, bool quoted) {
  auto special = (b < 0x20) | (b == '&') | (b == '<') | (b == '>') | (b == 0x7f);
  if (quoted) special |= (b == '"');
  const auto found = reinterpret_cast<words>(special);
  return (found[0] | found[1]) == 0;
}

/// Copies 16 characters, if all of them are plain.
inline bool copy_plain(char* to, const char* from, bool quoted) {
  block b;
  std::memcpy(&b, from, sizeof b);
  if (!is_plain(b, quoted)) return false;
  std::memcpy(to, &b, sizeof b);
  return true;
}

/// Copies `size` characters, if all of them are plain: from one to two words of them.
template <class Word>
bool copy_plain(char* to, const char* from, std::size_t size, bool quoted) {
  Word first;
  Word last;
  std::memcpy(&first, from, sizeof first);
  std::memcpy(&last, from + size - sizeof last, sizeof last);
  // Zeros would not be plain.
  constexpr std::uint64_t blanks = sizeof(Word) == 8 ? 0 : 0x2020'2020'2020'2020u << (sizeof(Word) % 8 * 8);
  const words both{first | blanks, last | blanks};
  if (!is_plain(reinterpret_cast<block>(both), quoted)) return false;
  std::memcpy(to, &first, sizeof first);
  std::memcpy(to + size - sizeof last, &last, sizeof last);
  return true;
}

}  // namespace

void writer::escape(std::string_view characters, bool quoted) {
  // Almost every text is short and has nothing to escape: it is looked at and copied in whole words, the last
  // one over the end of the one before.
  const char* from = characters.data();
  const std::size_t size = characters.size();
  if (size > room()) return escape_in_parts(characters, quoted);
  char* to = at_;
  if (size >= 16) {
    std::size_t done = 0;
    for (; done + 16 <= size; done += 16) {
      if (!copy_plain(to + done, from + done, quoted)) {
        at_ += done;
        return escape_in_parts(characters.substr(done), quoted);
      }
    }
    if (done == size || copy_plain(to + size - 16, from + size - 16, quoted)) {
      at_ += size;
      return;
    }
    at_ += done;
    return escape_in_parts(characters.substr(done), quoted);
  }
  if (size >= 8   ? copy_plain<std::uint64_t>(to, from, size, quoted)
      : size >= 4 ? copy_plain<std::uint32_t>(to, from, size, quoted)
      : size >= 2 ? copy_plain<std::uint16_t>(to, from, size, quoted)
                  : size == 0) {
    at_ += size;
    return;
  }
  escape_in_parts(characters, quoted);
}

void writer::escape_in_parts(std::string_view characters, bool quoted) {
  const char* from = characters.data();
  std::size_t left = characters.size();
  while (left != 0) {
    // A round that cannot run out of room: 6 is the longest reference.
    const std::size_t longest = std::min<std::size_t>(left, 16);
    if (room() < longest * 6) {
      more_(*this, longest * 6);
      if (room() < longest * 6) return escape_simply({from, left}, quoted);
    }
    if (left >= 16 && copy_plain(at_, from, quoted)) {
      at_ += 16, from += 16, left -= 16;
      continue;
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
