#include "aster/net/ipv6_address.hpp"

#include "aster/net/address.hpp"

namespace aster::net {
namespace {

std::optional<unsigned> digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

// Takes a group of one to four hexadecimal digits off the front of `text`.
std::optional<std::uint16_t> take_group(std::string_view& text) {
  unsigned value = 0;
  std::size_t digits = 0;
  while (digits < text.size()) {
    const auto d = digit(text[digits]);
    if (!d) break;
    if (++digits > 4) return std::nullopt;
    value = value << 4 | *d;
  }
  if (digits == 0) return std::nullopt;
  text.remove_prefix(digits);
  return static_cast<std::uint16_t>(value);
}

}  // namespace

std::optional<ipv6_address> ipv6_address::parse(std::string_view text) {
  std::array<std::uint16_t, 8> groups{};
  std::size_t count = 0;
  std::optional<std::size_t> gap;  // where "::" stood
  if (text.starts_with("::")) {
    gap = 0;
    text.remove_prefix(2);
  }
  while (!text.empty()) {
    if (count <= 6 && text.find('.') != text.npos && text.find(':') == text.npos) {  // a dotted tail
      const auto tail = ipv4_address::parse(text);
      if (!tail) return std::nullopt;
      groups[count++] = static_cast<std::uint16_t>(tail->value >> 16);
      groups[count++] = static_cast<std::uint16_t>(tail->value);
      break;
    }
    const auto group = take_group(text);
    if (!group || count == 8) return std::nullopt;
    groups[count++] = *group;
    if (text.empty()) break;
    if (text.starts_with("::")) {
      if (gap) return std::nullopt;
      gap = count;
      text.remove_prefix(2);
      continue;
    }
    if (!text.starts_with(':') || text.size() == 1) return std::nullopt;
    text.remove_prefix(1);
  }
  // "::" stands for one group at least, as RFC 5952 §4.2.2 writes it; for none it would be a puzzle.
  if (gap ? count == 8 : count != 8) return std::nullopt;
  std::array<std::uint16_t, 8> all{};
  const std::size_t before = gap.value_or(8);
  for (std::size_t i = 0; i < count; ++i) all[i < before ? i : i + 8 - count] = groups[i];
  return ipv6_address{all[0], all[1], all[2], all[3], all[4], all[5], all[6], all[7]};
}

std::optional<ipv6_interface> ipv6_interface::parse(std::string_view text) {
  const auto prefix = ip_prefix::parse(text);
  if (!prefix || text.find('/') == text.npos) return std::nullopt;
  const auto address = ipv6_address::parse(text.substr(0, text.find('/')));
  if (!address) return std::nullopt;
  return ipv6_interface{*address, prefix->length};
}

std::string to_string(const ipv6_address& address) {
  if (address.is_v4_mapped()) return "::ffff:" + to_string(ip_address{address}.v4());  // RFC 5952 §5
  // The longest run of two or more zero groups becomes "::", the first of equals (§4.2).
  std::size_t gap = 8, gap_size = 1;
  for (std::size_t i = 0; i < 8;) {
    std::size_t end = i;
    while (end < 8 && address.group(end) == 0) ++end;
    if (end - i > gap_size) {
      gap = i;
      gap_size = end - i;
    }
    i = end + 1;
  }
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < 8; ++i) {
    if (i == gap) {
      text += "::";
      i += gap_size - 1;
      continue;
    }
    if (i > 0 && i != gap + gap_size) text += ':';
    const unsigned group = address.group(i);
    for (int shift = 12; shift >= 0; shift -= 4)
      if (shift == 0 || group >> shift != 0) text += digits[group >> shift & 15];
  }
  return text;
}

std::string to_string(const ipv6_interface& interface) {
  return to_string(interface.address) + '/' + std::to_string(interface.prefix);
}

}  // namespace aster::net
