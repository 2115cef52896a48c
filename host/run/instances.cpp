#include "host/run/instances.hpp"

#include <errno.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <format>
#include <tuple>

#include "host/run/descriptor.hpp"
#include "host/run/runtime_folder.hpp"

namespace aster::host {
namespace {

constexpr timeval patience{.tv_sec = 10, .tv_usec = 0};
constexpr std::size_t answer_limit = 64u << 20;

std::unexpected<std::string> gone(const std::filesystem::path& path) {
  return std::unexpected(std::format("{} has ended", path.filename().string()));
}

std::expected<std::vector<answer_line>, std::string> ask_at(const std::filesystem::path& path,
                                                            std::string_view request) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.native().size() >= sizeof address.sun_path) return gone(path);
  std::memcpy(address.sun_path, path.c_str(), path.native().size());
  const descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return gone(path);
  const std::string line = std::string(request) + "\n";
  if (send(socket.get(), line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size()))
    return gone(path);

  std::vector<answer_line> lines;
  std::string text;
  std::size_t total = 0;
  std::array<char, 65536> bytes;
  for (;;) {
    const ssize_t got = recv(socket.get(), bytes.data(), bytes.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(std::format("{} does not answer", path.filename().string()));
    if (got == 0) return gone(path);
    text.append(bytes.data(), static_cast<std::size_t>(got));
    total += static_cast<std::size_t>(got);
    if (total > answer_limit)
      return std::unexpected(std::format("{}: the answer does not end", path.filename().string()));
    std::size_t begin = 0;
    for (std::size_t end; (end = text.find('\n', begin)) != text.npos; begin = end + 1) {
      const std::string_view one = std::string_view(text).substr(begin, end - begin);
      constexpr std::string_view failed = "failed ";
      if (one == "end") return lines;
      if (one.starts_with(failed))
        return std::unexpected(std::format("{}: {}", path.filename().string(), one.substr(failed.size())));
      if (auto parsed = parse_answer_line(one)) lines.push_back(*std::move(parsed));
    }
    text.erase(0, begin);
  }
}

bool nobody_listens(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.native().size() >= sizeof address.sun_path) return false;
  std::memcpy(address.sun_path, path.c_str(), path.native().size());
  const descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
         errno == ECONNREFUSED;
}

std::string list_of(const std::vector<running_instance>& all) {
  std::string text;
  for (const running_instance& i : all)
    text += std::format("{}{} (pid {})", text.empty() ? "" : ", ", i.name, i.pid);
  return text;
}

}  // namespace

std::expected<std::vector<answer_line>, std::string> running_instance::ask(std::string_view request) const {
  return ask_at(socket, request);
}

std::expected<std::vector<running_instance>, std::string> running_instances() {
  const auto folder = runtime_folder();
  if (!folder) return std::unexpected(folder.error());
  std::vector<running_instance> all;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(*folder, error)) {
    if (!entry.is_socket(error)) continue;
    if (nobody_listens(entry.path())) {
      unlink(entry.path().c_str());
      continue;
    }
    const auto told = ask_at(entry.path(), "who");
    if (!told || told->size() != 1 || told->front().kind != "instance") continue;
    const answer_line& who = told->front();
    all.push_back({.name = std::string(who["name"]),
                   .pid = static_cast<pid_t>(who.number("pid")),
                   .target = std::string(who["target"]),
                   .image = who["image"],
                   .started = static_cast<std::int64_t>(who.number("started")),
                   .answers = who["answers"] == "yes",
                   .socket = entry.path()});
  }
  if (all.empty()) rmdir(folder->c_str());  // unless somebody has just begun
  std::ranges::sort(all, {}, [](const running_instance& i) { return std::tie(i.name, i.started, i.pid); });
  return all;
}

std::expected<running_instance, std::string> find_instance(std::string_view word) {
  auto all = running_instances();
  if (!all) return std::unexpected(all.error());
  if (all->empty()) return std::unexpected("no image runs; start one with aster run IMAGE");
  if (word.empty()) {
    if (all->size() == 1) return std::move(all->front());
    return std::unexpected(std::format("several images run: {}; name one", list_of(*all)));
  }
  std::vector<running_instance> meant;
  for (running_instance& i : *all)
    if (i.name == word || std::to_string(i.pid) == word) meant.push_back(i);
  if (meant.size() == 1) return std::move(meant.front());
  if (meant.empty())
    return std::unexpected(std::format("{} does not run; there are: {}", word, list_of(*all)));
  return std::unexpected(std::format("several images of that name run: {}; write a pid", list_of(meant)));
}

}  // namespace aster::host
