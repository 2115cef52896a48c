// A status page for the galaxy.
#include <cstdio>

#include "aster/net.hpp"
#include "site.hpp"
using namespace aster;

net::device<"service"> service;

int main() {
  net::stack stack{service};
  const status::connector connect =
      [&stack](std::string_view host) -> std::expected<std::unique_ptr<net::byte_stream>, net::error> {
    auto stream = stack.connect(host, 80);
    if (!stream) return std::unexpected(stream.error());
    return std::make_unique<net::stream>(std::move(*stream));
  };
  web::serve(stack.listen(80), status::make_site(connect));
}
