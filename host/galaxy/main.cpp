// aster-galaxy: keeps a galaxy as its galaxy.toml says. `aster up` starts it; so does systemd, by the unit
// aster-galaxy@.service.
#include <signal.h>
#include <sys/resource.h>

#include <exception>
#include <print>
#include <string_view>
#include <vector>

#include "abi/platform.hpp"
#include "aster/task/cancellation.hpp"
#include "host/galaxy/daemon.hpp"

namespace {

constexpr int exit_cannot_begin = 125;

constexpr std::string_view help_text =
    "Usage: aster-galaxy [--file FILE] [--log FILE]\n"
    "\n"
    "Keeps the services of a galaxy running, or asleep, as FILE says. `aster up` starts it.\n"
    "\n"
    "  --file FILE   the declaration (default galaxy.toml)\n"
    "  --log FILE    append what it has to say there instead of to standard error\n"
    "  -h, --help    print this\n"
    "\n"
    "Signals end the daemon alone: instances, edge and switch go on, and the next daemon takes them over.\n"
    "What ends all is `aster down`; the daemon then ends by itself, with code 0.\n";

int complain(std::string_view text) {
  std::println(stderr, "aster-galaxy: {}", text);
  return exit_cannot_begin;
}

/// Each instance takes a few descriptors, each client one.
void raise_limits() {
  if (rlimit files{}; getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
}

}  // namespace

int main(int argc, char** argv) {
  aster::host::galaxy::daemon_options options{.file = "galaxy.toml"};
  const std::vector<std::string_view> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  for (std::size_t i = 0; i < words.size(); i += 2) {
    if (words[i] == "-h" || words[i] == "--help") {
      std::print("{}", help_text);
      return 0;
    }
    if (words[i] != "--file" && words[i] != "--log")
      return complain(std::format("{} is not an option; see aster-galaxy --help", words[i]));
    if (i + 1 == words.size()) return complain(std::format("{} needs a file", words[i]));
    if (words[i] == "--log" && std::freopen(std::string(words[i + 1]).c_str(), "a", stderr) == nullptr)
      return complain(std::format("--log {}: it cannot be written", words[i + 1]));
    if (words[i] == "--file") options.file = words[i + 1];
  }
  // Before anything is read: a signal from here on is answered in order.
  std::ignore = aster::abi::current_platform();
  signal(SIGHUP, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is as a full disk
  raise_limits();
  try {
    auto d = aster::host::galaxy::daemon::make(options);
    if (!d) return complain(d.error());
    (*d)->run();
    return 0;
  } catch (const std::exception& error) {
    return complain(error.what());
  }
}
