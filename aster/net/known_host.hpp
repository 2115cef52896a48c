// A host whose address is known without asking, as a line of /etc/hosts.
#pragma once
#include <string>

#include "aster/net/address.hpp"

namespace aster::net {

struct known_host {
  std::string name;  // may occur more than once, with other addresses
  ip_address address;
};

}  // namespace aster::net
