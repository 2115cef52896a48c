#include "aster/net.hpp"
#include "site.hpp"
using namespace aster;

net::device<"service"> service;  // what `aster run -p` and `--net service=…` attach to

int main() { return web::run(service, make_site()); }
