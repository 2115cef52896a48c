#include "aster/net/wire/ndp.hpp"

#include <utility>

namespace aster::net::wire {

namespace {

enum option : std::uint8_t {
  source_link_address = 1,
  target_link_address = 2,
  prefix_information = 3,
  link_mtu = 5,
  nonce_option = 14,
  name_servers = 25,
  search_list = 31,
};

ipv6_address load_address(bytes from, std::size_t offset) {
  ipv6_address a;
  std::memcpy(a.bytes.data(), from.subspan(offset, 16).data(), 16);
  return a;
}

mac_address load_mac(bytes option) {
  mac_address mac;
  std::memcpy(mac.bytes.data(), option.subspan(2, 6).data(), 6);
  return mac;
}

// Calls `use(kind, option)` for each; false when one has no length or passes the end: then the message is
// dropped whole (§4.6).
template <typename Use>
bool each_option(bytes list, Use&& use) {
  while (!list.empty()) {
    if (list.size() < 8) return false;
    const std::size_t length = std::size_t{load8(list, 1)} * 8;
    if (length == 0 || length > list.size()) return false;
    use(load8(list, 0), list.first(length));
    list = list.subspan(length);
  }
  return true;
}

// The domains of a search list, as text. One with a label that no host's name has ends the list: whoever sent
// it means something else.
template <typename Use>
void each_domain(bytes list, Use&& use) {
  std::string name;
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t length = load8(list, at++);
    if (length == 0) {
      if (name.empty()) return;  // padding
      use(std::exchange(name, {}));
      continue;
    }
    if (length > 63 || at + length > list.size() || name.size() + length + 1 > 253) return;
    if (!name.empty()) name += '.';
    for (const std::size_t end = at + length; at < end; ++at) {
      const char c = static_cast<char>(load8(list, at));
      const bool fits =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
      if (!fits) return;
      name += c;
    }
  }
}

void put_mac(mutable_bytes out, std::uint8_t kind, const mac_address& mac) {
  store8(out, 0, kind);
  store8(out, 1, 1);
  std::memcpy(out.subspan(2, 6).data(), mac.bytes.data(), 6);
}

}  // namespace

std::optional<neighbour_solicitation> neighbour_solicitation::parse(const icmpv6& m) {
  if (m.type != icmpv6::neighbour_solicitation || m.code != 0 || m.payload.size() < 16) return std::nullopt;
  neighbour_solicitation s{.target = load_address(m.payload, 0)};
  if (s.target.is_multicast()) return std::nullopt;
  const bool fine = each_option(m.payload.subspan(16), [&](std::uint8_t kind, bytes o) {
    if (kind == source_link_address && o.size() == 8) s.source_mac = load_mac(o);
    if (kind == nonce_option && o.size() == 8) s.nonce = std::uint64_t{load16(o, 2)} << 32 | load32(o, 4);
  });
  return fine ? std::optional{s} : std::nullopt;
}

std::size_t neighbour_solicitation::emit(mutable_bytes out) const {
  std::memcpy(out.subspan(0, 16).data(), target.bytes.data(), 16);
  std::size_t at = 16;
  if (source_mac) {
    put_mac(out.subspan(at), source_link_address, *source_mac);
    at += 8;
  }
  if (nonce) {
    store8(out, at, nonce_option);
    store8(out, at + 1, 1);
    store16(out, at + 2, static_cast<std::uint16_t>(*nonce >> 32));
    store32(out, at + 4, static_cast<std::uint32_t>(*nonce));
    at += 8;
  }
  return at;
}

std::optional<neighbour_advertisement> neighbour_advertisement::parse(const icmpv6& m) {
  if (m.type != icmpv6::neighbour_advertisement || m.code != 0 || m.payload.size() < 16) return std::nullopt;
  neighbour_advertisement a{.target = load_address(m.payload, 0),
                            .is_router = (m.rest >> 31 & 1) != 0,
                            .is_solicited = (m.rest >> 30 & 1) != 0,
                            .overrides = (m.rest >> 29 & 1) != 0};
  if (a.target.is_multicast()) return std::nullopt;
  const bool fine = each_option(m.payload.subspan(16), [&](std::uint8_t kind, bytes o) {
    if (kind == target_link_address && o.size() == 8) a.target_mac = load_mac(o);
  });
  return fine ? std::optional{a} : std::nullopt;
}

std::size_t neighbour_advertisement::emit(mutable_bytes out) const {
  std::memcpy(out.subspan(0, 16).data(), target.bytes.data(), 16);
  if (!target_mac) return 16;
  put_mac(out.subspan(16), target_link_address, *target_mac);
  return 24;
}

std::optional<router_advertisement> router_advertisement::parse(const icmpv6& m) {
  if (m.type != icmpv6::router_advertisement || m.code != 0 || m.payload.size() < 8) return std::nullopt;
  router_advertisement a;
  a.hop_limit = static_cast<std::uint8_t>(m.rest >> 24);
  a.managed = (m.rest >> 23 & 1) != 0;
  a.other = (m.rest >> 22 & 1) != 0;
  const unsigned preference = m.rest >> 19 & 3;  // 2 is reserved, and means medium
  a.preference = preference == 1 ? std::int8_t{1} : preference == 3 ? std::int8_t{-1} : std::int8_t{0};
  a.lifetime = static_cast<std::uint16_t>(m.rest);
  const bool fine = each_option(m.payload.subspan(8), [&](std::uint8_t kind, bytes o) {
    if (kind == source_link_address && o.size() == 8) a.source_mac = load_mac(o);
    if (kind == link_mtu && o.size() == 8) a.mtu = load32(o, 4);
    if (kind == prefix_information && o.size() == 32 && a.prefix_count < prefix_limit && load8(o, 2) <= 128) {
      const std::uint8_t flags = load8(o, 3), length = load8(o, 2);
      a.prefixes[a.prefix_count++] = {load_address(o, 16).prefix(length),
                                      length,
                                      (flags & 0x80) != 0,
                                      (flags & 0x40) != 0,
                                      load32(o, 4),
                                      load32(o, 8)};
    }
    if (kind == name_servers && o.size() >= 24 && o.size() % 16 == 8) {
      a.server_lifetime = load32(o, 4);
      for (std::size_t at = 8; at < o.size() && a.server_count < server_limit; at += 16)
        a.servers[a.server_count++] = load_address(o, at);
    }
    if (kind == search_list && o.size() >= 16) {
      a.domain_lifetime = load32(o, 4);
      each_domain(o.subspan(8), [&](std::string name) {
        if (a.domain_count < domain_limit) a.domains[a.domain_count++] = std::move(name);
      });
    }
  });
  return fine ? std::optional{a} : std::nullopt;
}

std::optional<std::optional<mac_address>> source_mac_of(bytes options) {
  std::optional<mac_address> mac;
  const bool fine = each_option(options, [&](std::uint8_t kind, bytes o) {
    if (kind == source_link_address && o.size() == 8) mac = load_mac(o);
  });
  return fine ? std::optional{mac} : std::nullopt;
}

}  // namespace aster::net::wire
