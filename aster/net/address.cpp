#include "aster/net/address.hpp"

namespace aster::net {
namespace {

// Takes a decimal number of at most `limit` off the front of `text`.
std::optional<unsigned> take_number(std::string_view& text, unsigned limit) {
  std::size_t digits = 0;
  unsigned value = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
    value = value * 10 + static_cast<unsigned>(text[digits] - '0');
    if (value > limit) return std::nullopt;
    ++digits;
  }
  if (digits == 0 || (digits > 1 && text[0] == '0')) return std::nullopt;
  text.remove_prefix(digits);
  return value;
}

}  // namespace

std::optional<ipv4_address> ipv4_address::parse(std::string_view text) {
  std::uint32_t value = 0;
  for (int part = 0; part < 4; ++part) {
    if (part > 0) {
      if (!text.starts_with('.')) return std::nullopt;
      text.remove_prefix(1);
    }
    const auto number = take_number(text, 255);
    if (!number) return std::nullopt;
    value = value << 8 | *number;
  }
  if (!text.empty()) return std::nullopt;
  return ipv4_address{value};
}

std::optional<ipv4_interface> ipv4_interface::parse(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto address = ipv4_address::parse(text.substr(0, slash));
  text.remove_prefix(slash + 1);
  const auto prefix = take_number(text, 32);
  if (!address || !prefix || !text.empty()) return std::nullopt;
  return ipv4_interface{*address, static_cast<std::uint8_t>(*prefix)};
}

std::optional<ip_address> ip_address::parse(std::string_view text) {
  if (const auto v4 = ipv4_address::parse(text)) return *v4;
  if (const auto v6 = ipv6_address::parse(text)) return *v6;
  return std::nullopt;
}

std::optional<ip_prefix> ip_prefix::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = ip_address::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  if (slash == text.npos) return ip_prefix{*address};
  text.remove_prefix(slash + 1);
  const auto length = take_number(text, address->is_v4() ? 32 : 128);
  if (!length || !text.empty()) return std::nullopt;
  return ip_prefix{*address, static_cast<std::uint8_t>(*length)};
}

std::string to_string(mac_address mac) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : mac.bytes) {
    if (!text.empty()) text += ':';
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

std::string to_string(ipv4_address address) {
  return std::to_string(address.value >> 24) + '.' + std::to_string(address.value >> 16 & 255) + '.' +
         std::to_string(address.value >> 8 & 255) + '.' + std::to_string(address.value & 255);
}

std::string to_string(ipv4_interface interface) {
  return to_string(interface.address) + '/' + std::to_string(interface.prefix);
}

std::string to_string(const ip_address& address) {
  return address.is_v4() ? to_string(address.v4()) : to_string(address.v6());
}

std::string to_string(const ip_prefix& prefix) {
  std::string text = to_string(prefix.address);
  if (prefix.length != (prefix.address.is_v4() ? 32 : 128)) text += '/' + std::to_string(prefix.length);
  return text;
}

std::string to_string(const endpoint& end) {
  const std::string port = std::to_string(end.port);
  if (end.address.is_v4()) return to_string(end.address) + ':' + port;
  return '[' + to_string(end.address) + "]:" + port;
}

}  // namespace aster::net
