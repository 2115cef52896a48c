#include "aster/net/wire/igmp.hpp"

#include "aster/net/wire/checksum.hpp"

namespace aster::net::wire {

namespace {

// Tenths of a second; from 128 on with an exponent (RFC 3376 §4.1.1).
duration patience_of(std::uint8_t code) {
  unsigned tenths = code;
  if (code >= 128) tenths = ((code & 15u) | 16u) << ((code >> 4 & 7u) + 3);
  return std::chrono::milliseconds{100} * tenths;
}

void finish(mutable_bytes message) {
  store16(message, 2, 0);
  checksum sum;
  sum.add(message);
  store16(message, 2, sum.value());
}

}  // namespace

std::optional<igmp> igmp::parse(bytes message) {
  if (message.size() < size) return std::nullopt;
  checksum sum;
  sum.add(message);
  if (sum.value() != 0) return std::nullopt;
  igmp m;
  m.type = static_cast<kind>(load8(message, 0));
  switch (m.type) {
    case kind::query: {
      const std::uint8_t code = load8(message, 1);
      m.group = ipv4_address{load32(message, 4)};
      if (!m.group.is_unspecified() && !m.group.is_multicast()) return std::nullopt;
      if (message.size() == size) {
        m.version = code == 0 ? 1 : 2;
        m.patience = code == 0 ? std::chrono::seconds{10} : std::chrono::milliseconds{100} * code;
      } else {
        if (message.size() < 12) return std::nullopt;
        m.patience = patience_of(code);
      }
      return m;
    }
    case kind::report_v1:
    case kind::report_v2:
    case kind::leave: m.group = ipv4_address{load32(message, 4)}; return m;
    case kind::report_v3: return m;
  }
  return std::nullopt;
}

void igmp::emit(mutable_bytes out, kind type, ipv4_address group) {
  out = out.first(size);
  store8(out, 0, static_cast<std::uint8_t>(type));
  store8(out, 1, 0);
  store32(out, 4, group.value);
  finish(out);
}

void igmp::emit(mutable_bytes out, std::span<const record> records) {
  out = out.first(size + records.size() * record_size);
  store8(out, 0, static_cast<std::uint8_t>(kind::report_v3));
  store8(out, 1, 0);
  store16(out, 4, 0);
  store16(out, 6, static_cast<std::uint16_t>(records.size()));
  std::size_t at = size;
  for (const record& r : records) {
    store8(out, at, static_cast<std::uint8_t>(r.what));
    store8(out, at + 1, 0);
    store16(out, at + 2, 0);
    store32(out, at + 4, r.group.value);
    at += record_size;
  }
  finish(out);
}

}  // namespace aster::net::wire
