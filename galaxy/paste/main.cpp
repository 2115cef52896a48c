// A paste bin.
//
//   aster run -p 8080:80            and then http://localhost:8080/p/
//   curl --data-binary @file.txt -H 'Content-Type: text/plain' http://localhost:8080/p/
#include "aster/net.hpp"
#include "site.hpp"

aster::net::device<"service"> service;

int main() {
  paste::shelf kept;
  return aster::web::run(service, paste::make_site(kept));
}
