#include "host/switch/bridge.hpp"

#include <array>
#include <memory>

#include "aster/task/scope.hpp"

namespace aster::host {
namespace {

// Only the pages that a connection's pieces fill count: one that says little holds little.
using buffer = std::array<std::byte, 64 * 1024>;

void carry(net::byte_stream& from, net::byte_stream& to) {
  const auto memory = std::make_unique_for_overwrite<buffer>();
  for (;;) {
    const auto got = from.read(*memory);
    if (!got) return to.abort();
    if (*got == 0) return to.shutdown_write();
    if (!to.write(std::span(*memory).first(*got))) return from.abort();
  }
}

}  // namespace

void bridge(net::byte_stream& a, net::byte_stream& b) {
  task::scope both{"bridge"};
  both.spawn("back", [&] { carry(b, a); });
  carry(a, b);
  both.join();
}

}  // namespace aster::host
