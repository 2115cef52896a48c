#include "aster/net/wire/icmp.hpp"

#include "aster/net/wire/checksum.hpp"

namespace aster::net::wire {

std::expected<icmp, icmp::fault> icmp::parse(bytes message) {
  if (message.size() < size) return std::unexpected{fault::malformed};
  checksum sum;
  sum.add(message);
  if (sum.value() != 0) return std::unexpected{fault::bad_checksum};
  return icmp{load8(message, 0), load8(message, 1), load32(message, 4), message.subspan(size)};
}

void icmp::emit(mutable_bytes out) const {
  out = out.first(size);
  store8(out, 0, type);
  store8(out, 1, code);
  store16(out, 2, 0);
  store32(out, 4, rest);
  checksum sum;
  sum.add(out);
  sum.add(payload);
  store16(out, 2, sum.value());
}

}  // namespace aster::net::wire
