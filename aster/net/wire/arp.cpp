#include "aster/net/wire/arp.hpp"

namespace aster::net::wire {

namespace {
constexpr std::uint16_t hardware_ethernet = 1;
constexpr std::uint16_t protocol_ipv4 = 0x0800;
}  // namespace

std::optional<arp> arp::parse(bytes packet) {
  if (packet.size() < size) return std::nullopt;
  if (load16(packet, 0) != hardware_ethernet || load16(packet, 2) != protocol_ipv4) return std::nullopt;
  if (load8(packet, 4) != 6 || load8(packet, 5) != 4) return std::nullopt;
  const std::uint16_t op = load16(packet, 6);
  if (op != 1 && op != 2) return std::nullopt;
  arp a;
  a.op = static_cast<operation>(op);
  std::memcpy(a.sender_mac.bytes.data(), packet.data() + 8, 6);
  a.sender_ip = ipv4_address{load32(packet, 14)};
  std::memcpy(a.target_mac.bytes.data(), packet.data() + 18, 6);
  a.target_ip = ipv4_address{load32(packet, 24)};
  return a;
}

void arp::emit(mutable_bytes out) const {
  out = out.first(size);
  store16(out, 0, hardware_ethernet);
  store16(out, 2, protocol_ipv4);
  store8(out, 4, 6);
  store8(out, 5, 4);
  store16(out, 6, static_cast<std::uint16_t>(op));
  std::memcpy(out.data() + 8, sender_mac.bytes.data(), 6);
  store32(out, 14, sender_ip.value);
  std::memcpy(out.data() + 18, target_mac.bytes.data(), 6);
  store32(out, 24, target_ip.value);
}

}  // namespace aster::net::wire
