// A program that asks for names, for names_test.py and local_name_test.py:
//
//   resolve NAME...      prints what each one is
//   connect NAME PORT    opens a connection by name and prints what the other side says
//   connect6, resolve6   … once there is an address of IPv6 as well
//   claim LABEL          takes a name below .local, with a web server behind it, until it is stopped
#include <charconv>
#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>

#include "aster/net.hpp"
#include "aster/task.hpp"

using namespace aster;
using namespace std::chrono_literals;

net::device<"service"> service;

namespace {

void resolve(net::stack& stack, std::string_view name) {
  const auto began = task::now();
  const auto found = stack.resolve(name);
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(task::now() - began);
  std::string text = std::string{name} + " is";
  if (!found) text += std::string{": "} + net::to_string(found.error());
  for (const auto& a : found.value_or(std::vector<net::ip_address>{})) text += " " + to_string(a);
  std::printf("%s\n", text.c_str());
  std::printf("(%lld ms)\n", static_cast<long long>(took.count()));
}

int connect(net::stack& stack, std::string_view name, std::string_view port) {
  std::uint16_t number = 0;
  std::from_chars(port.data(), port.data() + port.size(), number);
  auto stream = stack.connect(name, number);
  if (!stream) {
    std::printf("not connected: %s\n", net::to_string(stream.error()));
    return 3;
  }
  std::array<char, 100> buffer;
  const auto n = stream->read(std::as_writable_bytes(std::span{buffer}));
  std::printf("%s says %.*s\n", to_string(stream->remote()).c_str(), static_cast<int>(n.value_or(0)),
              buffer.data());
  return 0;
}

void claim(net::stack& stack, std::string_view label) {
  net::local_name me{stack, label, {{.type = "_http._tcp", .port = 80, .texts = {"path=/"}}}};
  if (!me.wait_until_claimed()) throw std::runtime_error{"no name"};
  std::printf("I am %s\n", me.name().c_str());
  std::fflush(stdout);
  net::listener listener = stack.listen(80);
  for (;;) {
    net::stream s = listener.accept();
    static_cast<void>(s.write("HTTP/1.0 200 OK\r\n\r\nhello\n"));
  }
}

}  // namespace

int main(int count, char** words) {
  net::stack stack{service};
  if (!stack.wait_for_address()) return 1;
  const std::string_view what = count > 1 ? words[1] : "";
  if (what.ends_with('6') && !stack.wait_for_address6()) return 2;
  if (what.starts_with("connect") && count == 4) return connect(stack, words[2], words[3]);
  if (what == "claim" && count == 3) claim(stack, words[2]);
  for (int i = 2; what.starts_with("resolve") && i < count; ++i) resolve(stack, words[i]);
}
