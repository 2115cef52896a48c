#include "aster/net/wire/icmpv6.hpp"

#include "aster/net/wire/checksum.hpp"
#include "aster/net/wire/ipv6.hpp"

namespace aster::net::wire {

std::expected<icmpv6, icmpv6::fault> icmpv6::parse(bytes message, const ipv6_address& source,
                                                   const ipv6_address& destination, bool verify) {
  if (message.size() < size) return std::unexpected{fault::malformed};
  if (verify) {
    checksum sum = pseudo_header(source, destination, ipv6::icmp, message.size());
    sum.add(message);
    if (sum.value() != 0) return std::unexpected{fault::bad_checksum};
  }
  return icmpv6{load8(message, 0), load8(message, 1), load32(message, 4), message.subspan(size)};
}

void icmpv6::emit(mutable_bytes out, const ipv6_address& source, const ipv6_address& destination) const {
  out = out.first(size);
  store8(out, 0, type);
  store8(out, 1, code);
  store16(out, 2, 0);
  store32(out, 4, rest);
  checksum sum = pseudo_header(source, destination, ipv6::icmp, size + payload.size());
  sum.add(out);
  sum.add(payload);
  store16(out, 2, sum.value());
}

}  // namespace aster::net::wire
