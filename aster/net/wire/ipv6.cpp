#include "aster/net/wire/ipv6.hpp"

namespace aster::net::wire {

namespace {

constexpr std::uint8_t erroneous_field = 0, unknown_option = 2;  // codes of a parameter problem

constexpr ipv6::fault silent{};

// Options of a hop-by-hop or destination header (RFC 8200 §4.2). None that we know asks anything of a host;
// the first two bits of an unknown one say what is to become of the packet.
std::optional<ipv6::fault> read_options(bytes header, std::size_t at) {
  std::size_t count = 0;
  for (std::size_t i = 2; i < header.size();) {
    const std::uint8_t kind = load8(header, i);
    if (kind == 0) {  // one byte of padding
      ++i;
      continue;
    }
    if (i + 1 >= header.size()) return silent;
    const std::size_t length = 2 + load8(header, i + 1);
    if (i + length > header.size()) return silent;
    constexpr std::uint8_t padding = 1, router_alert = 5, jumbo_payload = 0xc2;
    if (kind != padding && ++count > ipv6::option_limit) return silent;
    // A payload of more than 64 KiB fits no link of ours.
    if (kind == jumbo_payload || (kind != padding && kind != router_alert && (kind >> 6) != 0)) {
      if ((kind & 0x80) == 0) return silent;
      return ipv6::fault{true, (kind & 0x40) == 0, unknown_option, static_cast<std::uint32_t>(at + i)};
    }
    i += length;
  }
  return std::nullopt;
}

}  // namespace

std::expected<ipv6::parsed, ipv6::fault> ipv6::parse(bytes packet) {
  if (packet.size() < size || load8(packet, 0) >> 4 != 6) return std::unexpected{silent};
  parsed p;
  ipv6& h = p.header;
  const std::uint32_t first = load32(packet, 0);
  h.traffic_class = static_cast<std::uint8_t>(first >> 20);
  h.flow_label = first & 0xfffff;
  h.payload_size = load16(packet, 4);
  h.protocol = load8(packet, 6);
  h.hop_limit = load8(packet, 7);
  std::memcpy(h.source.bytes.data(), packet.data() + 8, 16);
  std::memcpy(h.destination.bytes.data(), packet.data() + 24, 16);
  if (packet.size() < size + h.payload_size) return std::unexpected{silent};
  packet = packet.first(size + h.payload_size);

  std::size_t at = size;
  for (std::size_t count = 0;; ++count) {
    const std::uint8_t kind = h.protocol;
    if (kind != hop_by_hop && kind != routing && kind != fragment_header && kind != destination_options)
      break;
    // Hop-by-hop options stand first or nowhere (§4.1); elsewhere their number means nothing (RFC 4443 §3.4).
    if (kind == hop_by_hop && at != size)
      return std::unexpected{fault{true, false, 1, static_cast<std::uint32_t>(p.next_field)}};
    if (count == extension_limit || packet.size() < at + 8) return std::unexpected{silent};
    const std::size_t length = kind == fragment_header ? 8 : (std::size_t{load8(packet, at + 1)} + 1) * 8;
    if (packet.size() < at + length) return std::unexpected{silent};
    const bytes header = packet.subspan(at, length);
    if (kind == hop_by_hop || kind == destination_options) {
      if (const auto wrong = read_options(header, at)) return std::unexpected{*wrong};
    } else if (kind == routing) {
      // Segments left: we should forward it, which is refused whatever its type (RFC 5095 §3, RFC 8200 §4.4).
      if (load8(header, 3) != 0)
        return std::unexpected{fault{true, false, erroneous_field, static_cast<std::uint32_t>(at + 2)}};
    } else {
      const std::uint16_t field = load16(header, 2);
      p.has_fragment_header = true;
      const fragment f{load32(header, 4), field & 0xfff8u, (field & 1) != 0, at};
      if (f.offset != 0 || f.more) {
        h.protocol = load8(header, 0);
        p.cut = f;
        p.header_size = at + length;
        p.payload = packet.subspan(p.header_size);
        return p;
      }
    }
    h.protocol = load8(header, 0);
    p.next_field = at;
    at += length;
  }
  p.header_size = at;
  p.payload = packet.subspan(at);
  return p;
}

bool ipv6::has_all_headers(std::uint8_t protocol, bytes payload) {
  for (std::size_t count = 0; count <= extension_limit; ++count) {
    switch (protocol) {
      case hop_by_hop:
      case routing:
      case destination_options: {
        if (payload.size() < 8) return false;
        const std::size_t length = (std::size_t{load8(payload, 1)} + 1) * 8;
        if (payload.size() < length) return false;
        protocol = load8(payload, 0);
        payload = payload.subspan(length);
        continue;
      }
      case fragment_header: return true;  // nothing is a fragment of a fragment: refused when it is whole
      case tcp: return payload.size() >= 20;
      case udp:
      case icmp: return payload.size() >= 8;
      default: return !payload.empty() || protocol == none;
    }
  }
  return true;  // too many: likewise
}

void ipv6::emit(mutable_bytes out) const {
  out = out.first(size);
  store32(out, 0, 6u << 28 | std::uint32_t{traffic_class} << 20 | flow_label);
  store16(out, 4, payload_size);
  store8(out, 6, protocol);
  store8(out, 7, hop_limit);
  std::memcpy(out.data() + 8, source.bytes.data(), 16);
  std::memcpy(out.data() + 24, destination.bytes.data(), 16);
}

}  // namespace aster::net::wire
