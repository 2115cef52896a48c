// A service for the tests of the daemon: says which version it is, and fails in the ways that it is told.
//
//   GET /            "version V, request N": which image it is, and how many requests it has had
//   GET /variable/V  the variable V of its environment
//   GET /ends        ends the program with exit code 3
//   GET /freezes     never lets another fiber run again
//   GET /slow        answers after a second
//
//   argument "ends"  ends at once with exit code 4
//   argument "deaf"  runs, and listens nowhere
//
// TRIAL_VERSION and TRIAL_FAULT, an argument that holds where none is given, make several images of it.
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <format>
#include <print>
#include <string>
#include <string_view>

#include "aster/http.hpp"
#include "aster/net.hpp"
#include "aster/task.hpp"

using namespace aster;
using namespace std::chrono_literals;

net::device<"service"> service;

namespace {

std::string variable(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  return value == nullptr ? "" : value;
}

void answer(std::string_view path, std::uint64_t number, http::response& res) {
  constexpr std::string_view variables = "/variable/";
  if (path == "/ends") {
    std::println("asked to end");
    std::fflush(stdout);
    std::_Exit(3);
  }
  if (path == "/freezes") {
    for (volatile bool for_ever = true; for_ever;) {
    }
  }
  if (path == "/slow") task::sleep(1s);
  if (path.starts_with(variables))
    res.text(variable(std::string(path.substr(variables.size()))));
  else
    res.text(std::format("version {}, request {}\n", TRIAL_VERSION, number));
}

}  // namespace

int main(int count, char** words) {
  const std::string_view what = count > 1 ? words[1] : TRIAL_FAULT;
  if (what == "ends") {
    std::println("ends as it was told");
    return 4;
  }
  net::stack stack{service};
  if (!stack.wait_for_address(10s)) return 1;
  if (what == "deaf") task::sleep(24h);
  std::uint64_t number = 0;
  http::serve(stack.listen(80),
              [&](const http::request& req, http::response& res) { answer(req.path(), ++number, res); });
}
