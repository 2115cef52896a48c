// Answers guests that ask for their address by DHCP (RFC 2131). Each station has one, which never changes, so
// there is nothing to lease out and nothing to remember.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "host/network/frame_view.hpp"

namespace aster::host {

struct lease_terms {
  hardware_address hardware{};  // of the station
  std::uint32_t address = 0;    // that it is given; all in host byte order
  std::uint32_t mask = 0;
  std::uint32_t server = 0;  // gateway and server of names as well
};

/// The datagram that answers: an offer, an acknowledgement, or NAK to who wants another address. Nothing
/// where there is nothing to answer: another server was chosen, the message is for another station, or it is
/// none.
std::optional<std::vector<std::byte>> lease_answer(std::span<const std::byte> datagram,
                                                   const lease_terms& terms);

}  // namespace aster::host
