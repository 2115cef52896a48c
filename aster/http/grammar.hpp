// The character classes of HTTP's grammar (RFC 9110 §5.6, RFC 5234 §B.1), and fast scans over them.
//
// Everything that decides where a message ends goes through these few functions; they take bytes from the
// network and assume nothing about them.
#pragma once
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace aster::http {

namespace detail {
constexpr std::array<bool, 256> make_token_table() {
  std::array<bool, 256> table{};
  for (unsigned char c = '0'; c <= '9'; ++c) table[c] = true;
  for (unsigned char c = 'A'; c <= 'Z'; ++c) table[c] = table[c + ('a' - 'A')] = true;
  for (unsigned char c : std::string_view{"!#$%&'*+-.^_`|~"}) table[c] = true;
  return table;
}
inline constexpr std::array<bool, 256> token_table = make_token_table();
}  // namespace detail

/// tchar: what names of fields, methods and codings are made of (RFC 9110 §5.6.2).
constexpr bool is_token_char(char c) { return detail::token_table[static_cast<unsigned char>(c)]; }

constexpr bool is_token(std::string_view text) {
  for (char c : text)
    if (!is_token_char(c)) return false;
  return !text.empty();
}

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }  // OWS and BWS are runs of these

/// What may not stand inside a field value: every control but the tab (RFC 9110 §5.5 demands it of CR, LF
/// and NUL; the rest have no honest use).
constexpr bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && byte != '\t') || byte == 0x7f;
}

/// Value of a hexadecimal digit, or -1.
constexpr int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// `text` without blanks at both ends.
constexpr std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

constexpr char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

/// Whether two texts are the same but for the case of ASCII letters.
constexpr bool equals_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i] != b[i] && to_lower(a[i]) != to_lower(b[i])) return false;
  return true;
}

/// Index of the first control in `text` from `from` on, or `text.size()`. Looks at eight bytes a step.
inline std::size_t find_control(std::string_view text, std::size_t from) {
  static_assert(std::endian::native == std::endian::little, "the first byte must be the lowest");
  constexpr std::uint64_t ones = ~std::uint64_t{0} / 0xff, highs = ones * 0x80;
  const char* const data = text.data();
  while (text.size() - from >= 8) {
    std::uint64_t word;
    std::memcpy(&word, data + from, 8);
    // A byte below 0x20 borrows in the first subtraction, a 0x7f in the second; the lowest flag is exact,
    // those above a set one may be false (the borrow travels up), so only the lowest is believed.
    const std::uint64_t del = word ^ (ones * 0x7f);
    std::uint64_t hits = (((word - ones * 0x20) & ~word) | ((del - ones) & ~del)) & highs;
    if (hits == 0) {
      from += 8;
      continue;
    }
    from += static_cast<std::size_t>(std::countr_zero(hits)) / 8;
    if (is_control(data[from])) return from;
    ++from;  // a tab
  }
  while (from < text.size() && !is_control(data[from])) ++from;
  return from;
}

/// Index of the first byte of `text` from `from` on that is not a tchar, or `text.size()`.
inline std::size_t find_token_end(std::string_view text, std::size_t from) {
  while (from < text.size() && is_token_char(text[from])) ++from;
  return from;
}

/// Takes the next element off a comma-separated list (RFC 9110 §5.6.1), trimmed, maybe empty. False at the
/// end. A list of N commas has N + 1 elements; quoted strings are not understood.
constexpr bool next_element(std::string_view& list, bool& more, std::string_view& element) {
  if (!more) return false;
  const std::size_t comma = list.find(',');
  more = comma != std::string_view::npos;
  element = trim(list.substr(0, comma));
  list.remove_prefix(more ? comma + 1 : list.size());
  return true;
}

}  // namespace aster::http
