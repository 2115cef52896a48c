// Where markup goes: memory that is filled, and made more of when it is full.
//
// Two kinds: `string_writer` lets a std::string grow in place, `buffered_writer` hands a block on whenever it
// is full, so that a page of any length leaves with a few kilobytes of memory. What is written is escaped by
// where it stands: `text` between tags, `attribute_text` between the quotes of an attribute. Pages do not use
// this directly; `render` and `to_string` do (render.hpp).
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace aster::html {

class writer {
 public:
  /// Bytes that may be written past what `make_room` was asked for. Copying in blocks of this size needs no
  /// look at the end.
  static constexpr std::size_t slack = 32;

  writer(const writer&) = delete;
  writer& operator=(const writer&) = delete;

  /// Bytes as they are. `put_constant` may read up to `slack` bytes past the end of them, and so copies
  /// faster.
  constexpr void put(std::string_view bytes) {
    if (bytes.size() > room()) return put_in_parts(bytes);
    copy(bytes);
  }
  constexpr void put_constant(const char* bytes, std::size_t size) {
    if consteval {
      return put({bytes, size});
    }
    if (size > room()) return put_in_parts({bytes, size});
    char* to = at_;
    at_ += size;
    for (const char* end = to + size; to < end; to += slack, bytes += slack) std::memcpy(to, bytes, slack);
  }

  /// Characters between tags: `&`, `<` and `>` become references; control characters that no page may hold
  /// (3.2.5.2.5) become U+FFFD. A carriage return stays, and a browser takes it for the end of a line
  /// (13.2.3.5).
  constexpr void text(std::string_view characters) {
    if consteval {
      escape_simply(characters, false);
    } else {
      escape(characters, false);
    }
  }
  /// Characters between the double quotes of an attribute's value: `"` becomes a reference as well.
  constexpr void attribute_text(std::string_view characters) {
    if consteval {
      escape_simply(characters, true);
    } else {
      escape(characters, true);
    }
  }
  constexpr void integer(std::int64_t value) {
    if (value < 0) put("-");
    natural(value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value));
  }
  constexpr void natural(std::uint64_t value) {
    char digits[20];
    std::size_t first = sizeof digits;
    do digits[--first] = static_cast<char>('0' + value % 10);
    while (value /= 10);
    put({digits + first, sizeof digits - first});
  }

  /// Thousandths, as a decimal fraction without needless digits: 1500 is `1.5`.
  constexpr void thousandths(std::int64_t value) {
    if (value < 0) put("-");
    const std::uint64_t whole =
        value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
    natural(whole / 1000);
    if (whole % 1000 != 0) fraction(whole % 1000, 3, true);
  }
  /// `.` and the digits of a fraction, the last zeros left out or not.
  constexpr void fraction(std::uint64_t value, int digits, bool is_short) {
    char text[20] = {'.'};
    for (int n = digits; n > 0; --n, value /= 10) text[n] = static_cast<char>('0' + value % 10);
    while (is_short && text[digits] == '0') --digits;
    put({text, static_cast<std::size_t>(digits) + 1});
  }

  /// The nonce of this response for <script> and <style>; empty for none.
  constexpr std::string_view nonce() const { return nonce_; }

 protected:
  /// Makes room for at least one byte, and for `wanted` where the memory can grow that far.
  using make_room = void (*)(writer&, std::size_t wanted);

  constexpr writer(make_room more, std::string_view nonce) : more_(more), nonce_(nonce) {}
  constexpr ~writer() = default;

  constexpr std::size_t room() const { return static_cast<std::size_t>(end_ - at_); }

  char* at_ = nullptr;   // the next byte
  char* end_ = nullptr;  // of what may be filled; `slack` bytes more may be overwritten

 private:
  constexpr void copy(std::string_view bytes) {
    std::char_traits<char>::copy(at_, bytes.data(), bytes.size());
    at_ += bytes.size();
  }
  constexpr void put_in_parts(std::string_view bytes) {
    while (!bytes.empty()) {
      if (room() == 0) more_(*this, bytes.size());
      const std::string_view part = bytes.substr(0, room());
      copy(part);
      bytes.remove_prefix(part.size());
    }
  }

  /// What stands for a character, or nothing where it stands for itself.
  static constexpr std::string_view reference(char c, bool quoted) {
    switch (c) {
      case '&': return "&amp;";
      case '<': return "&lt;";
      case '>': return "&gt;";
      case '"': return quoted ? "&quot;" : "";
      case '\t':
      case '\r':
      case '\n':
      case '\f': return "";
      default: return static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? "\xEF\xBF\xBD" : "";
    }
  }
  constexpr void escape_simply(std::string_view characters, bool quoted) {
    for (const char& c : characters) {
      const std::string_view instead = reference(c, quoted);
      put(instead.empty() ? std::string_view{&c, 1} : instead);
    }
  }
  void escape(std::string_view characters, bool quoted);
  void escape_in_parts(std::string_view characters, bool quoted);

  make_room more_;
  std::string_view nonce_;
};

/// Appends to a string, which has its size when the writer is gone or `finish` was called.
class string_writer : public writer {
 public:
  explicit string_writer(std::string& string, std::string_view nonce = {});
  ~string_writer() { finish(); }
  void finish();

 private:
  static void grow(writer& self, std::size_t wanted);
  std::string& string_;
};

/// Hands on what was written in blocks of up to `Size` bytes, by `emit(context, bytes)`. `finish` hands on
/// the rest; the destructor does not, since it also runs when a component has thrown.
template <std::size_t Size = 4096>
class buffered_writer : public writer {
 public:
  using emit_function = void (*)(void* context, std::string_view bytes);

  buffered_writer(emit_function emit, void* context, std::string_view nonce = {})
      : writer(flush, nonce), emit_(emit), context_(context) {
    at_ = block_;
    end_ = block_ + Size;
  }
  void finish() { flush(*this, 0); }

 private:
  static void flush(writer& base, std::size_t) {
    auto& self = static_cast<buffered_writer&>(base);
    const std::string_view full{self.block_, static_cast<std::size_t>(self.at_ - self.block_)};
    self.at_ = self.block_;
    if (!full.empty()) self.emit_(self.context_, full);
  }

  emit_function emit_;
  void* context_;
  char block_[Size + slack];
};

/// Fills memory of a size known to suffice, or only counts where there is none: for constants made by the
/// compiler.
class constant_writer : public writer {
 public:
  constexpr constant_writer() : writer(count, {}) {
    at_ = spare_;
    end_ = spare_ + sizeof spare_;
  }
  constexpr constant_writer(char* memory, std::size_t size) : writer(count, {}) {
    at_ = memory;
    end_ = memory + size;
  }
  constexpr std::size_t counted() const { return counted_ + static_cast<std::size_t>(at_ - spare_); }

 private:
  static constexpr void count(writer& base, std::size_t) {
    auto& self = static_cast<constant_writer&>(base);
    self.counted_ += sizeof self.spare_;
    self.at_ = self.spare_;
  }
  char spare_[256] = {};
  std::size_t counted_ = 0;
};

}  // namespace aster::html
