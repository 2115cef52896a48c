// aster up
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <format>
#include <fstream>
#include <iterator>
#include <print>
#include <set>

#include "aster/json/write.hpp"
#include "aster/task/cancellation.hpp"
#include "aster/task/clock.hpp"
#include "aster/task/scope.hpp"
#include "host/cli/galaxy_client.hpp"
#include "host/cli/galaxy_view.hpp"
#include "host/cli/perform.hpp"
#include "host/cli/progress_line.hpp"
#include "host/cli/terminal.hpp"
#include "host/galaxy/api/messages.hpp"
#include "host/galaxy/declaration.hpp"
#include "host/galaxy/folders.hpp"
#include "host/project/build_project.hpp"
#include "host/run/child.hpp"

namespace aster::host::cli {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto daemon_patience = 10s;     // until it answers
constexpr auto services_patience = 120s;  // until all is well

struct addresses {
  std::string galaxy, url, page;
};

// ---- what is declared, and built ----

/// Prints what is wrong with the file; the error then says how much that is.
std::expected<galaxy::declaration, std::string> read_file(const fs::path& file) {
  std::ifstream in{file};
  if (!in) return std::unexpected(std::format("{} cannot be read: {}", file.string(), std::strerror(errno)));
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  auto declared = galaxy::read_declaration(text, file.parent_path().filename().string());
  if (declared) return std::move(*declared);
  std::error_code error;
  const fs::path shown = fs::relative(file, error);
  for (const galaxy::complaint& c : declared.error())
    std::println(stderr, "{}", to_string(c, error || shown.empty() ? file.string() : shown.string()));
  const std::size_t count = declared.error().size();
  return std::unexpected(std::format("{} has {} mistake{}; nothing was started", file.filename().string(),
                                     count, count == 1 ? "" : "s"));
}

std::expected<void, std::string> build(const std::string& service, const fs::path& folder) {
  const terminal errors{2};
  progress_line progress;
  bool announced = false;
  const build_observer observer{
      [&](unsigned done, unsigned all, std::string_view step) {
        if (!errors.interactive() && !announced && all > 0) {
          std::println(stderr, "Building {}", service);
          announced = true;
        }
        progress.show(all == 0 ? std::format("{}: {}", service, step)
                               : std::format("{}: [{}/{}] {}", service, done, all, step));
      },
      [&](std::string_view line) {
        progress.clear();
        std::println(stderr, "{}", line);
      }};
  const auto images = build_project({.folder = folder, .colours = errors.colours()}, observer);
  if (!images) return std::unexpected(std::format("service {}: {}", service, images.error()));
  if (images->empty())
    return std::unexpected(
        std::format("service {}: {} has no image; add asterism_image(NAME main.cpp) to its CMakeLists.txt",
                    service, folder.string()));
  return {};
}

std::expected<void, std::string> build_all(const galaxy::declaration& declared, const fs::path& base) {
  if (!declared.front.source.empty())
    if (auto built = build("edge", base / declared.front.source); !built) return built;
  for (const galaxy::service& s : declared.services)
    if (!s.source.empty())
      if (auto built = build(s.name, base / s.source); !built) return built;
  return {};
}

// ---- the daemon ----

/// What it wrote since `from`, its last lines.
std::string said_since(const fs::path& log, std::uintmax_t from) {
  std::ifstream in{log};
  in.seekg(static_cast<std::streamoff>(from));
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  if (text.size() > 4096) text.erase(0, text.size() - 4096);
  return text;
}

/// Becomes the daemon, in a session of its own. Only system calls: the process is a copy of ours.
[[noreturn]] void become_daemon(const char* program, const char* file, int log) {
  setsid();
  // Nothing of how we wait for signals is for it.
  sigset_t none;
  sigemptyset(&none);
  for (const int number : {SIGINT, SIGTERM, SIGPIPE, SIGHUP}) signal(number, SIG_DFL);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int nothing = open("/dev/null", O_RDONLY);
  dup2(nothing, 0);
  dup2(log, 1);
  dup2(log, 2);
  close_range(3, ~0u, 0);
  execl(program, "aster-galaxy", "--file", file, nullptr);
  _exit(127);
}

std::expected<galaxy_client, std::string> start_daemon(const std::string& name, const fs::path& file) {
  const auto program = find_own_program("aster-galaxy");
  if (!program) return std::unexpected(program.error());
  const auto places = galaxy::make_folders(name);
  if (!places) return std::unexpected(places.error());
  const fs::path log = places->logs() / "daemon.log";
  const descriptor out(open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!out) return std::unexpected(std::format("{}: {}", log.string(), std::strerror(errno)));
  std::error_code ignored;
  const std::uintmax_t before = fs::file_size(log, ignored);

  const pid_t pid = fork();
  if (pid < 0) return std::unexpected(std::format("no process could be made: {}", std::strerror(errno)));
  if (pid == 0) become_daemon(program->c_str(), file.c_str(), out.get());
  const auto deadline = task::after(task::now(), daemon_patience);
  while (task::now() < deadline) {
    if (auto client = galaxy_client::named(name)) return std::move(*client);
    if (waitpid(pid, nullptr, WNOHANG) == pid) {
      std::print(stderr, "{}", said_since(log, before));
      return std::unexpected(std::format("the daemon of galaxy {} has ended; see above", name));
    }
    task::sleep(10ms);
  }
  return std::unexpected(std::format("the daemon of galaxy {} does not answer after {} s; see {}", name,
                                     daemon_patience.count(), log.string()));
}

// ---- until all is well ----

bool is_settled(const galaxy::service_status& s) {
  switch (s.state) {
    case galaxy::service_state::well:
    case galaxy::service_state::crash_loop: return true;
    case galaxy::service_state::asleep: return s.fewest == 0;
    case galaxy::service_state::starting:
    case galaxy::service_state::unwell:
    case galaxy::service_state::stopped: return false;
  }
  return false;
}

bool is_bad(const galaxy::service_status& s) {
  return !is_settled(s) || s.state == galaxy::service_state::crash_loop;
}

/// Follows the galaxy until no service is on its way any more; returns how it is then.
std::expected<galaxy::galaxy_status, std::string> await_settled(const galaxy_client& client,
                                                                progress_line& progress) {
  std::optional<galaxy::galaxy_status> last;
  std::set<std::string> told;
  const terminal errors{2};
  const auto give_up = task::after(task::now(), services_patience);
  const auto followed = client.lines("/galaxy?follow=1", [&](std::string_view text) {
    auto now = json::read<galaxy::galaxy_status>(text);
    if (!now) return true;
    last = std::move(*now);
    std::string waiting;
    for (const auto& s : last->services) {
      if (!is_settled(s)) {
        waiting += std::format("{}{} {}", waiting.empty() ? "" : ", ", s.name, state_text(s.state));
      } else if (!errors.interactive() && told.insert(s.name).second) {
        std::println(stderr, "{} is {}", s.name, state_text(s.state));
      }
    }
    progress.show(waiting);
    return !waiting.empty() && task::now() < give_up;
  });
  if (!followed) return std::unexpected(followed.error());
  if (!last) return std::unexpected("the galaxy's daemon has ended; 'aster events' tells why once it is up");
  return std::move(*last);
}

/// Prints the services that are not well, and says so.
bool tell_bad(const galaxy::galaxy_status& now) {
  bool any = false;
  for (const auto& s : now.services) {
    if (!is_bad(s)) continue;
    any = true;
    complain(std::format("up: service {} is {}{}; 'aster logs {}' shows what it says", s.name,
                         state_text(s.state), s.why.empty() ? "" : ": " + harmless(s.why, false), s.name));
  }
  return any;
}

addresses addresses_of(const galaxy_client& client, const galaxy::galaxy_status& now) {
  const auto page = client.get<galaxy::page_address>("/page");
  return {.galaxy = now.name, .url = now.url, .page = page ? page->url : now.page};
}

void print_addresses(const addresses& a, const terminal& screen) {
  std::println("{} is up\n\n  site      {}\n  star map  {}\n", screen.paint(a.galaxy, colour::bold),
               screen.paint(a.url, colour::cyan), screen.paint(a.page, colour::cyan));
  std::fflush(stdout);
}

// ---- in the foreground ----

/// Prints what instances say and what happens, until the daemon ends.
class console {
 public:
  /// Shows events behind number `after`.
  console(const galaxy_client& client, std::uint64_t after, progress_line& progress)
      : client_(client), last_(after), progress_(progress) {}

  std::uint64_t last() const { return last_; }

  void begin(task::scope& in) {
    in.spawn("logs", [this] {
      static_cast<void>(client_.lines("/logs?follow=1&lines=0", [this](std::string_view text) {
        const auto line = json::read<galaxy::log_line>(text);
        return !line || print(printer_.line(*line));
      }));
    });
    in.spawn("events", [this] {
      static_cast<void>(
          client_.lines(std::format("/events?follow=1&after={}", last_), [this](std::string_view text) {
            const auto e = json::read<galaxy::event>(text);
            if (!e) return true;
            last_ = e->number;
            return print(printer_.remark(*e));
          }));
    });
  }

 private:
  bool print(const std::string& line) {
    progress_.clear();
    std::print("{}", line);
    return std::fflush(stdout) == 0;
  }

  const galaxy_client& client_;
  std::uint64_t last_;
  progress_line& progress_;
  terminal screen_{1};
  log_printer printer_{screen_};
};

/// Ctrl-C has been pressed: the galaxy ends, and is watched while it does. A second one ends this command
/// alone.
int go_down(const galaxy_client& client, const std::string& name, std::uint64_t last,
            progress_line& progress) {
  const task::shield undisturbed;
  signal(SIGINT, SIG_DFL);
  std::println(stderr, "\n{} goes down; Ctrl-C again leaves it to itself", name);
  if (const auto asked = client.ask("POST", "/down", "{}"); !asked) return complain("up: " + asked.error());
  console shown{client, last, progress};
  task::scope fibers{"down"};
  shown.begin(fibers);
  fibers.join();
  progress.clear();
  std::println(stderr, "{} is down", name);
  return 0;
}

int stay(const galaxy_client& client, const std::string& name, std::uint64_t last) {
  progress_line progress;
  console shown{client, last, progress};
  try {
    task::scope fibers{"up"};
    shown.begin(fibers);
    const auto now = await_settled(client, progress);
    progress.clear();
    if (!now) return complain("up: " + now.error());
    tell_bad(*now);
    print_addresses(addresses_of(client, *now), terminal{1});
    fibers.join();
  } catch (const task::cancelled&) {
    progress.clear();
    return go_down(client, name, shown.last(), progress);
  }
  if (client.is_up()) return complain("up: standard output cannot be written");
  return complain(
      std::format("up: the daemon of galaxy {} has ended; 'aster up' takes over what it left", name));
}

}  // namespace

int perform(const up_command& c) {
  if (c.json && !c.detached)
    return complain("up: --json goes with -d: in the foreground there is no end to it", 2);
  const auto file = find_galaxy_file(c.which.file);
  if (!file) return complain("up: " + file.error());
  const auto declared = read_file(*file);
  if (!declared) return complain("up: " + declared.error());
  if (!c.no_build)
    if (const auto built = build_all(*declared, file->parent_path()); !built)
      return complain("up: " + built.error());

  auto client = galaxy_client::named(declared->name);
  std::uint64_t last = 0;
  if (client) {
    const auto now = client->get<galaxy::galaxy_status>("/galaxy");
    if (!now) return complain("up: " + now.error());
    if (now->file != file->string())
      return complain(
          std::format("up: another galaxy {} is up, of {}; give one of them another name, or end that one "
                      "with 'aster down --galaxy {}'",
                      declared->name, now->file, declared->name));
    last = now->last_event;
    if (const auto asked = client->ask("POST", "/up", "{}"); !asked) return complain("up: " + asked.error());
  } else {
    client = start_daemon(declared->name, *file);
    if (!client) return complain("up: " + client.error());
    last = client->last_event().value_or(0);
  }
  if (!c.detached) return stay(*client, declared->name, last);

  progress_line progress;
  const auto now = await_settled(*client, progress);
  progress.clear();
  if (!now) return complain("up: " + now.error());
  const bool bad = tell_bad(*now);
  const addresses a = addresses_of(*client, *now);
  if (c.json)
    std::println("{}", json::write(a));
  else
    print_addresses(a, terminal{1});
  return bad ? 1 : 0;
}

}  // namespace aster::host::cli
