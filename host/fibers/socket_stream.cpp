#include "host/fibers/socket_stream.hpp"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <format>
#include <system_error>
#include <utility>

#include "host/fibers/unix_address.hpp"

namespace aster::host {
namespace {

net::error error_of(int number) {
  switch (number) {
    case ECONNRESET:
    case EPIPE: return net::error::reset;
    case ETIMEDOUT: return net::error::timed_out;
    case ECONNREFUSED: return net::error::refused;
    case ENOMEM:
    case ENOBUFS: return net::error::exhausted;
    default: return net::error::unreachable;
  }
}

descriptor nonblocking(descriptor socket) {
  if (fcntl(socket.get(), F_SETFL, fcntl(socket.get(), F_GETFL) | O_NONBLOCK) != 0)
    throw std::system_error(errno, std::generic_category(), "a socket's mode");
  return socket;
}

}  // namespace

socket_stream::socket_stream(descriptor socket)
    : socket_(nonblocking(std::move(socket))), ready_(socket_.get()) {
  // Who writes has gathered what belongs together already. Of a Unix socket it is no option, and not needed.
  const int on = 1;
  setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

std::expected<std::size_t, net::error> socket_stream::read(std::span<std::byte> out) {
  if (out.empty()) return 0;
  for (;;) {
    const ssize_t got = recv(socket_.get(), out.data(), out.size(), 0);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return std::unexpected(error_of(errno));
    ready_.await_readable();
  }
}

std::expected<void, net::error> socket_stream::write(std::span<const std::span<const std::byte>> pieces) {
  constexpr std::size_t at_once = 64;
  std::size_t first = 0, done_of_first = 0;
  for (;;) {
    std::array<iovec, at_once> parts;
    std::size_t count = 0;
    for (std::size_t i = first; i < pieces.size() && count < at_once; ++i) {
      const std::span<const std::byte> left = pieces[i].subspan(i == first ? done_of_first : 0);
      if (!left.empty()) parts[count++] = {const_cast<std::byte*>(left.data()), left.size()};
    }
    if (count == 0) return {};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = count;
    const ssize_t put = sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
    if (put < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN) return std::unexpected(error_of(errno));
      ready_.await_writable();
      continue;
    }
    for (auto left = static_cast<std::size_t>(put);
         left > 0 || (first < pieces.size() && pieces[first].size() == done_of_first);) {
      const std::size_t step = std::min(left, pieces[first].size() - done_of_first);
      left -= step;
      done_of_first += step;
      if (done_of_first == pieces[first].size()) {
        ++first;
        done_of_first = 0;
      }
    }
  }
}

void socket_stream::shutdown_write() noexcept { shutdown(socket_.get(), SHUT_WR); }

void socket_stream::abort() noexcept {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  shutdown(socket_.get(), SHUT_RDWR);
}

std::expected<std::unique_ptr<socket_stream>, std::string> connect_unix(const std::filesystem::path& path) {
  const auto address = unix_address(path);
  if (!address) return std::unexpected(address.error());
  descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket || connect(socket.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0)
    return std::unexpected(std::format("{}: {}", path.string(), strerror(errno)));
  return std::make_unique<socket_stream>(std::move(socket));
}

std::expected<std::unique_ptr<socket_stream>, std::string> connect_tcp(std::uint32_t address,
                                                                       std::uint16_t port) {
  const auto failed = [&](int why) {
    const in_addr shown{htonl(address)};
    char text[INET_ADDRSTRLEN];
    return std::unexpected(
        std::format("{}:{}: {}", inet_ntop(AF_INET, &shown, text, sizeof text), port, strerror(why)));
  };
  descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const sockaddr_in to{
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(address)}, .sin_zero = {}};
  if (!socket) return failed(errno);
  if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    if (errno != EINPROGRESS) return failed(errno);
    await_writable(socket.get());
    int why = 0;
    socklen_t size = sizeof why;
    getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &why, &size);
    if (why != 0) return failed(why);
  }
  return std::make_unique<socket_stream>(std::move(socket));
}

}  // namespace aster::host
