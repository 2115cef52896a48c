#include "aster/net/wire/dns_name.hpp"

#include <algorithm>

namespace aster::net::wire {
namespace {

// Lengths are below 64 and so no letters: a name can be folded as a whole.
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool same(std::string_view a, std::string_view b) { return std::ranges::equal(a, b, {}, lower, lower); }

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The byte that stands at the front of `text`, which is taken off; `escaped` says whether it is a separator
// no more. Nothing: an escape that is none.
std::optional<char> take_byte(std::string_view& text, bool& escaped) {
  escaped = text[0] == '\\';
  if (!escaped) {
    const char c = text[0];
    text.remove_prefix(1);
    return c;
  }
  if (text.size() < 2) return std::nullopt;
  if (!is_digit(text[1])) {
    const char c = text[1];
    text.remove_prefix(2);
    return c;
  }
  if (text.size() < 4 || !is_digit(text[2]) || !is_digit(text[3])) return std::nullopt;
  const int value = (text[1] - '0') * 100 + (text[2] - '0') * 10 + (text[3] - '0');
  text.remove_prefix(4);
  return value > 255 ? std::nullopt : std::optional{static_cast<char>(value)};
}

}  // namespace

std::optional<dns_name> dns_name::parse(std::string_view text) {
  dns_name name;
  if (text.empty()) return std::nullopt;
  if (text == ".") return name;
  std::string label;
  while (!text.empty()) {
    bool escaped = false;
    const auto c = take_byte(text, escaped);
    if (!c) return std::nullopt;
    const bool separates = *c == '.' && !escaped;
    if (!separates) label += *c;
    if (label.size() > label_limit) return std::nullopt;
    if (!separates && !text.empty()) continue;
    if (label.empty()) return std::nullopt;
    name.labels_ += static_cast<char>(label.size());
    name.labels_ += label;
    label.clear();
  }
  if (name.wire_size() > size_limit) return std::nullopt;
  return name;
}

std::optional<dns_name> dns_name::take(bytes message, std::size_t& at) {
  dns_name name;
  std::size_t from = at;      // where we read
  std::size_t earliest = at;  // pointers lead before this, so each leads further back than the one before it
  std::optional<std::size_t> behind;  // the first pointer, where the reader goes on
  for (;;) {
    if (from >= message.size()) return std::nullopt;
    const std::uint8_t length = load8(message, from);
    if (length == 0) {
      at = behind.value_or(from + 1);
      return name;
    }
    if (length >= 0xc0) {
      if (from + 2 > message.size()) return std::nullopt;
      if (!behind) behind = from + 2;
      from = load16(message, from) & 0x3fff;
      if (from >= earliest) return std::nullopt;
      earliest = from;
      continue;
    }
    if (length > label_limit) return std::nullopt;  // the reserved kinds 01 and 10 (RFC 6891 §5)
    if (from + 1 + length > message.size() || name.wire_size() + 1 + length > size_limit) return std::nullopt;
    name.labels_.append(reinterpret_cast<const char*>(message.data()) + from, std::size_t{1} + length);
    from += std::size_t{1} + length;
  }
}

std::size_t dns_name::label_count() const {
  std::size_t count = 0;
  for (std::size_t at = 0; at < labels_.size(); at += 1 + static_cast<std::uint8_t>(labels_[at])) ++count;
  return count;
}

std::string_view dns_name::first_label() const {
  return std::string_view{labels_}.substr(1, static_cast<std::uint8_t>(labels_[0]));
}

dns_name dns_name::parent() const {
  dns_name rest;
  if (!is_root()) rest.labels_ = labels_.substr(1 + first_label().size());
  return rest;
}

std::optional<dns_name> dns_name::below(const dns_name& zone) const {
  if (labels_.size() + zone.wire_size() > size_limit) return std::nullopt;
  dns_name whole;
  whole.labels_ = labels_ + zone.labels_;
  return whole;
}

std::optional<dns_name> dns_name::with_label(std::string_view label, const dns_name& zone) {
  if (label.empty() || label.size() > label_limit) return std::nullopt;
  dns_name first;
  first.labels_ = static_cast<char>(label.size());
  first.labels_ += label;
  return first.below(zone);
}

bool dns_name::is_within(const dns_name& zone) const {
  if (zone.labels_.size() > labels_.size()) return false;
  // The rest must begin where a label does: else "badexample.com" would lie within "example.com".
  std::size_t at = 0;
  const std::size_t rest = labels_.size() - zone.labels_.size();
  while (at < rest) at += 1 + static_cast<std::uint8_t>(labels_[at]);
  return at == rest && same(std::string_view{labels_}.substr(rest), zone.labels_);
}

dns_name dns_name::folded() const {
  dns_name low = *this;
  std::ranges::transform(low.labels_, low.labels_.begin(), lower);
  return low;
}

bool operator==(const dns_name& a, const dns_name& b) { return same(a.labels_, b.labels_); }

std::string to_string(const dns_name& name) {
  if (name.is_root()) return ".";
  std::string text;
  for (dns_name rest = name; !rest.is_root(); rest = rest.parent()) {
    if (!text.empty()) text += '.';
    for (const char c : rest.first_label()) {
      const auto byte = static_cast<std::uint8_t>(c);
      if (c == '.' || c == '\\') {
        (text += '\\') += c;
      } else if (byte < 0x20 || byte == 0x7f) {
        text += '\\';
        for (const int digit : {byte / 100, byte / 10 % 10, byte % 10})
          text += static_cast<char>('0' + digit);
      } else {
        text += c;
      }
    }
  }
  return text;
}

}  // namespace aster::net::wire
