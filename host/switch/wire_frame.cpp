#include "host/switch/wire_frame.hpp"

#include <cstring>

#include "aster/net/segmentation.hpp"
#include "host/network/frame_checksum.hpp"
#include "host/network/frame_view.hpp"
#include "host/network/network_order.hpp"

namespace aster::host {
namespace {

constexpr std::size_t header_size = sizeof(abi::net_header);
constexpr std::size_t ethernet_size = 14;
constexpr std::uint16_t least_segment = 48;  // or one message becomes tens of thousands

}  // namespace

bool makes_sense(const abi::net_header& h, std::size_t frame) {
  if ((h.flags & ~(abi::net_header::needs_checksum | abi::net_header::data_valid)) != 0) return false;
  const bool partial = (h.flags & abi::net_header::needs_checksum) != 0;
  if (partial && std::size_t{h.checksum_start} + h.checksum_offset + 2 > frame) return false;
  const int kind = h.gso_type & ~abi::net_header::gso_ecn;
  if (kind == abi::net_header::gso_none) return h.gso_type == abi::net_header::gso_none;
  return kind == abi::net_header::gso_tcpv4 && partial && h.segment_size >= least_segment;
}

std::optional<std::vector<std::vector<std::byte>>> as_on_a_wire(std::span<std::byte> message) {
  std::vector<std::vector<std::byte>> pieces;
  abi::net_header header;
  std::memcpy(&header, message.data(), header_size);
  const std::span<std::byte> frame = message.subspan(header_size);
  if (header.gso_type == abi::net_header::gso_none) {
    if (!complete_checksum(header, frame)) return pieces;
    constexpr abi::net_header plain{};
    std::memcpy(message.data(), &plain, header_size);
    return std::nullopt;
  }
  const auto seen = frame_view::of(frame);
  if (!seen || seen->what != frame_view::kind::tcp) return pieces;
  // What stands behind the packet is none of it.
  net::tcp_segmenter cut{frame.subspan(ethernet_size, read_half(frame, ethernet_size + 2)),
                         header.segment_size};
  for (auto packet = cut.next(); !packet.empty(); packet = cut.next()) {
    std::vector<std::byte> one(header_size + ethernet_size + packet.size());
    std::memcpy(one.data() + header_size, frame.data(), ethernet_size);
    std::memcpy(one.data() + header_size + ethernet_size, packet.data(), packet.size());
    pieces.push_back(std::move(one));
  }
  return pieces;
}

}  // namespace aster::host
