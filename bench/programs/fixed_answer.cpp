// Answers every request with the same 100 bytes: what nginx is told to do beside it.
#include <string_view>

#include "aster/http.hpp"
#include "aster/net.hpp"
using namespace aster;

net::device<"service"> service;

int main() {
  constexpr std::string_view body =
      "a hundred bytes, no more and no less, which is what a small answer has, headers apart; it ends here.";
  static_assert(body.size() == 100);
  net::stack stack{service};
  http::serve(stack.listen(80), [body](const http::request&, http::response& res) { res.text(body); },
              {.connections = 16'000});
}
