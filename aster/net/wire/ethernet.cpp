#include "aster/net/wire/ethernet.hpp"

namespace aster::net::wire {

std::optional<ethernet> ethernet::parse(bytes frame) {
  if (frame.size() < size) return std::nullopt;
  ethernet e;
  std::memcpy(e.destination.bytes.data(), frame.data(), 6);
  std::memcpy(e.source.bytes.data(), frame.data() + 6, 6);
  e.type = load16(frame, 12);
  return e;
}

void ethernet::emit(mutable_bytes out) const {
  out = out.first(size);
  std::memcpy(out.data(), destination.bytes.data(), 6);
  std::memcpy(out.data() + 6, source.bytes.data(), 6);
  store16(out, 12, type);
}

}  // namespace aster::net::wire
