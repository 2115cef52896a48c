#include "aster/net/wire/ipv4.hpp"

#include "aster/net/wire/checksum.hpp"

namespace aster::net::wire {

namespace {

enum class options_say { nothing, source_route, nonsense };

options_say read_options(bytes options) {
  bool routed = false;
  for (std::size_t i = 0; i < options.size();) {
    const std::uint8_t kind = load8(options, i);
    if (kind == 0) break;  // end of list
    if (kind == 1) {       // no operation
      ++i;
      continue;
    }
    if (i + 1 >= options.size()) return options_say::nonsense;
    const std::uint8_t length = load8(options, i + 1);
    if (length < 2 || i + length > options.size()) return options_say::nonsense;
    if (kind == 131 || kind == 137) routed = true;  // loose and strict source route
    i += length;
  }
  return routed ? options_say::source_route : options_say::nothing;
}

}  // namespace

std::expected<ipv4::parsed, ipv4::fault> ipv4::parse(bytes packet) {
  if (packet.size() < size || load8(packet, 0) >> 4 != 4) return std::unexpected{fault::malformed};
  const std::size_t header_size = std::size_t{load8(packet, 0) & 15u} * 4;
  const std::size_t total = load16(packet, 2);
  if (header_size < size || total < header_size || packet.size() < total)
    return std::unexpected{fault::malformed};
  checksum sum;
  sum.add(packet.first(header_size));
  if (sum.value() != 0) return std::unexpected{fault::bad_checksum};

  ipv4 h;
  if (header_size > size) {
    const auto said = read_options(packet.subspan(size, header_size - size));
    if (said == options_say::nonsense) return std::unexpected{fault::malformed};
    h.source_routed = said == options_say::source_route;
  }
  h.traffic_class = load8(packet, 1);
  h.identification = load16(packet, 4);
  const std::uint16_t fragment = load16(packet, 6);
  h.dont_fragment = (fragment & 0x4000) != 0;
  h.more_fragments = (fragment & 0x2000) != 0;
  h.fragment_offset = static_cast<std::uint16_t>((fragment & 0x1fff) * 8);
  h.ttl = load8(packet, 8);
  h.protocol = load8(packet, 9);
  h.source = ipv4_address{load32(packet, 12)};
  h.destination = ipv4_address{load32(packet, 16)};
  h.payload_size = static_cast<std::uint16_t>(total - header_size);
  return parsed{h, header_size, packet.subspan(header_size, h.payload_size)};
}

void ipv4::made_whole(mutable_bytes packet, std::size_t header_size, std::uint8_t congestion) {
  store8(packet, 1, static_cast<std::uint8_t>((load8(packet, 1) & ~congestion_bits) | congestion));
  store16(packet, 2, static_cast<std::uint16_t>(packet.size()));
  store16(packet, 6, 0);
  store16(packet, 10, 0);
  checksum sum;
  sum.add(packet.first(header_size));
  store16(packet, 10, sum.value());
}

void ipv4::age(mutable_bytes packet) {
  store8(packet, 8, static_cast<std::uint8_t>(load8(packet, 8) - 1));
  // The word of TTL and protocol is 0x100 less, so the complement of the sum is that much more.
  const std::uint32_t sum = load16(packet, 10) + 0x100u;
  store16(packet, 10, static_cast<std::uint16_t>((sum & 0xffff) + (sum >> 16)));
}

void ipv4::emit(mutable_bytes out) const {
  out = out.first(router_alert ? size_with_alert : size);
  store8(out, 0, static_cast<std::uint8_t>(0x40 | out.size() / 4));
  store8(out, 1, traffic_class);
  store16(out, 2, static_cast<std::uint16_t>(out.size() + payload_size));
  store16(out, 4, identification);
  store16(out, 6,
          static_cast<std::uint16_t>((dont_fragment ? 0x4000 : 0) | (more_fragments ? 0x2000 : 0) |
                                     fragment_offset / 8));
  store8(out, 8, ttl);
  store8(out, 9, protocol);
  store16(out, 10, 0);
  store32(out, 12, source.value);
  store32(out, 16, destination.value);
  if (router_alert) store32(out, size, 0x94040000);
  checksum sum;
  sum.add(out);
  store16(out, 10, sum.value());
}

}  // namespace aster::net::wire
