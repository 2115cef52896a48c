// An edge as a whole program, and what its environment says.
//
//   net::device<"service"> service;
//   int main() { return proxy::run_edge(service, site); }
//
//   ASTER_EDGE_TOKEN   by which the keeper of the galaxy knows the edge. Without it there is no link: the
//                      site is served, and the routes of ASTER_EDGE_TABLE.
//   ASTER_EDGE_KEEPER  where it is; "10.77.0.1:7777". Otherwise port 7777 of the gateway.
//   ASTER_EDGE_TABLE   a table that holds from the beginning, as a line of the link: for an edge without a
//                      keeper.
//   ASTER_EDGE_LOG     "text" (also without it), "json" or "none": the access log on standard output.
#pragma once
#include <cstdint>

#include "aster/http/options.hpp"
#include "aster/net/device.hpp"
#include "aster/proxy/edge.hpp"

namespace aster::proxy {

/// Those of a server that stands in front of others: many connections, as far as memory allows, and ten
/// seconds for what is under way when the program is asked to stop.
http::options edge_server_options();

/// Makes a stack on the device, serves port 80, and returns what `main` is to return: 0 when the program was
/// asked to stop, once requests under way have ended or had `server.drain` for it; 1 when there is no address
/// or the environment makes no sense, which is told on standard error. Parks.
int run_edge(const net::device_reference& device, edge::site_function site = {},
             const edge_options& options = {}, http::options server = edge_server_options());

}  // namespace aster::proxy
