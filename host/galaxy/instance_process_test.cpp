// With real processes: what is started is known to whoever comes after, and nothing else is ever touched.
#include "host/galaxy/instance_process.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "host/galaxy/folders.hpp"
#include "host/galaxy/image_shelf.hpp"
#include "host/galaxy/log_limit.hpp"
#include "host/galaxy/start_command.hpp"

using namespace aster::host::galaxy;
namespace fs = std::filesystem;
namespace host = aster::host;

namespace {

struct folder {
  folder() {
    char name[] = "/tmp/aster-process-XXXXXX";
    path = mkdtemp(name);
  }
  ~folder() { fs::remove_all(path); }
  fs::path path;
};

std::string content_of(const fs::path& file) {
  std::ifstream in{file};
  std::stringstream all;
  all << in.rdbuf();
  return all.str();
}

/// Waits until it has ended; false after ten seconds.
bool ends(const instance_process& p) {
  pollfd event{.fd = p.handle(), .events = POLLIN, .revents = 0};
  return poll(&event, 1, 10'000) == 1;
}

launch shell(const folder& f, const std::string& script) {
  return {.path = "/bin/sh",
          .arguments = {"sh", "-c", script},
          .console = f.path / "console",
          .log = f.path / "log"};
}

}  // namespace

TEST_CASE("it does not run before it is let, and then with its console, its log and its secrets") {
  const folder f;
  launch what = shell(f, "read line; echo got $line; cat <&3; exec 3<&-; ls /proc/self/fd | wc -l; exit 7");
  what.secrets = std::string("NAME=secret\0", 12);
  auto p = instance_process::prepare(what);
  REQUIRE_MESSAGE(p, p.error());
  CHECK(content_of(f.path / "log") == "");
  CHECK(birth_of(p->identity().pid) == p->identity().born);
  p->go();
  const int console = open((f.path / "console").c_str(), O_WRONLY | O_NONBLOCK);
  REQUIRE(write(console, "hello\n", 6) == 6);
  REQUIRE(ends(*p));
  CHECK(p->reap() == 7);
  // 0, 1, 2 and the folder that ls reads: nothing of ours is left open in it.
  CHECK(content_of(f.path / "log") == std::string("got hello\nNAME=secret\0", 22) + "4\n");
  close(console);
}

TEST_CASE("it has a session of its own") {
  const folder f;
  auto p = instance_process::prepare(shell(f, "cut -d' ' -f6 /proc/$$/stat; kill -9 $$"));
  REQUIRE(p);
  p->go();
  REQUIRE(ends(*p));
  CHECK(content_of(f.path / "log") == std::to_string(p->identity().pid) + "\n");
  CHECK(p->reap() == 128 + SIGKILL);
}

TEST_CASE("who prepares it and is killed leaves nothing") {
  const folder f;
  int ends_of[2];
  REQUIRE(pipe(ends_of) == 0);
  const pid_t daemon = fork();
  if (daemon == 0) {
    auto p = instance_process::prepare(shell(f, "echo it ran"));
    const auto who = p ? p->identity() : process_identity{};
    if (write(ends_of[1], &who, sizeof who) < 0) _exit(1);
    pause();
  }
  process_identity who;
  REQUIRE(read(ends_of[0], &who, sizeof who) == sizeof who);
  const auto seen = instance_process::adopt(who);
  REQUIRE(seen);
  kill(daemon, SIGKILL);
  REQUIRE(waitpid(daemon, nullptr, 0) == daemon);
  CHECK(ends(*seen));
  CHECK(content_of(f.path / "log") == "");
}

TEST_CASE("one that runs is adopted by whoever comes after, and its end is seen") {
  const folder f;
  int ends_of[2];
  REQUIRE(pipe(ends_of) == 0);
  const pid_t daemon = fork();
  if (daemon == 0) {
    auto p = instance_process::prepare(shell(f, "sleep 60"));
    if (!p) _exit(1);
    p->go();
    const auto who = p->identity();
    if (write(ends_of[1], &who, sizeof who) < 0) _exit(1);
    pause();
  }
  process_identity who;
  REQUIRE(read(ends_of[0], &who, sizeof who) == sizeof who);
  kill(daemon, SIGKILL);
  REQUIRE(waitpid(daemon, nullptr, 0) == daemon);
  auto p = instance_process::adopt(who);
  REQUIRE(p);
  p->send(SIGTERM);
  CHECK(ends(*p));
  CHECK_FALSE(p->reap());  // it was another's
}

TEST_CASE("a number that was given to another process is nobody's") {
  CHECK_FALSE(instance_process::adopt({getpid(), *birth_of(getpid()) + 1}));
  CHECK(instance_process::adopt({getpid(), *birth_of(getpid())}));
  CHECK_FALSE(instance_process::adopt({0, 0}));
  CHECK_FALSE(instance_process::adopt({-1, 0}));
  CHECK_FALSE(birth_of(999'999'999));
}

TEST_CASE("a place for the console or the log that is something else is refused") {
  const folder f;
  std::ofstream{f.path / "console"} << "a file";
  CHECK_FALSE(instance_process::prepare(shell(f, "true")));
  fs::remove(f.path / "console");
  fs::create_symlink("/dev/null", f.path / "log");
  CHECK_FALSE(instance_process::prepare(shell(f, "true")));
}

TEST_CASE("what a process uses is counted with all that it has started") {
  const auto mine = usage_of(getpid());
  CHECK(mine.memory > 1u << 20);
  CHECK(usage_of(999'999'999).memory == 0);
}

TEST_CASE("a log that has grown begins anew, and one older is kept") {
  const folder f;
  std::ofstream log{f.path / "log", std::ios::app};
  log << std::string(1000, 'x') << std::flush;
  CHECK_FALSE(limit_log(f.path / "log", 1000));
  log << "\nlast\n" << std::flush;
  CHECK(limit_log(f.path / "log", 1000));
  CHECK(content_of(f.path / "log") == "");
  CHECK(content_of(f.path / "log.1").ends_with("\nlast\n"));
  log << "first\n" << std::flush;
  CHECK(content_of(f.path / "log") == "first\n");
  CHECK_FALSE(limit_log(f.path / "nothing", 1000));
}

TEST_CASE("secrets are in no argument") {
  const folder f;
  std::ofstream{f.path / "key"} << "s3cret\nof two lines\n";
  action::start what{
      .instance = "shop-1", .file = "/i/shop", .how = {}, .address = "10.77.0.7", .token = "6f1c"};
  what.how.name = "shop";
  what.how.environment = {"A=b"};
  what.how.arguments = {"-x", "y"};
  what.how.memory = 33'000'000;
  what.how.secrets = {{"KEY", "key"}};
  const folders places{"/run/g", "/state/g"};
  const auto c = command_of(what, "sample", "service", places, f.path);
  REQUIRE(c);
  CHECK(c->words == std::vector<std::string>{"aster",      "run",
                                             "--name",     "sample.shop-1",
                                             "--on",       "auto",
                                             "-m",         "32M",
                                             "--net",      "service=switch:/run/g/frames,6f1c",
                                             "--record",   "/run/g/exit-shop-1",
                                             "-e",         "A=b",
                                             "--env-file", "/dev/fd/3",
                                             "/i/shop",    "--",
                                             "-x",         "y"});
  CHECK(c->secrets == std::string("KEY=s3cret\nof two lines\0", 24));
  for (const char* wrong : {"missing", "large", "zero"}) {
    std::ofstream{f.path / "large"} << std::string(70'000, 'x');
    std::ofstream{f.path / "zero"} << std::string("a\0b", 3);
    what.how.secrets = {{"KEY", wrong}};
    const auto refused = command_of(what, "sample", "service", places, f.path);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().contains(wrong));
  }
  what.how.name = "edge";
  what.how.secrets.clear();
  CHECK(command_of(what, "sample", "service", places, f.path)->secrets ==
        std::string("ASTER_EDGE_TOKEN=6f1c\0", 22));
}

TEST_CASE("a galaxy's folders are this user's alone, or are refused") {
  const folder f;
  setenv("XDG_RUNTIME_DIR", f.path.c_str(), 1);
  setenv("XDG_STATE_HOME", (f.path / "state").c_str(), 1);
  const auto made = make_folders("sample");
  REQUIRE_MESSAGE(made, made.error());
  CHECK(made->runtime == f.path / "asterism-galaxies" / "sample");
  CHECK(fs::is_directory(made->logs()));
  REQUIRE(make_folders("sample"));
  chmod(made->runtime.c_str(), 0755);
  CHECK(make_folders("sample").error().contains("not a folder of yours alone"));
  fs::remove(made->runtime);
  fs::create_directory_symlink(f.path, made->runtime);
  CHECK_FALSE(make_folders("sample"));
  unsetenv("XDG_RUNTIME_DIR");
  unsetenv("XDG_STATE_HOME");
}

// With an image, where the program is started with one.
TEST_CASE("`aster run` leaves the exit code for a daemon that was not there") {
  const char* const aster = getenv("ASTER");
  const char* const trial = getenv("TRIAL");
  if (aster == nullptr || trial == nullptr) return;
  const folder f;
  launch what{.path = aster,
              .arguments = {"aster", "run", "-q", "--record", (f.path / "exit").string(), "--env-file",
                            "/dev/fd/3", trial, "--", "exit", "3"},
              .console = f.path / "console",
              .log = f.path / "log",
              .secrets = std::string("KEY=two\nlines\0", 14)};
  auto p = instance_process::prepare(what);
  REQUIRE(p);
  p->go();
  REQUIRE(ends(*p));
  CHECK(p->reap() == 3);
  CHECK(content_of(f.path / "exit") == "3\n");
}

TEST_CASE("an image on the shelf stays what it was, and is kept as long as it is in use") {
  const char* const server = getenv("SERVER");
  if (server == nullptr) return;
  const folder f;
  const image_shelf shelf{f.path};
  const auto put = shelf.put(server, "build/shop");
  REQUIRE_MESSAGE(put, put.error());
  CHECK(put->told == "build/shop");
  CHECK(content_of(put->file) == content_of(server));
  CHECK(shelf.put(server, "again")->file == put->file);
  CHECK(network_device_of(put->file) == "service");
  std::ofstream{f.path / "text"} << "no image";
  CHECK_FALSE(shelf.put(f.path / "text", "x"));
  CHECK_FALSE(shelf.put(getenv("TRIAL"), "x"));  // it has no network
  shelf.keep_only({put->file});
  CHECK(fs::exists(put->file));
  shelf.keep_only({});
  CHECK_FALSE(fs::exists(put->file));
}
