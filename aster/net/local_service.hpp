// Something that listens here and can be browsed for (RFC 6763).
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace aster::net {

struct local_service {
  std::string type = "_http._tcp";  // RFC 6763 §7
  std::uint16_t port = 80;
  std::vector<std::string> texts{};  // "key=value" each (RFC 6763 §6)
};

}  // namespace aster::net
