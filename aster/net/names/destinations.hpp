// In which order a host's addresses are tried (RFC 6724 §6, RFC 8305 §4).
//
//   order(candidates);                    // the likeliest to work, and to work well, first
//   interleave(addresses);                // … and then a family after the other
//
// A name often has addresses of both families, and of some that lead nowhere from here. Those that we have no
// address to speak from come last; a private network's IPv6 does not go before the Internet's IPv4; and so on
// by the rules, which are numbered as in the RFC. Equal ones stay as the server gave them, who may turn them
// round.
#pragma once
#include <optional>
#include <vector>

#include "aster/net/address.hpp"

namespace aster::net::names {

struct candidate {
  ip_address destination;
  std::optional<ip_address> source;  // what we would speak from; nothing: no way there
  friend bool operator==(const candidate&, const candidate&) = default;
};

void order(std::vector<candidate>& candidates);

/// The families in turn, beginning with that of the first; within a family the order stays.
void interleave(std::vector<ip_address>& addresses);

}  // namespace aster::net::names
