// What the edge and whoever keeps its galaxy say to each other: one JSON object on each line, in both
// directions.
//
//   edge    {"hello":"edge","token":"6f1c…"}
//   keeper  {"galaxy":{"routes":[{"host":"","path":"/s","service":"shortener","strip":true}],
//                      "services":[{"name":"shortener","concurrency":64,"state":"asleep","instances":[]}]}}
//   edge    {"demand":[{"service":"shortener","waiting":1,"outstanding":0,"requests":1,"failed":0,
//                       "instances":[]}]}
//   keeper  {"galaxy":{…"state":"well","instances":["10.77.0.7:80"]…}}
//
// The keeper sends the whole table each time something in it changes. An instance that it leaves out gets no
// new request; the edge goes on to list it for as long as it has some. The edge tells its demand at once when
// a request begins to wait and none did before, at most every 100 ms when something else has changed, and
// every second as a sign of life. Neither trusts the other's lines: they are read here, with limits.
#pragma once
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "aster/net/address.hpp"

namespace aster::proxy {

/// Limits of a line: what is longer or has more is refused as a whole.
inline constexpr std::size_t most_line_size = std::size_t{1} << 20;
inline constexpr std::size_t most_routes = 1000, most_services = 1000;
inline constexpr std::size_t most_instances = 4000;  // of all services together
inline constexpr std::size_t most_name_size = 63;    // a service's name is a DNS label
inline constexpr std::size_t most_path_size = 1024;

// ---- from the edge ----

/// The first line of a connection. The token is that of the edge's environment, ASTER_EDGE_TOKEN.
struct edge_hello {
  std::string hello = "edge";
  std::string token;
};

struct instance_load {
  std::string at;  // "10.77.0.7:80"
  std::uint64_t outstanding = 0;
};

/// Of one service. The last two count from when the edge was started.
struct service_load {
  std::string service;
  std::uint64_t waiting = 0;      // requests that wait for an instance now
  std::uint64_t outstanding = 0;  // … that have one
  std::uint64_t requests = 0;
  std::uint64_t failed = 0;  // … answered with 5xx by the service or for it
  std::vector<instance_load> instances;
};

/// Of all services in the table, and of those that have left it and still have requests.
struct edge_demand {
  std::vector<service_load> demand;
};

using edge_line = std::variant<edge_hello, edge_demand>;

// ---- to the edge ----

enum class service_readiness : std::uint8_t {
  asleep,    // its first request wakes it: requests wait
  starting,  // requests wait
  well,
  failed,  // its instances end again and again: requests are answered with 503 at once
};

struct edge_route {
  std::string host;        // without port, lower case; empty: any
  std::string path = "/";  // prefix, of whole segments
  std::string service;
  bool strip = false;  // the service sees the path without the prefix
};

struct edge_service {
  std::string name;
  std::uint32_t concurrency = 64;  // requests that one instance has at once; at least 1
  service_readiness state = service_readiness::asleep;
  std::vector<std::string> instances;  // "10.77.0.7:80": those that take requests
};

/// Routes in the order in which they are tried; each names a service that is in the table.
struct edge_table {
  std::vector<edge_route> routes;
  std::vector<edge_service> services;
};

// ---- lines ----

// With the line feed at their end.
std::string to_line(const edge_hello& says);
std::string to_line(const edge_demand& says);
std::string to_line(const edge_table& says);

/// What a line says, without its line feed; else why it says nothing, in one line that holds nothing of it
/// but names of members. What comes out keeps to the limits; a table's addresses can be parsed, its routes
/// name services of it, and no two services have one name.
std::expected<edge_line, std::string> read_edge_line(std::string_view line);
std::expected<edge_table, std::string> read_table_line(std::string_view line);

/// "10.77.0.7:80" or "[2001:db8::7]:80", with a port that is not 0.
std::optional<net::endpoint> parse_endpoint(std::string_view text);

}  // namespace aster::proxy
