// A reverse proxy and the edge of a galaxy: everything a program includes.
//
//   net::device<"service"> service;
//   int main() { return proxy::run_edge(service, site); }
#pragma once
#include "aster/proxy/edge.hpp"
#include "aster/proxy/edge_link.hpp"
#include "aster/proxy/forward.hpp"
#include "aster/proxy/run_edge.hpp"
#include "aster/proxy/upstream.hpp"
