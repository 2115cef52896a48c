// The smallest services there are, to measure the network stack with nothing above it: RFC 862's echo, RFC
// 863's discard and RFC 864's generator of characters, on their ports; and one that accepts connections and
// just keeps them.
#include <array>
#include <cstddef>
#include <vector>

#include "aster/net.hpp"
#include "aster/task.hpp"
using namespace aster;

net::device<"service"> service;

namespace {

constexpr std::size_t piece = 256 * 1024;

void echo(net::stream s) {
  s.set_no_delay(true);
  std::array<std::byte, 4096> bytes;
  while (const std::size_t n = s.read(bytes).value_or(0)) {
    if (!s.write(std::span{bytes}.first(n))) return;
  }
}

void discard(net::stream s) {
  std::vector<std::byte> bytes(piece);
  while (s.read(bytes).value_or(0) > 0) {
  }
}

void generate(net::stream s) {
  const std::vector<std::byte> bytes(piece, std::byte{'a'});
  while (s.write(bytes)) {
  }
}

template <class Serve>
void offer(net::stack& stack, task::scope& services, std::uint16_t port, Serve serve) {
  services.spawn("listener", [l = stack.listen(port), serve, &services] mutable {
    for (;;) services.spawn("connection", [serve, s = l.accept()] mutable { serve(std::move(s)); });
  });
}

}  // namespace

int main() {
  net::stack stack{service};
  std::vector<net::stream> kept;
  task::scope services{"services"};
  offer(stack, services, 7, echo);
  offer(stack, services, 9, discard);
  offer(stack, services, 19, generate);
  net::listener idle = stack.listen(5);
  for (;;) kept.push_back(idle.accept());
}
