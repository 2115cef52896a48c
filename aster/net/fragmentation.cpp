#include "aster/net/fragmentation.hpp"

#include <algorithm>

#include "aster/net/wire/checksum.hpp"

namespace aster::net {

namespace {

constexpr std::size_t link = wire::ethernet::size;
constexpr std::size_t ipv6_size = 40, fragment_header_size = 8;
constexpr std::uint8_t fragment_header = 44;  // RFC 8200 §4.5
constexpr std::uint16_t more_bit = 0x2000;    // of IPv4's flags

// Later fragments carry only the options that say so (RFC 791 §3.1, the copied flag). `header` is that of the
// packet; what stays is written behind its fixed part, and the size of all of it returned.
std::size_t keep_copied_options(wire::mutable_bytes header) {
  std::size_t kept = wire::ipv4::size;
  for (std::size_t i = wire::ipv4::size; i < header.size();) {
    const std::uint8_t kind = wire::load8(header, i);
    if (kind == 0) break;
    if (kind == 1) {
      ++i;
      continue;
    }
    const std::size_t length = i + 1 < header.size() ? wire::load8(header, i + 1) : 0;
    if (length < 2 || i + length > header.size()) break;
    if ((kind & 0x80) != 0) {
      std::memmove(header.data() + kept, header.data() + i, length);
      kept += length;
    }
    i += length;
  }
  while (kept % 4 != 0) header[kept++] = std::byte{0};
  return kept;
}

}  // namespace

packet_cutter::packet_cutter(std::span<const wire::bytes> pieces, std::size_t mtu,
                             std::uint32_t identification)
    : pieces_(pieces), identification_(identification) {
  const wire::bytes ip = pieces.front().subspan(link);
  is_ipv6_ = wire::load8(ip, 0) >> 4 == 6;
  header_size_ = is_ipv6_ ? ipv6_size : std::size_t{wire::load8(ip, 0) & 15u} * 4;
  const std::size_t heads = header_size_ + (is_ipv6_ ? fragment_header_size : 0);
  step_ = mtu > heads + 8 ? (mtu - heads) / 8 * 8 : 8;
  for (const wire::bytes piece : pieces) left_ += piece.size();
  left_ -= link + header_size_;
  inside_ = link + header_size_;
  std::memcpy(head_.data(), pieces.front().data(), inside_);
  head_size_ = link + heads;
  if (is_ipv6_) {
    wire::store8(head_, head_size_ - 8, wire::load8(ip, 6));
    wire::store8(head_, link + 6, fragment_header);
  } else {
    const std::uint16_t field = wire::load16(ip, 6);
    offset_ = (field & 0x1fffu) * std::size_t{8};
    more_follow_ = (field & more_bit) != 0;
  }
}

std::optional<std::span<const wire::bytes>> packet_cutter::next() {
  if (left_ == 0) return std::nullopt;
  std::size_t size = std::min(left_, step_);
  const bool last = size == left_;
  if (is_ipv6_) {
    head_of_ipv6(size, last);
  } else {
    head_of_ipv4(size, last);
  }
  left_ -= size;
  offset_ += size;
  is_first_ = false;

  out_[0] = std::span{head_}.first(head_size_);
  std::size_t count = 1;
  while (size > 0) {
    const wire::bytes rest = pieces_[piece_].subspan(inside_);
    const wire::bytes part = rest.first(std::min(rest.size(), size));
    if (!part.empty()) out_[count++] = part;
    size -= part.size();
    inside_ += part.size();
    if (inside_ == pieces_[piece_].size()) {
      ++piece_;
      inside_ = 0;
    }
  }
  return std::span<const wire::bytes>{out_}.first(count);
}

void packet_cutter::head_of_ipv4(std::size_t size, bool last) {
  const wire::mutable_bytes ip = std::span{head_}.subspan(link);
  if (!is_first_ && header_size_ > wire::ipv4::size) {
    header_size_ = keep_copied_options(ip.first(header_size_));
    head_size_ = link + header_size_;
    wire::store8(ip, 0, static_cast<std::uint8_t>(0x40 | header_size_ / 4));
  }
  wire::store16(ip, 2, static_cast<std::uint16_t>(head_size_ - link + size));
  wire::store16(ip, 6, static_cast<std::uint16_t>((last && !more_follow_ ? 0 : more_bit) | offset_ / 8));
  wire::store16(ip, 10, 0);
  wire::checksum sum;
  sum.add(ip.first(head_size_ - link));
  wire::store16(ip, 10, sum.value());
}

void packet_cutter::head_of_ipv6(std::size_t size, bool last) {
  wire::store16(head_, link + 4, static_cast<std::uint16_t>(fragment_header_size + size));
  const wire::mutable_bytes fragment = std::span{head_}.subspan(link + ipv6_size);
  wire::store8(fragment, 1, 0);
  wire::store16(fragment, 2, static_cast<std::uint16_t>(offset_ | (last ? 0 : 1)));
  wire::store32(fragment, 4, identification_);
}

}  // namespace aster::net
