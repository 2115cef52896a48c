// Which requests a route of the edge takes, and what of their target its service sees.
#pragma once
#include <string>
#include <string_view>

#include "aster/proxy/edge_message.hpp"

namespace aster::proxy {

/// Whether the route takes a request to this host (with a port or without, in any case) and path: "/s" takes
/// "/s" and "/s/x", and not "/sun".
bool matches(const edge_route& route, std::string_view host, std::string_view path);

/// Whether a path is that of the route without the slash behind it, which a service that sees only what is
/// behind the prefix could not tell from its root: "/s", whose relative links would lead to "/x".
bool lacks_slash(const edge_route& route, std::string_view path);

/// The target as the service is asked: behind the prefix when the route strips it. Begins with one '/', for
/// what begins with two would be another host where it is redirected to.
std::string target_behind(const edge_route& route, std::string_view target);

}  // namespace aster::proxy
