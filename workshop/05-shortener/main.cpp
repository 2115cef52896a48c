// A shortener of links: a web site and an API in one image, to be hosted with
//
//   aster run -p 8080:80 05-shortener
//
// and behind a proxy, to which alone the port is left, and whose X-Forwarded-Proto is believed then, with
//
//   aster run -p 127.0.0.1:8080:80 -e PROXIES=10.0.2.2 05-shortener
#include <cstdlib>
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
  const char* const in_front = std::getenv("PROXIES");
  return web::run(service, make_site(links, random, web::proxies::of(in_front != nullptr ? in_front : "")));
}
