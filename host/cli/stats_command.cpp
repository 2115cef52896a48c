// aster stats
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <format>
#include <nlohmann/json.hpp>
#include <optional>
#include <print>
#include <thread>

#include "aster/json/write.hpp"
#include "host/cli/galaxy_client.hpp"
#include "host/cli/galaxy_view.hpp"
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

/// The galaxy that is meant, when one is: named, or that of the folder.
std::optional<std::string> galaxy_meant(const stats_command& c) {
  if (!c.galaxy.empty()) return c.galaxy;
  if (!find_galaxy_file({})) return std::nullopt;
  auto name = galaxy_name_of({});
  return name ? std::optional{std::move(*name)} : std::nullopt;
}

/// All instances of a galaxy, and what its services were asked for.
int show_galaxy(const galaxy_client& client, const stats_command& c) {
  const terminal screen{1};
  for (;;) {
    const auto begin = std::chrono::steady_clock::now();
    const auto now = client.get<galaxy::galaxy_status>("/galaxy");
    if (!now) return complain("stats: " + now.error());
    if (c.json) {
      std::println("{}", json::write(*now));
    } else {
      if (c.watch && screen.interactive()) std::print("\x1b[H\x1b[J");
      std::print("{}\n{}", service_table(*now, screen), instance_table(*now, time(nullptr), screen));
    }
    std::fflush(stdout);
    if (!c.watch) return 0;
    std::this_thread::sleep_until(begin + watch_interval);
  }
}

}  // namespace

int perform(const stats_command& c) {
  if (c.prometheus && c.galaxy.empty()) return show_prometheus(c);
  const auto galaxy = galaxy_meant(c);
  if (galaxy && c.instance.empty() && !c.connections && !c.fibers) {
    const auto client = galaxy_client::named(*galaxy);
    if (client && c.prometheus) {
      const auto text = client->ask("GET", "/metrics");
      if (!text) return complain("stats: " + text.error());
      std::print("{}", *text);
      return 0;
    }
    if (client) return show_galaxy(*client, c);
    if (!c.galaxy.empty()) return complain("stats: " + client.error());
  }
  auto instance = find_instance(c.instance);
  // In a galaxy's folder its instances go by their own names.
  if (!instance && galaxy && !c.instance.empty())
    if (auto own = find_instance(std::format("{}.{}", *galaxy, c.instance))) instance = std::move(own);
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
