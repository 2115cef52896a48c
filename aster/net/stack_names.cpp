// What a stack does by name. Apart from the rest of it: a program that names no host has none of this.
#include "aster/net/names/dialer.hpp"
#include "aster/net/stack.hpp"

namespace aster::net {

std::expected<std::vector<ip_address>, error> stack::resolve(std::string_view host) {
  return names::resolver::of(*core_).addresses(core_, host);
}

std::expected<stream, error> stack::connect(std::string_view host, std::uint16_t port) {
  return names::dial(core_, host, port);
}

}  // namespace aster::net
