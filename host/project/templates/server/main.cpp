#include <print>

#include "aster/http.hpp"
#include "aster/net.hpp"
#include "site.hpp"
using namespace aster;

net::device<"service"> service;  // what `aster run -p` and `--net service=…` attach to

int main() {
  net::stack stack{service};
  site site;
  std::println("Serving on port 80");
  http::serve(stack.listen(80), [&](const http::request& request, http::response& response) {
    site.answer(request, response);  // in a fiber for each connection: it may block
  });
}
