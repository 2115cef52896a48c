#include "host/network/frame_view.hpp"

#include <algorithm>
#include <cstring>

#include "host/network/network_order.hpp"

namespace aster::host {
namespace {

constexpr std::size_t ethernet_size = 14;
constexpr std::uint16_t type_ipv4 = 0x0800, type_arp = 0x0806;
constexpr std::uint8_t protocol_icmp = 1, protocol_tcp = 6, protocol_udp = 17;

using bytes = std::span<const std::byte>;

std::uint8_t octet(bytes from, std::size_t at) { return std::to_integer<std::uint8_t>(from[at]); }
hardware_address station(bytes from, std::size_t at) {
  hardware_address address;
  std::memcpy(address.data(), from.subspan(at, 6).data(), 6);
  return address;
}

/// ARP for IPv4 on Ethernet (RFC 826). Whoever speaks gives its own hardware address in both places.
bool read_arp(bytes packet, frame_view& seen) {
  if (packet.size() < 28 || read_half(packet, 0) != 1 || read_half(packet, 2) != type_ipv4 ||
      read_half(packet, 4) != 0x0604)
    return false;
  const std::uint16_t operation = read_half(packet, 6);
  if ((operation != 1 && operation != 2) || station(packet, 8) != seen.from) return false;
  seen.what = operation == 1 ? frame_view::kind::arp_request : frame_view::kind::arp_reply;
  seen.source = read_word(packet, 14);
  seen.destination = read_word(packet, 24);
  return true;
}

bool read_ipv4(bytes packet, frame_view& seen) {
  if (packet.size() < 20 || octet(packet, 0) >> 4 != 4) return false;
  const std::size_t header = (octet(packet, 0) & 15u) * 4u;
  const std::size_t total = read_half(packet, 2);
  if (header < 20 || total < header || total > packet.size()) return false;
  if ((read_half(packet, 6) & 0x3fff) != 0) return false;  // a fragment's ports cannot be told
  seen.source = read_word(packet, 12);
  seen.destination = read_word(packet, 16);
  const bytes transport = packet.subspan(header, total - header);
  switch (octet(packet, 9)) {
    case protocol_tcp:
      if (transport.size() < 20 || (octet(transport, 12) >> 4) * 4u < 20 ||
          (octet(transport, 12) >> 4) * 4u > transport.size())
        return false;
      seen.what = frame_view::kind::tcp;
      seen.source_port = read_half(transport, 0);
      seen.destination_port = read_half(transport, 2);
      seen.tcp_flags = octet(transport, 13);
      return true;
    case protocol_udp: {
      if (transport.size() < 8) return false;
      const std::size_t length = read_half(transport, 4);
      if (length < 8 || length > transport.size()) return false;
      seen.what = frame_view::kind::udp;
      seen.source_port = read_half(transport, 0);
      seen.destination_port = read_half(transport, 2);
      seen.payload = transport.subspan(8, length - 8);
      return true;
    }
    case protocol_icmp:
      if (transport.size() < 8) return false;
      seen.what = frame_view::kind::icmp;
      seen.icmp_type = octet(transport, 0);
      seen.payload = transport.subspan(4);
      return true;
    default: return false;
  }
}

}  // namespace

std::optional<frame_view> frame_view::of(bytes frame) {
  if (frame.size() < ethernet_size) return std::nullopt;
  frame_view seen;
  seen.to = station(frame, 0);
  seen.from = station(frame, 6);
  const bytes packet = frame.subspan(ethernet_size);
  switch (read_half(frame, 12)) {
    case type_arp: return read_arp(packet, seen) ? std::optional{seen} : std::nullopt;
    case type_ipv4: return read_ipv4(packet, seen) ? std::optional{seen} : std::nullopt;
    default: return std::nullopt;
  }
}

}  // namespace aster::host
