// A shortener of links: a web site and an API in one image, to be hosted with
//
//   aster run -p 8080:80 05-shortener
#include <random>

#include "aster/net.hpp"
#include "aster/web.hpp"
#include "memory_store.hpp"
#include "site.hpp"
using namespace aster;

net::device<"service"> service;

int main() {
  memory_store links;
  std::random_device random;
  return web::run(service, make_site(links, random));
}
