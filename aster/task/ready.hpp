// Whoever runs an image wants to know when it can be used: a program that is started may still be reading
// what it serves. It says so itself, once.
//
//   const auto links = read_links();
//   net::listener door = stack.listen(80);
//   platform::ready();
//
// http::serve and web::run say it as soon as they listen, so that a program that serves nothing else need
// not. A galaxy sends requests to an instance from then on (`ready` in its galaxy.toml's health), and
// `aster run` tells whoever asks its instance's socket to `await ready`.
#pragma once

namespace aster::platform {

/// Says that the program is ready. Every call but the first does nothing, as does the first where nobody
/// listens. Does not park.
void ready() noexcept;

}  // namespace aster::platform
