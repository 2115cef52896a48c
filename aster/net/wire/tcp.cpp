#include "aster/net/wire/tcp.hpp"

#include <algorithm>

#include "aster/net/wire/checksum.hpp"
#include "aster/net/wire/ipv4.hpp"

namespace aster::net::wire {

namespace {

enum option : std::uint8_t {
  end_of_list = 0,
  no_operation = 1,
  maximum_segment_size_kind = 2,
  window_scale_kind = 3,
  sack_permitted_kind = 4,
  sack_kind = 5,
  timestamps_kind = 8,
};

constexpr std::uint8_t fin_bit = 1, syn_bit = 2, rst_bit = 4, psh_bit = 8, ack_bit = 16, ece_bit = 64,
                       cwr_bit = 128;

}  // namespace

std::optional<tcp_options> tcp_options::parse(bytes list) {
  tcp_options o;
  for (std::size_t i = 0; i < list.size();) {
    const std::uint8_t kind = load8(list, i);
    if (kind == end_of_list) break;
    if (kind == no_operation) {
      ++i;
      continue;
    }
    if (i + 1 >= list.size()) return std::nullopt;
    const std::size_t length = load8(list, i + 1);
    if (length < 2 || i + length > list.size()) return std::nullopt;
    const bytes body = list.subspan(i + 2, length - 2);
    // An option of a known kind with a length that is not its own is skipped like an unknown one.
    if (kind == maximum_segment_size_kind && length == 4) o.maximum_segment_size = load16(body, 0);
    if (kind == window_scale_kind && length == 3) o.window_scale = std::min<std::uint8_t>(load8(body, 0), 14);
    if (kind == sack_permitted_kind && length == 2) o.sack_permitted = true;
    if (kind == timestamps_kind && length == 10) o.timestamps = timestamp{load32(body, 0), load32(body, 4)};
    if (kind == sack_kind && length >= 10 && (length - 2) % 8 == 0) {
      o.sack = {};
      o.sack_count = 0;
      for (std::size_t at = 0; at + 8 <= body.size() && o.sack_count < o.sack.size(); at += 8)
        o.sack[o.sack_count++] = block{load32(body, at), load32(body, at + 4)};
    }
    i += length;
  }
  return o;
}

std::size_t tcp_options::size() const {
  std::size_t n = 0;
  if (maximum_segment_size) n += 4;
  if (sack_permitted) n += 4;
  if (timestamps) n += 12;
  if (window_scale) n += 4;
  if (sack_count > 0) n += 4 + std::size_t{sack_count} * 8;
  return n;
}

void tcp_options::emit(mutable_bytes out) const {
  std::size_t at = 0;
  const auto put = [&](auto... values) { (store8(out, at++, static_cast<std::uint8_t>(values)), ...); };
  const auto put32 = [&](std::uint32_t value) {
    store32(out, at, value);
    at += 4;
  };
  // Each option is padded in front to a multiple of four, so that 32-bit values lie aligned.
  if (maximum_segment_size)
    put(maximum_segment_size_kind, 4, *maximum_segment_size >> 8, *maximum_segment_size & 255);
  if (sack_permitted) put(no_operation, no_operation, sack_permitted_kind, 2);
  if (timestamps) {
    put(no_operation, no_operation, timestamps_kind, 10);
    put32(timestamps->value);
    put32(timestamps->echo);
  }
  if (window_scale) put(no_operation, window_scale_kind, 3, *window_scale);
  if (sack_count > 0) {
    put(no_operation, no_operation, sack_kind, 2 + sack_count * 8);
    for (std::size_t i = 0; i < sack_count; ++i) {
      put32(sack[i].begin);
      put32(sack[i].end);
    }
  }
}

std::expected<tcp::parsed, tcp::fault> tcp::parse(bytes segment, const ip_address& source,
                                                  const ip_address& destination, bool verify) {
  if (segment.size() < least_size) return std::unexpected{fault::malformed};
  const std::size_t header_size = std::size_t{load8(segment, 12)} / 16 * 4;
  if (header_size < least_size || header_size > segment.size()) return std::unexpected{fault::malformed};
  if (verify) {
    checksum sum = pseudo_header(source, destination, ipv4::tcp, segment.size());
    sum.add(segment);
    if (sum.value() != 0) return std::unexpected{fault::bad_checksum};
  }
  tcp h;
  h.source_port = load16(segment, 0);
  h.destination_port = load16(segment, 2);
  h.sequence = load32(segment, 4);
  h.acknowledgement = load32(segment, 8);
  const std::uint8_t bits = load8(segment, 13);
  h.flags = {.fin = (bits & fin_bit) != 0,
             .syn = (bits & syn_bit) != 0,
             .rst = (bits & rst_bit) != 0,
             .psh = (bits & psh_bit) != 0,
             .ack = (bits & ack_bit) != 0,
             .ece = (bits & ece_bit) != 0,
             .cwr = (bits & cwr_bit) != 0};
  h.window = load16(segment, 14);
  if (header_size > least_size) {
    const auto options = tcp_options::parse(segment.subspan(least_size, header_size - least_size));
    if (!options) return std::unexpected{fault::malformed};
    h.options = *options;
  }
  if (h.source_port == 0 || h.destination_port == 0) return std::unexpected{fault::malformed};
  return parsed{h, segment.subspan(header_size)};
}

void tcp::emit(mutable_bytes out) const {
  const std::size_t length = size();
  out = out.first(length);
  store16(out, 0, source_port);
  store16(out, 2, destination_port);
  store32(out, 4, sequence);
  store32(out, 8, acknowledgement);
  store8(out, 12, static_cast<std::uint8_t>(length / 4 << 4));
  store8(out, 13,
         static_cast<std::uint8_t>((flags.fin ? fin_bit : 0) | (flags.syn ? syn_bit : 0) |
                                   (flags.rst ? rst_bit : 0) | (flags.psh ? psh_bit : 0) |
                                   (flags.ack ? ack_bit : 0) | (flags.ece ? ece_bit : 0) |
                                   (flags.cwr ? cwr_bit : 0)));
  store16(out, 14, window);
  store16(out, 16, 0);
  store16(out, 18, 0);  // urgent pointer: never sent (RFC 6093)
  options.emit(out.subspan(least_size));
}

}  // namespace aster::net::wire
