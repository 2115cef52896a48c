// A directory of links.
//
//   aster run -p 8080:80            and then http://localhost:8080/links/
#include "aster/net.hpp"
#include "site.hpp"

aster::net::device<"service"> service;

int main() { return aster::web::run(service, links::make_site()); }
