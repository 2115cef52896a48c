// A whole server in one call.
//
//   net::device<"service"> service;
//
//   int main() {
//     return web::run(service, web::app{web::get(home, [] { return "Hello\n"; })});
//   }
#pragma once
#include <cstdint>
#include <string_view>
#include <utility>

#include "aster/net/listener.hpp"
#include "aster/net/stack.hpp"
#include "aster/web/app.hpp"

namespace aster::web {

namespace detail {
/// Awaits an address and tells where the server is, on standard output. False, told on standard error, when
/// the network gives none.
bool announce(net::stack& stack, std::uint16_t port);
}  // namespace detail

/// Makes a stack on the device, serves the application on the port, and returns what `main` is to return: 0
/// when the program was asked to stop, 1 when there is no address. Parks.
template <class... Items>
int run(const net::device_reference& device, app<Items...>& what, std::uint16_t port = 80,
        const http::options& options = {}) {
  net::stack stack{device};
  net::listener listener = stack.listen(port);
  if (!detail::announce(stack, port)) return 1;
  serve(std::move(listener), what, options);
  return 0;
}
template <class... Items>
int run(const net::device_reference& device, app<Items...>&& what, std::uint16_t port = 80,
        const http::options& options = {}) {
  return run(device, what, port, options);
}

}  // namespace aster::web
