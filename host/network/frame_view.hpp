// What a frame says about where it comes from and where it goes, checked once: Ethernet, ARP, IPv4, and the
// ports of TCP and UDP.
//
//   if (const auto seen = frame_view::of(frame); seen && seen->is_tcp_opening()) …
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace aster::host {

using hardware_address = std::array<std::uint8_t, 6>;

struct frame_view {
  enum class kind : std::uint8_t { arp_request, arp_reply, tcp, udp, icmp };

  hardware_address to{}, from{};
  kind what = kind::tcp;
  std::uint32_t source = 0,
                destination = 0;  // IPv4, host byte order; of ARP: the sender's, and who is asked for
  std::uint16_t source_port = 0, destination_port = 0;  // TCP and UDP
  std::uint8_t tcp_flags = 0;
  std::uint8_t icmp_type = 0;
  std::span<const std::byte> payload{};  // of UDP: the datagram; of ICMP: behind its type, code and checksum

  /// Nothing when it is malformed, a fragment, or of another protocol than those above. The view looks into
  /// `frame`.
  static std::optional<frame_view> of(std::span<const std::byte> frame);

  /// A segment that begins a connection: SYN without ACK.
  bool is_tcp_opening() const { return what == kind::tcp && (tcp_flags & 0x12) == 0x02; }
};

}  // namespace aster::host
