#include "target.hpp"

#include <idn2.h>

#include <cstdlib>
#include <optional>

#include "text.hpp"

namespace {

/// Labels of letters, digits and hyphens, none empty or too long (RFC 1035 §2.3.1).
bool is_host_name(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  std::size_t label = 0;
  for (const char c : text) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (c == '.' ? label == 0 : (!is_letter && (c != '-' || label == 0)) || label == 63) return false;
    label = c == '.' ? 0 : label + 1;
  }
  return label > 0 && !text.ends_with('-');
}

/// The ASCII form of a host name, or nothing when it is none.
std::optional<std::string> ascii_host(std::string_view host) {
  // The library drops ASCII that has no place in a name; that would be another name than was typed.
  for (const char c : lower(host))
    if (static_cast<unsigned char>(c) < 0x80 &&
        !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'))
      return std::nullopt;
  char* found = nullptr;
  if (idn2_to_ascii_8z(std::string{host}.c_str(), &found, IDN2_NONTRANSITIONAL) != IDN2_OK)
    return std::nullopt;
  std::string result = lower(found);
  idn2_free(found);
  if (result.ends_with('.')) result.pop_back();
  if (!is_host_name(result)) return std::nullopt;
  return result;
}

/// Splits "host:port".
std::string_view without_port(std::string_view authority) {
  return authority.substr(0, authority.rfind(':'));
}

/// Everything but what may stand in a URL (RFC 3986 §2) is percent-encoded, as browsers do; so are quotes.
std::string encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7f && !std::string_view{"\"<>\\^`{|}"}.contains(c)) {
      result += c;
    } else {
      result += '%';
      result += digits[byte >> 4];
      result += digits[byte & 15];
    }
  }
  return result;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(blanks);
  return begin == std::string_view::npos ? std::string_view{}
                                         : text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

bool is_port(std::string_view text) {
  if (text.empty() || text.size() > 5) return false;
  for (const char c : text)
    if (c < '0' || c > '9') return false;
  return std::stoi(std::string{text}) <= 65535;
}

}  // namespace

std::expected<std::string, std::string> read_target(std::string_view typed, std::string_view own_host) {
  const auto refuse = [](const char* why) { return std::unexpected(std::string{why}); };
  typed = trimmed(typed);
  if (typed.empty()) return refuse("Where should the link lead? Enter an address.");
  if (typed.size() > longest_target) return refuse("The address is too long: 2,000 characters are the most.");

  std::string scheme = "https";
  if (const std::size_t colon = typed.find("://"); colon != std::string_view::npos) {
    scheme = lower(typed.substr(0, colon));
    typed.remove_prefix(colon + 3);
  } else if (const std::size_t end = typed.find_first_of(":/?#");
             end != std::string_view::npos && typed[end] == ':') {
    // "javascript:…" has a scheme too, "example.org:8080" has not.
    const std::string_view behind = typed.substr(end + 1, typed.find_first_of("/?#", end + 1) - end - 1);
    if (!is_port(behind)) scheme = lower(typed.substr(0, end));
  }
  if (scheme != "http" && scheme != "https") return refuse("A link leads to an http or https address.");

  const std::size_t authority_end = std::min(typed.find_first_of("/?#\\"), typed.size());
  std::string_view authority = typed.substr(0, authority_end);
  std::string path = encoded(typed.substr(authority_end));
  if (authority.contains('@'))
    return refuse("An address with a user name in it can mislead; leave that out.");
  std::string_view host = authority, port;
  if (!authority.ends_with(']'))
    if (const std::size_t colon = authority.rfind(':'); colon != std::string_view::npos) {
      host = authority.substr(0, colon);
      port = authority.substr(colon + 1);
      if (!is_port(port)) return refuse("The port of this address is no number from 0 to 65535.");
    }
  std::string ascii;
  if (host.starts_with('[')) {
    if (!host.ends_with(']') ||
        host.find_first_not_of("[]0123456789abcdefABCDEF:.") != std::string_view::npos)
      return refuse("This is no address of a host.");
    ascii = lower(host);
  } else {
    const auto converted = ascii_host(host);
    if (!converted) return refuse("This is no name of a host.");
    ascii = *converted;
    if (!ascii.contains('.') && ascii != "localhost")
      return refuse("The name of the host has no dot: is it complete?");
  }
  if (ascii == lower(without_port(own_host)) || ascii == lower(own_host))
    return refuse("The link would lead back to this site, and go round in a circle.");

  if (!path.starts_with('/')) path.insert(0, 1, '/');
  std::string result = scheme + "://" + ascii;
  if (!port.empty()) result.append(":").append(port);
  result += path;
  if (result.size() > longest_target)
    return refuse("The address is too long: 2,000 characters are the most.");
  return result;
}

std::string_view shown_target(std::string_view target) {
  if (target.starts_with("https://")) target.remove_prefix(8);
  if (target.ends_with('/') && target.find('/') + 1 == target.size()) target.remove_suffix(1);
  return target;
}
