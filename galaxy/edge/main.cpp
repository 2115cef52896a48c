// The edge of the sample galaxy: a proxy to its services, and the static site beside them.
//
//   aster up                       in the folder above
//   aster run -p 8080:80           here: the site alone
#include "aster/net.hpp"
#include "aster/proxy/run_edge.hpp"
#include "site.hpp"
using namespace aster;

net::device<"service"> service;

int main() {
  auto app = galaxy::make_site();
  const web::served site{app};
  return proxy::run_edge(service, [&](const http::request& req, http::response& res) { site(req, res); });
}
