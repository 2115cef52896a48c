// aster-switch: the network of a galaxy. Its daemon starts it and tells it what to do (control_message.hpp);
// it goes on when the daemon is gone, and so do the connections between instances.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <expected>
#include <filesystem>
#include <format>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "aster/task/scope.hpp"
#include "host/fibers/socket_listener.hpp"
#include "host/fibers/socket_stream.hpp"
#include "host/switch/bridge.hpp"
#include "host/switch/daemon_link.hpp"
#include "host/switch/note.hpp"
#include "host/switch/published_ports.hpp"
#include "host/switch/switchboard.hpp"

namespace {

using namespace aster;
using namespace aster::host;

constexpr int exit_cannot_serve = 125;

constexpr std::string_view help_text =
    "Usage: aster-switch --runtime FOLDER [--address A.B.C.D/LEN] [--edge SERVICE] [--log FILE]\n"
    "\n"
    "The network between the instances of a galaxy, without privileges. `aster up` starts it.\n"
    "\n"
    "  --runtime FOLDER  where its sockets are: `switch` (its daemon's), `frames` (where instances plug "
    "in),\n"
    "                    `edge` (which it connects to for the edge); switch.pid has its number\n"
    "  --address A/LEN   its own address and the network (default 10.77.0.1/16)\n"
    "  --edge SERVICE    the service that may connect to its port 7777 (default edge)\n"
    "  --log FILE        append what it has to say there instead of to standard error\n"
    "  -h, --help        print this\n"
    "\n"
    "Ends at SIGTERM, or when the daemon says so; not when the daemon ends.\n";

struct options {
  std::filesystem::path runtime;
  std::filesystem::path log;
  switchboard::settings board{.own = {net::ipv4_address{10, 77, 0, 1}, 16}};
};

std::expected<options, std::string> read_options(const std::vector<std::string_view>& words) {
  options all;
  for (std::size_t i = 0; i < words.size(); i += 2) {
    const std::string_view name = words[i];
    if (i + 1 == words.size())
      return std::unexpected(std::format("{} needs a value; see aster-switch --help", name));
    const std::string_view value = words[i + 1];
    if (name == "--runtime") {
      all.runtime = value;
    } else if (name == "--log") {
      all.log = value;
    } else if (name == "--edge") {
      all.board.edge = value;
    } else if (name == "--address") {
      const auto own = net::ipv4_interface::parse(value);
      if (!own || own->prefix < 8 || own->prefix > 28)
        return std::unexpected(std::format("--address {}: write A.B.C.D/LEN, LEN from 8 to 28", value));
      all.board.own = *own;
    } else {
      return std::unexpected(std::format("{} is not an option; see aster-switch --help", name));
    }
  }
  if (all.runtime.empty()) return std::unexpected("--runtime is missing; see aster-switch --help");
  return all;
}

/// Enough descriptors for many connections, and nothing to be gained by an image that finds a mistake in us.
void confine() {
  if (rlimit files{}; getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  const rlimit none{.rlim_cur = 0, .rlim_max = 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

std::expected<void, std::string> open_log(const std::filesystem::path& file) {
  if (file.empty()) return {};
  const descriptor log(open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!log) return std::unexpected(std::format("--log {}: {}", file.string(), strerror(errno)));
  dup2(log.get(), 1);
  dup2(log.get(), 2);
  return {};
}

/// What the edge says to the daemon: each of its connections to our port leads to the daemon's socket.
void serve_edge(switchboard& board, const switchboard::settings& how, const std::filesystem::path& to) {
  task::scope links{"edge"};
  net::listener door = board.stack().listen(how.edge_port);
  for (;;) {
    net::stream link = door.accept();
    // The rules let nobody else come here; an address that has changed hands meanwhile is no longer the
    // edge's.
    if (board.service_at(link.remote().address) != how.edge) continue;
    links.spawn("edge", [&to, s = std::move(link)]() mutable {
      const auto daemon = connect_unix(to);
      if (!daemon) return s.abort();  // it is away: the edge tries again
      bridge(s, **daemon);
    });
  }
}

void serve_plugs(switchboard& board, socket_listener& frames) {
  task::scope plugs{"plugs"};
  for (;;) {
    plugs.spawn("plug", [&board, s = frames.accept()]() mutable {
      try {
        board.serve_plug(std::move(s));
      } catch (const std::exception& e) {
        note(std::format("a plug was lost: {}", e.what()));
      }
    });
  }
}

int serve(const options& given) {
  // The control socket is taken last: whoever finds it finds the rest.
  auto frames = socket_listener::on_unix(given.runtime / "frames", SOCK_SEQPACKET);
  if (!frames) {
    note("aster-switch: " + frames.error());
    return exit_cannot_serve;
  }
  auto control = socket_listener::on_unix(given.runtime / "switch");
  if (!control) {
    note("aster-switch: " + control.error());
    return exit_cannot_serve;
  }
  const std::filesystem::path pid_file = given.runtime / "switch.pid";
  std::ofstream(pid_file) << getpid() << '\n';

  const std::filesystem::path edge_socket = given.runtime / "edge";
  daemon_link daemon;
  switchboard board{given.board, [&daemon](const switch_control::event& e) { daemon.tell(e); }};
  published_ports ports{board};
  struct at_the_end {
    const std::filesystem::path& file;
    ~at_the_end() { unlink(file.c_str()); }
  } remove_pid{pid_file};
  task::scope all{"aster-switch"};
  all.spawn("edge", [&] { serve_edge(board, given.board, edge_socket); });
  all.spawn("plugs", [&] { serve_plugs(board, *frames); });
  all.spawn("daemon", [&] { daemon.serve(*control, board, ports, [] { kill(getpid(), SIGTERM); }); });
  all.join();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string_view> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  if (!words.empty() && (words.front() == "--help" || words.front() == "-h")) {
    std::fwrite(help_text.data(), 1, help_text.size(), stdout);
    return 0;
  }
  const auto given = read_options(words);
  const auto opened = given ? open_log(given->log) : std::unexpected(given.error());
  if (!opened) {
    std::fputs(std::format("aster-switch: {}\n", opened.error()).c_str(), stderr);
    return exit_cannot_serve;
  }
  confine();
  signal(SIGHUP, SIG_IGN);
  return serve(*given);
}
