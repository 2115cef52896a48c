#include "aster/proxy/route_match.hpp"

#include <algorithm>

#include "aster/http/grammar.hpp"

namespace aster::proxy {
namespace {

/// "/" is the prefix of everything, and has no segment to take off.
std::string_view prefix_of(const edge_route& route) {
  std::string_view prefix = route.path;
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  return prefix;
}

std::string_view without_port(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  // An IPv6 address is full of colons, in brackets.
  return colon == host.npos || host.ends_with(']') ? host : host.substr(0, colon);
}

}  // namespace

bool matches(const edge_route& route, std::string_view host, std::string_view path) {
  if (!route.host.empty() && !http::equals_ignoring_case(without_port(host), route.host)) return false;
  const std::string_view prefix = prefix_of(route);
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

bool lacks_slash(const edge_route& route, std::string_view path) {
  return route.strip && !path.empty() && path == prefix_of(route);
}

std::string target_behind(const edge_route& route, std::string_view target) {
  if (!route.strip) return std::string{target};
  std::string_view rest = target.substr(std::min(prefix_of(route).size(), target.size()));
  while (rest.starts_with('/')) rest.remove_prefix(1);
  std::string out{"/"};
  out += rest;
  return out;
}

}  // namespace aster::proxy
