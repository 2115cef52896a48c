#include "aster/net/segmentation.hpp"

#include <algorithm>

#include "aster/net/wire/checksum.hpp"
#include "aster/net/wire/ipv4.hpp"
#include "aster/net/wire/tcp.hpp"

namespace aster::net {

namespace {
constexpr std::uint8_t fin = 1, psh = 8, cwr = 128;
}

tcp_segmenter::tcp_segmenter(wire::bytes packet, std::uint16_t segment_size)
    : packet_(packet), size_(segment_size) {
  ip_header_ = std::size_t{wire::load8(packet, 0) & 15u} * 4;
  if (size_ == 0 || wire::load8(packet, 9) != wire::ipv4::tcp ||
      packet.size() < ip_header_ + wire::tcp::least_size)
    return;
  const std::size_t tcp_header = std::size_t{wire::load8(packet, ip_header_ + 12)} / 16 * 4;
  if (tcp_header >= wire::tcp::least_size && packet.size() > ip_header_ + tcp_header)
    header_ = ip_header_ + tcp_header;
}

wire::bytes tcp_segmenter::next() {
  const std::size_t total = packet_.size() - header_;
  if (header_ == 0 || at_ >= total) return {};
  const std::size_t size = std::min(size_, total - at_);
  out_.assign(packet_.begin(), packet_.begin() + static_cast<std::ptrdiff_t>(header_));
  const wire::bytes part = packet_.subspan(header_ + at_, size);
  out_.insert(out_.end(), part.begin(), part.end());
  const wire::mutable_bytes ip = out_;
  const wire::mutable_bytes tcp = ip.subspan(ip_header_);
  wire::store16(ip, 2, static_cast<std::uint16_t>(out_.size()));
  wire::store16(ip, 4, static_cast<std::uint16_t>(wire::load16(ip, 4) + count_));
  wire::store16(ip, 10, 0);
  wire::checksum header;
  header.add(ip.first(ip_header_));
  wire::store16(ip, 10, header.value());

  wire::store32(tcp, 4, wire::load32(tcp, 4) + static_cast<std::uint32_t>(at_));
  std::uint8_t flags = wire::load8(tcp, 13);
  if (at_ + size < total) flags &= static_cast<std::uint8_t>(~(fin | psh));
  if (at_ > 0) flags &= static_cast<std::uint8_t>(~cwr);  // RFC 3168 §6.1.2: said once
  wire::store8(tcp, 13, flags);
  wire::store16(tcp, wire::tcp::checksum_offset, 0);
  wire::checksum sum = wire::pseudo_header(ipv4_address{wire::load32(ip, 12)},
                                           ipv4_address{wire::load32(ip, 16)}, wire::ipv4::tcp, tcp.size());
  sum.add(tcp);
  wire::store16(tcp, wire::tcp::checksum_offset, sum.value());
  at_ += size;
  ++count_;
  return out_;
}

}  // namespace aster::net
