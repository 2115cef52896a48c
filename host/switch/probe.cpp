#include "host/switch/probe.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <format>

#include "aster/http/client_connection.hpp"
#include "aster/task/clock.hpp"
#include "aster/task/deadline.hpp"

namespace aster::host {
namespace {

using namespace std::chrono_literals;

constexpr auto between_requests = 5ms;  // of one that is not well yet
constexpr std::uint32_t longest_ms = 600'000;

/// One request on a new connection. Nothing: well.
void request(switchboard& board, const switch_control::probe& p, task::time_point deadline,
             switch_control::probed& result) {
  auto connected = board.dial(p.station, p.port, deadline, !p.until_well);
  if (!connected) {
    result.why = connected.error();
    return;
  }
  if (!p.path) {
    result.well = true;
    connected->abort();  // nothing was said: the instance need not wait for more
    return;
  }
  const http::limits limits;
  http::client_connection asked{*connected, limits};
  const auto answered = [&]() -> std::expected<void, http::client_failure> {
    if (auto sent = asked.send({.target = *p.path, .host = "probe"}); !sent) return sent;
    return asked.receive();
  };
  const auto came = answered();
  if (!came) {
    result.status = 0;
    result.why = http::to_string(came.error());
    return;
  }
  result.status = static_cast<int>(asked.head().status);
  result.well = result.status >= 200 && result.status < 400;
  result.why = result.well ? "" : std::format("it answered {} to {}", result.status, *p.path);
}

}  // namespace

switch_control::probed perform_probe(switchboard& board, const switch_control::probe& p) {
  switch_control::probed result{.id = p.id, .well = false, .status = 0, .why = {}};
  const auto time = std::chrono::milliseconds(std::clamp(p.timeout_ms, 1u, longest_ms));
  const task::time_point deadline = task::after(task::now(), time);
  const auto tried = task::until(deadline, [&] {
    try {
      for (;;) {
        request(board, p, deadline, result);
        if (result.well || !p.until_well || task::now() >= deadline) return;
        task::sleep(between_requests);
      }
    } catch (const std::invalid_argument&) {  // a path that cannot stand in a request
      result.why = "the path cannot be asked for";
    }
  });
  if (!tried && !result.well && result.why.empty())
    result.why = std::format("no answer within {} ms", time.count());
  if (result.well) result.why.clear();
  return result;
}

}  // namespace aster::host
