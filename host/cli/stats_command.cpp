// aster stats
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <format>
#include <nlohmann/json.hpp>
#include <print>
#include <thread>

#include "host/cli/perform.hpp"
#include "host/cli/statistics.hpp"
#include "host/cli/terminal.hpp"

namespace aster::host::cli {
namespace {

constexpr auto watch_interval = std::chrono::seconds(1);

std::expected<statistics, std::string> look_at(const running_instance& instance, const stats_command& c) {
  statistics s{.instance = instance, .stats = {}, .sockets = {}, .fibers = {}};
  auto stats = instance.ask("ask stats");
  if (!stats) return std::unexpected(stats.error());
  s.stats = std::move(*stats);
  if (c.connections) {
    auto sockets = instance.ask(std::format("ask sockets {}", c.limit));
    if (!sockets) return std::unexpected(sockets.error());
    s.sockets = std::move(*sockets);
  }
  if (c.fibers) {
    auto fibers = instance.ask(std::format("ask fibers {}", c.limit));
    if (!fibers) return std::unexpected(fibers.error());
    s.fibers = std::move(*fibers);
  }
  return s;
}

void show(const statistics& s, const stats_command& c, const std::optional<earlier>& before) {
  if (c.json) {
    std::println("{}", to_json(s).dump(c.watch ? -1 : 2));
  } else if (c.connections || c.fibers) {
    if (s.sockets) std::print("{}", socket_table(*s.sockets));
    if (s.sockets && s.fibers) std::println("");
    if (s.fibers) std::print("{}", fiber_table(*s.fibers));
  } else {
    std::print("{}", overview(s, c.all, before));
  }
}

/// Everything that runs and answers: one that is stuck does not keep the others from being seen.
int show_prometheus(const stats_command& c) {
  std::vector<running_instance> instances;
  if (c.instance.empty()) {
    auto all = running_instances();
    if (!all) return complain("stats: " + all.error());
    instances = std::move(*all);
  } else {
    auto one = find_instance(c.instance);
    if (!one) return complain("stats: " + one.error());
    instances.push_back(std::move(*one));
  }
  std::vector<statistics> told;
  int code = 0;
  for (const running_instance& i : instances) {
    if (!i.answers) continue;
    auto s = look_at(i, {});
    if (s)
      told.push_back(std::move(*s));
    else
      code = complain("stats: " + s.error());
  }
  std::print("{}", to_prometheus(told));
  return code;
}

}  // namespace

int perform(const stats_command& c) {
  if (c.prometheus) return show_prometheus(c);
  const auto instance = find_instance(c.instance);
  if (!instance) return complain("stats: " + instance.error());
  std::optional<earlier> before;
  for (;;) {
    const auto begin = std::chrono::steady_clock::now();
    const auto s = look_at(*instance, c);
    if (!s) return complain("stats: " + s.error());
    if (c.watch && !c.json && terminal{1}.interactive()) std::print("\x1b[H\x1b[J");
    show(*s, c, before);
    std::fflush(stdout);
    if (!c.watch) return 0;
    std::this_thread::sleep_until(begin + watch_interval);
    before = earlier{s->counters(), std::chrono::steady_clock::now() - begin};
  }
}

}  // namespace aster::host::cli
