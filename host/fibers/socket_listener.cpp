#include "host/fibers/socket_listener.hpp"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <chrono>
#include <format>
#include <memory>
#include <system_error>
#include <utility>

#include "abi/platform.hpp"
#include "aster/http/connection.hpp"
#include "aster/task/cancellation.hpp"
#include "aster/task/clock.hpp"
#include "aster/task/scope.hpp"
#include "host/fibers/socket_stream.hpp"
#include "host/fibers/unix_address.hpp"

namespace aster::host {
namespace {

constexpr int backlog = 512;

std::unexpected<std::string> failed(const std::string& what) {
  return std::unexpected(std::format("{}: {}", what, strerror(errno)));
}

bool somebody_listens(const sockaddr_un& address, int type) {
  const descriptor trial(socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  return connect(trial.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ||
         errno == EAGAIN;
}

}  // namespace

socket_listener::socket_listener(descriptor socket, std::filesystem::path path)
    : socket_(std::move(socket)),
      ready_(std::make_unique<readiness>(socket_.get())),
      path_(std::move(path)) {}

socket_listener::~socket_listener() {
  ready_.reset();
  if (socket_ && !path_.empty()) unlink(path_.c_str());
}

std::expected<socket_listener, std::string> socket_listener::on_unix(const std::filesystem::path& path,
                                                                     int type) {
  const auto address = unix_address(path);
  if (!address) return std::unexpected(address.error());
  if (somebody_listens(*address, type))
    return std::unexpected(std::format("{}: somebody listens there", path.string()));
  unlink(path.c_str());
  descriptor socket(::socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return failed(path.string());
  const mode_t before = umask(0177);
  const bool is_bound =
      bind(socket.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) == 0;
  umask(before);
  if (!is_bound || listen(socket.get(), backlog) != 0) return failed(path.string());
  return socket_listener(std::move(socket), path);
}

std::expected<socket_listener, std::string> socket_listener::on_tcp(std::uint32_t address,
                                                                    std::uint16_t port) {
  const in_addr shown{htonl(address)};
  char text[INET_ADDRSTRLEN];
  const std::string name = std::format("{}:{}", inet_ntop(AF_INET, &shown, text, sizeof text), port);
  descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1;
  const sockaddr_in at{.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = shown, .sin_zero = {}};
  if (!socket || setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      bind(socket.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0 ||
      listen(socket.get(), backlog) != 0)
    return failed(name);
  return socket_listener(std::move(socket), {});
}

std::uint16_t socket_listener::port() const {
  sockaddr_in at{};
  socklen_t size = sizeof at;
  getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&at), &size);
  return ntohs(at.sin_port);
}

descriptor socket_listener::accept() {
  constexpr auto breath = std::chrono::milliseconds(50);
  for (;;) {
    descriptor client(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (client) return client;
    if (errno == EAGAIN)
      ready_->await_readable();
    else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
      task::sleep(breath);
    else if (errno != EINTR && errno != ECONNABORTED)
      throw std::system_error(errno, std::generic_category(), "accept");
  }
}

void serve_http(socket_listener& listener, http::handler_reference handler, const http::options& options,
                const std::function<bool(int)>& allow) {
  http::shared_state shared{handler, options};
  std::size_t open = 0;
  task::scope connections{"http"};
  const auto serve = [&](descriptor socket) {
    try {
      socket_stream stream{std::move(socket)};
      http::connection{stream, shared}.run();
    } catch (const std::exception& e) {
      const std::string_view what{e.what()};
      abi::current_platform().note(what.data(), what.size());
    }
    --open;
    shared.changed.notify_all();
  };
  try {
    for (;;) {
      descriptor client = listener.accept();
      if (allow && !allow(client.get())) continue;
      while (open >= options.connections) {
        if (http::connection* const longest = shared.idle.front()) longest->evict();
        shared.changed.wait();
      }
      ++open;
      connections.spawn("http connection", [&serve, s = std::move(client)]() mutable { serve(std::move(s)); },
                        {.stack_size = options.stack_size});
    }
  } catch (const task::cancelled&) {
    // What is being answered comes to its end first.
    const task::shield undisturbed;
    shared.draining = true;
    for (http::connection* c = shared.upgraded.front(); c != nullptr; c = c->next_in_list()) c->evict();
    const task::time_point deadline = task::after(task::now(), options.drain);
    while (shared.busy > 0 && shared.changed.wait_until(deadline)) {
    }
    connections.cancel();
    connections.join();
    throw;
  }
}

}  // namespace aster::host
