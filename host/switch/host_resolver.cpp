#include "host/switch/host_resolver.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <fstream>
#include <sstream>
#include <string>

#include "aster/net/address.hpp"
#include "aster/task/clock.hpp"
#include "host/fibers/readiness.hpp"
#include "host/run/descriptor.hpp"

namespace aster::host {
namespace {

constexpr auto patience = std::chrono::seconds(5);
constexpr std::size_t largest_answer = 1472;  // that fits into a frame

}  // namespace

std::optional<std::uint32_t> name_server_in(std::string_view text) {
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string key, value;
    words >> key >> value;
    if (key != "nameserver") continue;
    if (const auto address = net::ipv4_address::parse(value)) return address->value;
  }
  return std::nullopt;
}

std::optional<std::vector<std::byte>> ask_host_resolver(std::span<const std::byte> question) {
  std::ifstream file("/etc/resolv.conf");
  std::ostringstream text;
  text << file.rdbuf();
  const auto server = name_server_in(text.view());
  if (!server) return std::nullopt;
  const descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const sockaddr_in to{
      .sin_family = AF_INET, .sin_port = htons(53), .sin_addr = {htonl(*server)}, .sin_zero = {}};
  // A connected socket hears of nobody else.
  if (!socket || connect(socket.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0 ||
      ::send(socket.get(), question.data(), question.size(), 0) < 0)
    return std::nullopt;
  if (!await_readable(socket.get(), task::after(task::now(), patience))) return std::nullopt;
  std::vector<std::byte> answer(largest_answer);
  const ssize_t got = recv(socket.get(), answer.data(), answer.size(), 0);
  if (got < 12) return std::nullopt;
  answer.resize(static_cast<std::size_t>(got));
  return answer;
}

}  // namespace aster::host
