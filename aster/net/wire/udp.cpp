#include "aster/net/wire/udp.hpp"

#include "aster/net/wire/checksum.hpp"
#include "aster/net/wire/ipv4.hpp"

namespace aster::net::wire {

std::expected<udp, udp::fault> udp::parse(bytes packet, const ip_address& source,
                                          const ip_address& destination, bool verify) {
  if (packet.size() < size) return std::unexpected{fault::malformed};
  const std::size_t length = load16(packet, 4);
  if (length < size || length > packet.size()) return std::unexpected{fault::malformed};
  packet = packet.first(length);
  const udp u{load16(packet, 0), load16(packet, 2), packet.subspan(size)};
  if (verify && (load16(packet, 6) != 0 || destination.is_v6())) {  // zero: the sender took none
    checksum sum = pseudo_header(source, destination, ipv4::udp, length);
    sum.add(packet);
    if (sum.value() != 0) return std::unexpected{fault::bad_checksum};
  }
  return u;
}

void udp::emit(mutable_bytes out, const ip_address& source, const ip_address& destination) const {
  out = out.first(size);
  const std::size_t length = size + payload.size();
  store16(out, 0, source_port);
  store16(out, 2, destination_port);
  store16(out, 4, static_cast<std::uint16_t>(length));
  store16(out, 6, 0);
  checksum sum = pseudo_header(source, destination, ipv4::udp, length);
  sum.add(out);
  sum.add(payload);
  const std::uint16_t value = sum.value();
  store16(out, 6, value == 0 ? 0xffff : value);  // zero would say that there is none
}

}  // namespace aster::net::wire
