// aster down, ps, restart, scale, deploy, rollback, daemon: one question to a galaxy's daemon each
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <format>
#include <print>

#include "aster/json/write.hpp"
#include "host/cli/galaxy_client.hpp"
#include "host/cli/galaxy_view.hpp"
#include "host/cli/perform.hpp"
#include "host/cli/progress_line.hpp"
#include "host/cli/terminal.hpp"
#include "host/galaxy/api/messages.hpp"
#include "host/project/build_project.hpp"
#include "host/run/child.hpp"
#include "host/run/instances.hpp"

namespace aster::host::cli {
namespace {

/// Asks for something to be done to a service. The error is one line.
std::expected<std::string, std::string> order(const galaxy_choice& which, std::string_view service,
                                              std::string_view what, std::string_view body = "{}") {
  const auto galaxy = galaxy_client::of(which);
  if (!galaxy) return std::unexpected(galaxy.error());
  return galaxy->ask("POST", std::format("/services/{}/{}", encoded(service), what), body);
}

int show_version(const std::expected<std::string, std::string>& answer, std::string_view command,
                 std::string_view service, bool as_json) {
  if (!answer) return complain(std::format("{}: {}", command, answer.error()));
  if (as_json) {
    std::println("{}", *answer);
    return 0;
  }
  const auto deployed = json::read<galaxy::deployed_version>(*answer);
  std::println("{} gets version {}; 'aster events -f' shows it", service, deployed ? deployed->version : 0);
  return 0;
}

/// Instances of a galaxy whose daemon does not run.
std::size_t left_behind(std::string_view galaxy) {
  const auto all = running_instances();
  if (!all) return 0;
  std::size_t count = 0;
  for (const running_instance& i : *all) count += i.name.starts_with(std::format("{}.", galaxy)) ? 1 : 0;
  return count;
}

}  // namespace

int perform(const down_command& c) {
  const auto name = galaxy_name_of(c.which);
  if (!name) return complain("down: " + name.error());
  const auto galaxy = galaxy_client::named(*name);
  if (!galaxy) {
    if (const std::size_t left = left_behind(*name); left > 0)
      return complain(
          std::format("down: the daemon of galaxy {} does not run, but {} of its instances do; 'aster up -d' "
                      "takes them over, then 'aster down' ends them",
                      *name, left));
    std::println(stderr, "galaxy {} is not up", *name);
    return 0;
  }
  const std::uint64_t last = galaxy->last_event().value_or(0);
  if (const auto asked = galaxy->ask("POST", "/down", "{}"); !asked)
    return complain("down: " + asked.error());
  progress_line progress;
  progress.show(std::format("{} goes down", *name));
  // The stream of events ends with the daemon, however it does.
  static_cast<void>(
      galaxy->lines(std::format("/events?follow=1&after={}", last), [](std::string_view) { return true; }));
  progress.clear();
  if (galaxy->is_up())
    return complain(std::format("down: the daemon of galaxy {} still answers; 'aster ps' shows it", *name));
  std::println(stderr, "galaxy {} is down", *name);
  return 0;
}

int perform(const ps_command& c) {
  const auto client = galaxy_client::of(c.which);
  if (!client) return complain("ps: " + client.error());
  if (c.json) {
    const auto text = client->ask("GET", "/galaxy");
    if (!text) return complain("ps: " + text.error());
    std::println("{}", *text);
    return 0;
  }
  const auto now = client->get<galaxy::galaxy_status>("/galaxy");
  if (!now) return complain("ps: " + now.error());
  if (c.quiet) {
    for (const auto& s : now->services) {
      if (!c.instances) std::println("{}", s.name);
      for (const auto& i : s.instances)
        if (c.instances) std::println("{}", i.name);
    }
    return 0;
  }
  const terminal screen{1};
  if (c.instances) {
    std::print("{}", instance_table(*now, time(nullptr), screen));
    return 0;
  }
  std::println("galaxy {}  {}", screen.paint(now->name, colour::bold), now->url);
  if (const auto page = client->get<galaxy::page_address>("/page")) std::println("star map  {}", page->url);
  std::print("\n{}", service_table(*now, screen));
  return 0;
}

int perform(const restart_command& c) {
  if (const auto done = order(c.which, c.service, "restart"); !done)
    return complain("restart: " + done.error());
  std::println("{} restarts; 'aster events -f' shows it", c.service);
  return 0;
}

int perform(const scale_command& c) {
  if (const auto done = order(c.which, c.service, "scale", json::write(galaxy::scaling{c.instances})); !done)
    return complain("scale: " + done.error());
  if (c.instances)
    std::println("{} has {} instance{} from now on", c.service, *c.instances, *c.instances == 1 ? "" : "s");
  else
    std::println("{} has as many instances as requests need", c.service);
  return 0;
}

int perform(const deploy_command& c) {
  std::filesystem::path image = c.image;
  std::error_code error;
  if (std::filesystem::is_directory(image, error)) {
    auto found = find_project_image(image);
    if (!found) return complain("deploy: " + found.error());
    image = *std::move(found);
  }
  const auto real = std::filesystem::canonical(image, error);
  if (error) return complain(std::format("deploy: {}: {}", image.string(), error.message()));
  return show_version(order(c.which, c.service, "deploy", json::write(galaxy::new_deployment{real.string()})),
                      "deploy", c.service, c.json);
}

int perform(const rollback_command& c) {
  return show_version(order(c.which, c.service, "rollback"), "rollback", c.service, c.json);
}

int perform(const daemon_command& c) {
  const auto file = find_galaxy_file(c.file);
  if (!file) return complain("daemon: " + file.error());
  const auto program = find_own_program("aster-galaxy");
  if (!program) return complain("daemon: " + program.error());
  execl(program->c_str(), "aster-galaxy", "--file", file->c_str(), nullptr);
  return complain(std::format("daemon: {} cannot be started: {}", program->string(), strerror(errno)));
}

}  // namespace aster::host::cli
