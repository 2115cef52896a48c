// aster logs, events, exec-console: what a galaxy goes on to say
#include <errno.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <format>
#include <limits>
#include <print>

#include "aster/task/scope.hpp"
#include "host/cli/galaxy_client.hpp"
#include "host/cli/galaxy_view.hpp"
#include "host/cli/perform.hpp"
#include "host/cli/terminal.hpp"
#include "host/fibers/readiness.hpp"

namespace aster::host::cli {
namespace {

bool print_now(std::string_view text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
}

/// "/logs?…" for names that may be services or instances.
std::expected<std::string, std::string> logs_target(const logs_command& c, const galaxy::galaxy_status& now) {
  std::string target = std::format("/logs?lines={}{}", c.lines, c.follow ? "&follow=1" : "");
  for (const std::string& name : c.services) {
    const bool is_service = std::ranges::contains(now.services, name, &galaxy::service_status::name);
    const auto dash = name.rfind('-');
    const bool may_be_instance =
        dash != name.npos &&
        std::ranges::contains(now.services, name.substr(0, dash), &galaxy::service_status::name);
    if (!is_service && !may_be_instance) {
      std::string known;
      for (const auto& s : now.services) known += (known.empty() ? "" : ", ") + s.name;
      return std::unexpected(
          std::format("there is no service {}; there are {}", harmless(name, false), known));
    }
    target += std::format("&{}={}", is_service ? "service" : "instance", encoded(name));
  }
  return target;
}

/// Waits until there is something to read from standard input. A file is always ready, and cannot be waited
/// for.
void await_input() {
  try {
    static_cast<void>(await_readable(0));
  } catch (const std::system_error& error) {
    if (error.code().value() != EPERM) throw;
  }
}

/// The instance that is meant, by its own name, by its service's, or as `aster stats` calls it.
std::expected<std::string, std::string> instance_of(const galaxy::galaxy_status& now, std::string name) {
  const std::string prefix = now.name + ".";
  if (name.starts_with(prefix)) name.erase(0, prefix.size());
  std::string known;
  for (const auto& s : now.services) {
    for (const auto& i : s.instances) {
      if (i.name == name) return name;
      known += (known.empty() ? "" : ", ") + i.name;
    }
    if (s.name != name) continue;
    if (s.instances.size() == 1) return s.instances.front().name;
    if (s.instances.empty()) return std::unexpected(std::format("{} has no instance now", name));
    return std::unexpected(
        std::format("{} has several instances; name one, such as {}", name, s.instances.front().name));
  }
  return std::unexpected(std::format("there is no instance {}; there are: {}", harmless(name, false), known));
}

}  // namespace

int perform(const logs_command& c) {
  const auto client = galaxy_client::of(c.which);
  if (!client) return complain("logs: " + client.error());
  const auto now = client->get<galaxy::galaxy_status>("/galaxy");
  if (!now) return complain("logs: " + now.error());
  const auto target = logs_target(c, *now);
  if (!target) return complain("logs: " + target.error());
  const terminal screen{1};
  log_printer printer{screen};
  const auto shown = client->lines(*target, [&](std::string_view text) {
    if (c.json) return print_now(std::string{text} + "\n");
    const auto line = json::read<galaxy::log_line>(text);
    return !line || print_now(printer.line(*line));
  });
  return shown ? 0 : complain("logs: " + shown.error());
}

int perform(const events_command& c) {
  const auto client = galaxy_client::of(c.which);
  if (!client) return complain("events: " + client.error());
  const auto now = client->get<galaxy::galaxy_status>("/galaxy");
  if (!now) return complain("events: " + now.error());
  const terminal screen{1};
  const auto shown = client->lines(
      std::format("/events?after={}{}", now->last_event - std::min<std::uint64_t>(c.lines, now->last_event),
                  c.follow ? "&follow=1" : ""),
      [&](std::string_view text) {
        if (c.json) return print_now(std::string{text} + "\n");
        const auto e = json::read<galaxy::event>(text);
        return !e || print_now(event_line(*e, screen));
      });
  return shown ? 0 : complain("events: " + shown.error());
}

int perform(const exec_console_command& c) {
  const auto client = galaxy_client::of(c.which);
  if (!client) return complain("exec-console: " + client.error());
  const auto now = client->get<galaxy::galaxy_status>("/galaxy");
  if (!now) return complain("exec-console: " + now.error());
  const auto instance = instance_of(*now, c.instance);
  if (!instance) return complain("exec-console: " + instance.error());
  const std::string target = std::format("/instances/{}/console", encoded(*instance));
  const terminal screen{1};
  if (terminal{0}.interactive())
    std::println(stderr, "{}",
                 terminal{2}.paint(std::format("console of {}; Ctrl-D ends this, and not it", *instance),
                                   colour::dim));
  std::string trouble;
  {
    task::scope output{"console"};
    output.spawn("console output", [&] {
      const auto shown =
          client->pieces(std::format("{}?lines={}&follow=1", target, c.lines), [&](std::string_view piece) {
            // As it is into a file; for a terminal it is cut into lines, so that nothing in it gives orders.
            if (!screen.interactive()) return print_now(piece);
            for (std::size_t end; (end = piece.find('\n')) != piece.npos; piece.remove_prefix(end + 1))
              print_now(harmless(piece.substr(0, end), screen.colours()) + "\n");
            return print_now(harmless(piece, screen.colours()));
          });
      trouble = shown ? std::format("{} has ended", *instance) : shown.error();
    });
    std::array<char, 4096> typed;
    for (;;) {
      await_input();
      const ssize_t got = read(0, typed.data(), typed.size());
      if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      if (got <= 0) break;
      const auto sent =
          client->ask("POST", target, {typed.data(), static_cast<std::size_t>(got)}, "text/plain");
      if (!sent) {
        trouble = sent.error();
        break;
      }
    }
    // What was asked for is answered, if soon.
    if (trouble.empty()) task::sleep(std::chrono::milliseconds(300));
  }
  return trouble.empty() ? 0 : complain("exec-console: " + trouble);
}

}  // namespace aster::host::cli
