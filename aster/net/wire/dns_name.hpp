// A domain name (RFC 1035 §2.3): labels, of which the last belongs to the most general zone.
//
//   const auto name = wire::dns_name::parse("www.example.com");   // nothing when it can be none
//   name->is_within(*wire::dns_name::parse("Example.COM"));       // true: case does not count
//   to_string(*name);                                             // "www.example.com"
//
// It is kept as it travels, each label behind its length, because a label may hold any byte: that of a
// service of mDNS is a sentence, with dots in it ("Dr. Pepper's shop._http._tcp.local").
#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "aster/net/wire/byte_order.hpp"

namespace aster::net::wire {

class dns_name {
 public:
  static constexpr std::size_t label_limit = 63;
  static constexpr std::size_t size_limit = 255;  // on the wire, lengths and the root's zero included

  /// The root: no label.
  dns_name() = default;

  /// Labels with dots between them; one dot at the end may be there or not. `\.` and `\DDD` stand for bytes
  /// that are no separators (RFC 1035 §5.1). Nothing: empty labels, or something is too long.
  static std::optional<dns_name> parse(std::string_view text);

  /// A name in a message, which may go on elsewhere in it (RFC 1035 §4.1.4). Moves `at` behind it. Nothing:
  /// cut short, too long, or a pointer that does not lead back, which is how one would make a reader go
  /// round.
  static std::optional<dns_name> take(bytes message, std::size_t& at);

  bool is_root() const { return labels_.empty(); }
  std::size_t label_count() const;
  std::size_t wire_size() const { return labels_.size() + 1; }

  /// The labels behind their lengths, without the root's zero.
  std::string_view labels() const { return labels_; }
  std::string_view first_label() const;  // without its length; not of the root

  /// Without the first label; the root stays the root.
  dns_name parent() const;

  /// This name below `zone`: "www" below "example.com" is "www.example.com". Nothing: too long.
  std::optional<dns_name> below(const dns_name& zone) const;

  /// `label`, whatever bytes it has, before `zone`. Nothing: too long, or empty.
  static std::optional<dns_name> with_label(std::string_view label, const dns_name& zone);

  /// Whether it is `zone` or lies below it.
  bool is_within(const dns_name& zone) const;

  /// In lower case: equal names have equal ones.
  dns_name folded() const;

  /// With the case of each letter by a bit of `bits`, called for each 64 of them
  /// (draft-vixie-dnsext-dns0x20): who answers must have seen the question.
  template <typename Bits>
  dns_name with_case(Bits&& bits) const {
    dns_name mixed = *this;
    std::uint64_t word = 0;
    unsigned left = 0;
    for (std::size_t at = 0; at < mixed.labels_.size();) {
      const std::size_t end = at + 1 + static_cast<std::uint8_t>(mixed.labels_[at]);
      for (++at; at < end; ++at) {
        char& c = mixed.labels_[at];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))) continue;
        if (left == 0) word = bits(), left = 64;
        c = static_cast<char>((c & ~0x20) | (word & 1) << 5);
        word >>= 1, --left;
      }
    }
    return mixed;
  }

  /// The same, letter by letter.
  bool is_exactly(const dns_name& other) const { return labels_ == other.labels_; }

  /// Case does not count, in ASCII alone (RFC 4343).
  friend bool operator==(const dns_name& a, const dns_name& b);

 private:
  std::string labels_;
};

/// As `parse` reads it, without the last dot; the root is ".".
std::string to_string(const dns_name& name);

}  // namespace aster::net::wire
