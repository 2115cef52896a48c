// What the stack counts, for Prometheus to fetch (text format 0.0.4).
//
//   constexpr web::route<"/metrics"> metrics;
//   web::app app{web::get(metrics, web::metrics{stack}), …};
//
// It tells strangers how much traffic there is, and who attacks: serve it where only your own can come, such
// as on a port or a device of its own.
#pragma once
#include "aster/net/stack.hpp"
#include "aster/web/response.hpp"

namespace aster::web {

class metrics {
 public:
  /// `stack` must live as long as the application.
  explicit metrics(const net::stack& stack) : stack_(&stack) {}

  response operator()() const {
    return response{http::status::ok, "text/plain; version=0.0.4; charset=utf-8", net::prometheus(*stack_)};
  }

 private:
  const net::stack* stack_;
};

}  // namespace aster::web
