// Asks for pages at the addresses that it is given, "HOST:PORT/PATH", and prints one line for each: what it
// was answered, or why not.
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "aster/http/client_connection.hpp"
#include "aster/net.hpp"
#include "aster/task.hpp"

using namespace aster;
using namespace std::chrono_literals;

net::device<"service"> service;

namespace {

std::string ask(net::stack& stack, std::string_view where) {
  const std::size_t slash = where.find('/'), colon = where.find(':');
  if (colon == where.npos || slash == where.npos || slash < colon) return "HOST:PORT/PATH is wanted";
  const std::string_view host = where.substr(0, colon);
  std::uint16_t port = 0;
  std::from_chars(where.data() + colon + 1, where.data() + slash, port);
  auto connected = stack.connect(host, port);
  if (!connected) return net::to_string(connected.error());
  const http::limits limits;
  http::client_connection asked{*connected, limits};
  if (auto sent = asked.send({.target = where.substr(slash), .host = host}); !sent)
    return http::to_string(sent.error());
  if (auto answered = asked.receive(); !answered) return http::to_string(answered.error());
  const std::string body = asked.all().value_or("lost");
  return std::to_string(static_cast<int>(asked.head().status)) + " " + body.substr(0, body.find('\n'));
}

}  // namespace

int main(int count, char** words) {
  net::stack stack{service};
  if (!stack.wait_for_address(10s)) {
    std::puts("no address");
    return 1;
  }
  for (int i = 1; i < count; ++i) {
    const std::string_view where = words[i];
    const auto answer = task::within(3s, [&] { return ask(stack, where); });
    std::printf("%s: %s\n", words[i], answer ? answer->c_str() : "no answer");
  }
}
