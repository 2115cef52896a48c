// A site with a handler that throws, for the error page of development.
#include <stdexcept>
#include <string>

#include "aster/net.hpp"
#include "aster/web.hpp"
#include "site.hpp"
using namespace aster;

constexpr web::route<"/broken/{n}", int> broken;

[[gnu::noinline]] int look_up(int n) {
  if (n > 3) throw std::out_of_range("there are <three> and no more");  // FAULT thrown
  return n;
}

net::device<"service"> service;

int main() {
  return web::run(service, web::app{web::get(broken, [](int n) { return std::to_string(look_up(n)); }),
                                    web::files(site::all)});
}
