// The server that conformance_test.py asks.
#include <cstdio>

#include "aster/http.hpp"
#include "aster/net.hpp"
#include "tests/http/application.hpp"

aster::net::device<"service"> service;

int main() {
  aster::net::stack stack{service};
  conformance::application application;
  auto listener = stack.listen(80);
  std::printf("serving\n");
  std::fflush(stdout);
  aster::http::serve(std::move(listener), application);
}
