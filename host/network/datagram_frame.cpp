#include "host/network/datagram_frame.hpp"

#include "host/network/network_order.hpp"

namespace aster::host {
namespace {

constexpr std::size_t ethernet_size = 14, ip_size = 20, udp_size = 8;

void put(std::vector<std::byte>& to, std::span<const std::uint8_t> bytes) {
  for (const std::uint8_t b : bytes) to.push_back(std::byte{b});
}

}  // namespace

std::vector<std::byte> datagram_frame(const datagram_end& from, const datagram_end& to,
                                      std::span<const std::byte> datagram) {
  static constexpr std::uint8_t type[] = {0x08, 0x00}, version[] = {0x45, 0},
                                rest[] = {0, 0, 0x40, 0, 64, 17};
  std::vector<std::byte> out;
  out.reserve(ethernet_size + ip_size + udp_size + datagram.size());
  put(out, to.hardware);
  put(out, from.hardware);
  put(out, type);
  put(out, version);
  put_half(out, ip_size + udp_size + datagram.size());
  put(out, rest);  // not a fragment, 64 hops, UDP
  put_half(out, 0);
  put_word(out, from.address);
  put_word(out, to.address);
  // The checksum of the IP header (RFC 1071).
  std::uint32_t sum = 0;
  for (std::size_t at = ethernet_size; at < ethernet_size + ip_size; at += 2) sum += read_half(out, at);
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  out[ethernet_size + 10] = static_cast<std::byte>(~sum >> 8 & 0xff);
  out[ethernet_size + 11] = static_cast<std::byte>(~sum & 0xff);
  put_half(out, from.port);
  put_half(out, to.port);
  put_half(out, udp_size + datagram.size());
  put_half(out, 0);  // none: nothing can happen to it on the way (RFC 768)
  out.insert(out.end(), datagram.begin(), datagram.end());
  return out;
}

}  // namespace aster::host
