#include "aster/web/run.hpp"

#include <cstdio>
#include <string>

namespace aster::web::detail {

bool announce(net::stack& stack, std::uint16_t port) {
  const auto address = stack.wait_for_address();
  if (!address) {
    std::string line = "no address: ";
    line.append(net::to_string(address.error())).append("\n");
    std::fputs(line.c_str(), stderr);
    return false;
  }
  std::string line =
      "serving on " + net::to_string(address->address) + " port " + std::to_string(port) + "\n";
  std::fputs(line.c_str(), stdout);
  std::fflush(stdout);  // also to somebody who reads through a pipe
  return true;
}

}  // namespace aster::web::detail
