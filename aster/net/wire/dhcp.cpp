#include "aster/net/wire/dhcp.hpp"

#include <algorithm>

namespace aster::net::wire {

namespace {

constexpr std::uint32_t magic_cookie = 0x63825363;  // RFC 2131 §3

enum option : std::uint8_t {
  pad = 0,
  mask_option = 1,
  router_option = 3,
  dns_option = 6,
  host_name_option = 12,
  domain_option = 15,
  mtu_option = 26,
  requested_option = 50,
  lease_option = 51,
  overload_option = 52,
  type_option = 53,
  server_option = 54,
  parameters_option = 55,
  size_option = 57,
  renewal_option = 58,
  rebinding_option = 59,
  client_option = 61,
  routes_option = 121,
  end = 255,
};

bool is_domain(std::string_view text) {
  return text.size() <= 253 && std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                  c == '.';
         });
}

// RFC 3442: a prefix length, as many bytes of the network as it needs, and the router. A list that does not
// come out even is not believed at all.
bool read_routes(bytes body, dhcp& m) {
  decltype(m.routes) list;
  for (std::size_t i = 0; i < body.size();) {
    const std::uint8_t prefix = load8(body, i++);
    const std::size_t significant = (prefix + 7u) / 8;
    if (prefix > 32 || i + significant + 4 > body.size()) return false;
    std::uint32_t network = 0;
    for (std::size_t k = 0; k < 4; ++k) network = network << 8 | (k < significant ? load8(body, i + k) : 0u);
    dhcp::route r{{ipv4_address{network}, prefix}, ipv4_address{load32(body, i + significant)}};
    r.network.address.value &= r.network.mask();
    list.add(r);
    i += significant + 4;
  }
  m.routes = list;
  return true;
}

struct reading {
  dhcp message;
  bool has_type = false;
  std::uint8_t overload = 0;
};

// False when the list contradicts itself. A list without an end marker is taken as it is: some servers
// leave it out.
bool read_options(bytes list, reading& r) {
  for (std::size_t i = 0; i < list.size();) {
    const std::uint8_t kind = load8(list, i);
    if (kind == pad) {
      ++i;
      continue;
    }
    if (kind == end) return true;
    if (i + 1 >= list.size()) return false;
    const std::size_t length = load8(list, i + 1);
    if (i + 2 + length > list.size()) return false;
    const bytes body = list.subspan(i + 2, length);
    const auto address = [&]() -> std::optional<ipv4_address> {
      if (length < 4) return std::nullopt;
      return ipv4_address{load32(body, 0)};
    };
    const auto number = [&]() -> std::optional<std::uint32_t> {
      if (length != 4) return std::nullopt;
      return load32(body, 0);
    };
    dhcp& m = r.message;
    switch (kind) {
      case mask_option: m.mask = address(); break;
      case router_option: m.router = address(); break;
      case dns_option:
        if (length % 4 == 0)
          for (std::size_t k = 0; k < length; k += 4) m.dns.add(ipv4_address{load32(body, k)});
        break;
      case domain_option: {
        std::string_view text{reinterpret_cast<const char*>(body.data()), length};
        while (text.ends_with('\0')) text.remove_suffix(1);
        if (is_domain(text)) m.domain = text;
        break;
      }
      case routes_option: read_routes(body, m); break;
      case mtu_option:
        if (length == 2) m.mtu = load16(body, 0);
        break;
      case requested_option: m.requested = address(); break;
      case lease_option: m.lease = number(); break;
      case server_option: m.server = address(); break;
      case renewal_option: m.renewal = number(); break;
      case rebinding_option: m.rebinding = number(); break;
      case overload_option:
        if (length == 1) r.overload = load8(body, 0);
        break;
      case type_option: {
        if (length != 1) return false;
        const std::uint8_t type = load8(body, 0);
        if (type < 1 || type > 8) return false;
        m.type = static_cast<dhcp::message>(type);
        r.has_type = true;
        break;
      }
      default: break;  // an open set: what is not known is skipped
    }
    i += 2 + length;
  }
  return true;
}

}  // namespace

std::optional<dhcp> dhcp::parse(bytes message) {
  if (message.size() < fixed_size) return std::nullopt;
  const std::uint8_t op = load8(message, 0);
  if (op != 1 && op != 2) return std::nullopt;
  if (load8(message, 1) != 1 || load8(message, 2) != 6) return std::nullopt;  // Ethernet
  if (load32(message, 236) != magic_cookie) return std::nullopt;
  reading r;
  dhcp& m = r.message;
  m.is_reply = op == 2;
  m.transaction = load32(message, 4);
  m.seconds = load16(message, 8);
  m.broadcast = (load16(message, 10) & 0x8000) != 0;
  m.client = ipv4_address{load32(message, 12)};
  m.yours = ipv4_address{load32(message, 16)};
  std::memcpy(m.client_mac.bytes.data(), message.data() + 28, 6);
  if (!read_options(message.subspan(fixed_size), r)) return std::nullopt;
  const std::uint8_t overload = r.overload;
  if ((overload & 1) != 0 && !read_options(message.subspan(108, 128), r)) return std::nullopt;  // file
  if ((overload & 2) != 0 && !read_options(message.subspan(44, 64), r)) return std::nullopt;    // sname
  if (!r.has_type) return std::nullopt;
  return m;
}

std::size_t dhcp::emit(mutable_bytes out) const {
  out = out.first(largest_size);
  std::ranges::fill(out, std::byte{0});
  store8(out, 0, is_reply ? 2 : 1);
  store8(out, 1, 1);
  store8(out, 2, 6);
  store32(out, 4, transaction);
  store16(out, 8, seconds);
  store16(out, 10, broadcast ? 0x8000 : 0);
  store32(out, 12, client.value);
  store32(out, 16, yours.value);
  std::memcpy(out.data() + 28, client_mac.bytes.data(), 6);
  store32(out, 236, magic_cookie);

  std::size_t at = fixed_size;
  const auto put8 = [&](std::uint8_t kind, std::uint8_t value) {
    store8(out, at, kind);
    store8(out, at + 1, 1);
    store8(out, at + 2, value);
    at += 3;
  };
  const auto put32 = [&](std::uint8_t kind, const std::optional<std::uint32_t>& value) {
    if (!value) return;
    store8(out, at, kind);
    store8(out, at + 1, 4);
    store32(out, at + 2, *value);
    at += 6;
  };
  const auto put_address = [&](std::uint8_t kind, const std::optional<ipv4_address>& value) {
    if (value) put32(kind, value->value);
  };
  put8(type_option, static_cast<std::uint8_t>(type));
  put_address(requested_option, requested);
  put_address(server_option, server);
  put32(lease_option, lease);
  if (is_reply) {
    put32(renewal_option, renewal);
    put32(rebinding_option, rebinding);
    put_address(mask_option, mask);
    put_address(router_option, router);
    if (dns.count > 0) {
      store8(out, at, dns_option);
      store8(out, at + 1, static_cast<std::uint8_t>(dns.count * 4));
      at += 2;
      for (const ipv4_address a : dns.all()) {
        store32(out, at, a.value);
        at += 4;
      }
    }
    if (!domain.empty() && domain.size() <= 64) {
      store8(out, at, domain_option);
      store8(out, at + 1, static_cast<std::uint8_t>(domain.size()));
      std::memcpy(out.data() + at + 2, domain.data(), domain.size());
      at += 2 + domain.size();
    }
    if (routes.count > 0) {
      const std::size_t begin = at;
      store8(out, at, routes_option);
      at += 2;
      for (const route& r : routes.all()) {
        store8(out, at++, r.network.prefix);
        for (std::size_t k = 0; k < (r.network.prefix + 7u) / 8; ++k)
          store8(out, at++, static_cast<std::uint8_t>(r.network.address.value >> (24 - 8 * k)));
        store32(out, at, r.router.value);
        at += 4;
      }
      store8(out, begin + 1, static_cast<std::uint8_t>(at - begin - 2));
    }
    if (mtu) {
      store8(out, at, mtu_option);
      store8(out, at + 1, 2);
      store16(out, at + 2, *mtu);
      at += 4;
    }
  } else {
    store8(out, at, client_option);  // hardware type and address: the same after every start
    store8(out, at + 1, 7);
    store8(out, at + 2, 1);
    std::memcpy(out.data() + at + 3, client_mac.bytes.data(), 6);
    at += 9;
    if (!host_name.empty()) {
      const std::size_t length = std::min<std::size_t>(host_name.size(), 64);
      store8(out, at, host_name_option);
      store8(out, at + 1, static_cast<std::uint8_t>(length));
      std::memcpy(out.data() + at + 2, host_name.data(), length);
      at += 2 + length;
    }
    if (type == message::discover || type == message::request) {
      store8(out, at, size_option);
      store8(out, at + 1, 2);
      store16(out, at + 2, largest_size + 28);  // with IP and UDP headers
      at += 4;
      // RFC 3442 wants routes asked for before the router.
      constexpr std::uint8_t wanted[] = {mask_option,  routes_option,  router_option,
                                         dns_option,   domain_option,  mtu_option,
                                         lease_option, renewal_option, rebinding_option};
      store8(out, at, parameters_option);
      store8(out, at + 1, sizeof wanted);
      std::memcpy(out.data() + at + 2, wanted, sizeof wanted);
      at += 2 + sizeof wanted;
    }
  }
  store8(out, at++, end);
  return std::max<std::size_t>(at, 300);
}

}  // namespace aster::net::wire
