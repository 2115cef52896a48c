// Asks the host's own server of names: for stations that may go out, about names that are not the galaxy's.
#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace aster::host {

/// The datagram that answers `question` (RFC 1035), by the first name server of /etc/resolv.conf. Nothing
/// when there is none, or it does not answer within some seconds. Parks.
std::optional<std::vector<std::byte>> ask_host_resolver(std::span<const std::byte> question);

/// The first IPv4 address behind "nameserver" in the text of a resolv.conf(5), host byte order.
std::optional<std::uint32_t> name_server_in(std::string_view text);

}  // namespace aster::host
