#include <cstdint>
#include <cstdio>
#include <format>
#include <print>
#include <random>

#include "aster/http.hpp"
#include "aster/net.hpp"
using namespace aster;

net::device<"service"> service;

int main() {
  net::stack stack{service};
  net::listener listener = stack.listen(80);

  const auto address = stack.wait_for_address();
  if (!address) {
    std::println("no address: {}", net::to_string(address.error()));
    return 1;
  }
  std::println("serving on {} port 80", net::to_string(address->address));
  std::fflush(stdout);  // also to somebody who reads through a pipe

  std::random_device random;
  std::uint64_t visits = 0;
  http::serve(std::move(listener), [&](const http::request&, http::response& res) {
    ++visits;
    res.text(
        std::format("Hello from a unikernel\nA random number: {}\nVisits so far: {}\n", random(), visits));
  });
  std::println("{} visits, good-bye", visits);
}
