#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "aster/http/client_connection.hpp"
#include "aster/http/request.hpp"
#include "aster/http/response.hpp"
#include "aster/task/clock.hpp"
#include "aster/task/deadline.hpp"
#include "aster/task/event.hpp"
#include "aster/task/scope.hpp"
#include "host/fibers/socket_listener.hpp"
#include "host/fibers/socket_stream.hpp"

using namespace aster;
using namespace aster::host;
using namespace std::chrono_literals;

namespace {

struct temporary_folder {
  temporary_folder() {
    std::string name = "/tmp/aster-fibers-XXXXXX";
    path = mkdtemp(name.data());
  }
  ~temporary_folder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

std::pair<descriptor, descriptor> pair_of_sockets() {
  std::array<int, 2> both;
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both.data()) == 0);
  return {descriptor(both[0]), descriptor(both[1])};
}

}  // namespace

TEST_CASE("a reader parks until there is something, while others run") {
  auto [a, b] = pair_of_sockets();
  socket_stream here{std::move(a)}, there{std::move(b)};
  std::vector<std::string> order;
  task::scope both{"both"};
  both.spawn("reader", [&] {
    std::array<std::byte, 16> bytes;
    CHECK(here.read(bytes) == 5);
    order.emplace_back("read");
    CHECK(here.read(bytes) == 0);
  });
  both.spawn("writer", [&] {
    task::yield();
    order.emplace_back("write");
    CHECK(there.write("hello"));
    there.shutdown_write();
  });
  both.join();
  CHECK(order == std::vector<std::string>{"write", "read"});
}

TEST_CASE("more than the socket takes goes through piece by piece") {
  auto [a, b] = pair_of_sockets();
  socket_stream here{std::move(a)}, there{std::move(b)};
  const std::string large(3'000'000, 'x');
  const std::string small = "small";
  task::scope both{"both"};
  both.spawn("writer", [&] {
    // 130 pieces: more than one system call takes.
    std::vector<std::span<const std::byte>> pieces(64, std::as_bytes(std::span{small}));
    pieces.push_back(std::as_bytes(std::span{large}));
    pieces.push_back({});
    pieces.insert(pieces.end(), 64, std::as_bytes(std::span{small}));
    CHECK(here.write(pieces));
    here.shutdown_write();
  });
  std::string got;
  both.spawn("reader", [&] {
    std::array<std::byte, 10'000> bytes;
    for (;;) {
      const auto n = there.read(bytes);
      REQUIRE(n);
      if (*n == 0) break;
      got.append(reinterpret_cast<const char*>(bytes.data()), *n);
    }
  });
  both.join();
  CHECK(got.size() == large.size() + 128 * small.size());
  CHECK(got.starts_with("smallsmall"));
  CHECK(got.ends_with("xsmall" + std::string() + [&] {
    std::string s;
    for (int i = 0; i < 63; ++i) s += small;
    return s;
  }()));
}

TEST_CASE("a deadline ends the wait, and the end of the peer is an error") {
  auto [a, b] = pair_of_sockets();
  socket_stream here{std::move(a)};
  std::array<std::byte, 16> bytes;
  CHECK_FALSE(task::within(1ms, [&] { return here.read(bytes); }));
  b.close();
  CHECK(here.read(bytes) == 0);
  CHECK(here.write("lost").error() == net::error::reset);
}

TEST_CASE("a child's end is awaited by its pidfd") {
  const pid_t child = fork();
  if (child == 0) {
    pause();
    _exit(0);
  }
  const descriptor handle(static_cast<int>(syscall(SYS_pidfd_open, child, 0)));
  CHECK_FALSE(await_readable(handle.get(), task::after(task::now(), 1ms)));
  kill(child, SIGKILL);
  CHECK(await_readable(handle.get()));
  waitpid(child, nullptr, 0);
}

TEST_CASE("HTTP over a Unix socket and over loopback, with who is let in decided first") {
  const temporary_folder folder;
  auto listener = socket_listener::on_unix(folder.path / "api");
  REQUIRE(listener);
  const auto answer = [](const http::request& req, http::response& res) {
    res.text(std::string(req.target()));
  };
  int asked = 0;
  task::scope servers{"servers"};
  servers.spawn("unix", [&] { serve_http(*listener, answer, {}, [&](int) { return ++asked < 3; }); });
  auto on_loopback = socket_listener::on_tcp(INADDR_LOOPBACK, 0);
  REQUIRE(on_loopback);
  servers.spawn("loopback", [&] { serve_http(*on_loopback, answer); });
  const http::limits limits;
  const auto ask = [&](net::byte_stream& stream, std::string_view target) {
    http::client_connection c{stream, limits};
    REQUIRE(c.send({.target = target, .host = "aster"}));
    if (!c.receive()) return std::string("refused");
    return c.all().value_or("lost");
  };
  for (const char* expected : {"/1", "/1", "refused"})
    CHECK(ask(**connect_unix(folder.path / "api"), "/1") == expected);
  CHECK(ask(**connect_tcp(INADDR_LOOPBACK, on_loopback->port()), "/2") == "/2");
  servers.cancel();
  servers.join();
}

TEST_CASE("a socket's name that nobody listens on is taken over, one with a listener is not") {
  const temporary_folder folder;
  const auto path = folder.path / "api";
  {
    auto first = socket_listener::on_unix(path);
    REQUIRE(first);
    CHECK(socket_listener::on_unix(path).error().contains("somebody listens"));
  }
  CHECK_FALSE(std::filesystem::exists(path));
  const descriptor left(open(path.c_str(), O_CREAT | O_WRONLY, 0600));
  CHECK(socket_listener::on_unix(path));
  CHECK(connect_unix(path).error().contains("No such file"));
  CHECK(socket_listener::on_unix(folder.path / std::string(200, 'x')).error().contains("at most"));
}
