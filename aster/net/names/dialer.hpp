// A connection to a host that is known by name: Happy Eyeballs, version 2 (RFC 8305).
//
//   auto s = names::dial(core, "example.com", 443);       // parks
//
// A host has several addresses, of two families, and some of them may not work from here, which shows only in
// that nobody answers for minutes. So they are tried in order, each a quarter of a second after the one
// before it and together with it, or at once when that has failed; the first that answers wins, and the
// others are given up. The families are asked for at the same time, and IPv6 gets a head start of 50 ms.
// Internal to this room: a program says `stack.connect`.
#pragma once
#include "aster/net/names/resolver.hpp"
#include "aster/net/stream.hpp"

namespace aster::net::names {

inline constexpr duration resolution_delay = std::chrono::milliseconds{50};
inline constexpr duration attempt_delay = std::chrono::milliseconds{250};

/// Parks until there is a connection, or none can be had: then the error of the attempt that failed last, or
/// why there is no address.
std::expected<stream, error> dial(const std::shared_ptr<stack_core>& core, std::string_view host,
                                  std::uint16_t port);

}  // namespace aster::net::names
