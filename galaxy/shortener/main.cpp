// A shortener of links.
//
//   aster run -p 8080:80            and then http://localhost:8080/s/
#include "aster/net.hpp"
#include "links.hpp"

aster::net::device<"service"> service;

int main() {
  memory_store links;
  std::random_device random;
  return aster::web::run(service, shortener::make_site(links, random));
}
