// The edge that comes with Asterism: routes alone, without a site. A galaxy that has pages of its own in
// front says so in the same few lines, with a site (galaxy/edge).
#include "aster/net/device.hpp"
#include "aster/proxy/run_edge.hpp"

aster::net::device<"service"> service;

int main() { return aster::proxy::run_edge(service); }
