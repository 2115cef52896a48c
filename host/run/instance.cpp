#include "host/run/instance.hpp"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <format>

#include "abi/control.hpp"
#include "host/run/answer_line.hpp"
#include "host/run/boot_line.hpp"

namespace aster::host {
namespace {

constexpr std::size_t request_limit = 128;
constexpr std::size_t answer_limit =
    32u << 20;  // bytes kept for a client that is slow, or of an image without end

/// Only we ourselves, and root, which could do anything anyway.
bool is_friend(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == geteuid() || peer.uid == 0;
}

bool is_question(std::string_view text) {
  return !text.empty() && text.size() < abi::question_limit - 20 &&
         std::ranges::all_of(
             text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == ' '; });
}

}  // namespace

bool is_instance_name(std::string_view text) {
  const auto plain = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  return !text.empty() && text.size() <= 64 && plain(text.front()) &&
         std::ranges::all_of(text, [&](char c) { return plain(c) || c == '.' || c == '-' || c == '_'; });
}

std::expected<std::unique_ptr<instance>, std::string> instance::open(const std::filesystem::path& folder,
                                                                     description what) {
  const std::filesystem::path path = folder / std::format("{}.{}", what.name, getpid());
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.native().size() >= sizeof address.sun_path)
    return std::unexpected(std::format("{}: too long a name for a socket", path.string()));
  std::memcpy(address.sun_path, path.c_str(), path.native().size());
  descriptor listening(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  unlink(path.c_str());  // of a process with our number that was killed
  if (!listening || bind(listening.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(listening.get(), client_limit) != 0) {
    return std::unexpected(std::format("{}: {}", path.string(), std::strerror(errno)));
  }
  return std::unique_ptr<instance>(new instance(std::move(listening), path, std::move(what)));
}

instance::instance(descriptor listening, std::filesystem::path path, description what)
    : listening_(std::move(listening)),
      path_(std::move(path)),
      what_(std::move(what)),
      started_(time(nullptr)) {}

instance::~instance() {
  unlink(path_.c_str());
  rmdir(path_.parent_path().c_str());  // if it was the last
}

std::size_t instance::watch(std::span<pollfd> watched) const {
  std::size_t count = 0;
  watched[count++] = {
      .fd = clients_.size() < client_limit ? listening_.get() : -1, .events = POLLIN, .revents = 0};
  for (const client& c : clients_) {
    watched[count++] = {.fd = c.socket.get(),
                        .events = static_cast<short>(c.to_say.empty() ? POLLIN : POLLIN | POLLOUT),
                        .revents = 0};
  }
  return count;
}

void instance::serve(std::span<const pollfd> watched, clock::time_point now) {
  // Clients that come now have no entry yet.
  for (std::size_t i = 0; i + 1 < watched.size(); ++i) {
    client& c = clients_[i];
    const short events = watched[i + 1].revents;
    if ((events & (POLLIN | POLLHUP | POLLERR)) != 0) hear(c, now);
    if ((events & POLLOUT) != 0) say(c);
  }
  if (!watched.empty() && watched[0].revents != 0) accept_client();
  std::erase_if(clients_, [](const client& c) { return !c.socket || (c.done && c.to_say.empty()); });
}

void instance::accept_client() {
  descriptor socket(accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!socket || !is_friend(socket.get())) return;
  clients_.push_back(
      {.socket = std::move(socket), .heard = {}, .to_say = {}, .id = {}, .question = {}, .until = {}});
}

void instance::hear(client& c, clock::time_point now) {
  std::array<char, request_limit> bytes;
  const ssize_t got = recv(c.socket.get(), bytes.data(), bytes.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) return c.socket.close();
  if (c.done || c.awaits_ready || !c.id.empty()) return;  // one question each
  c.heard.append(bytes.data(), static_cast<std::size_t>(got));
  const std::size_t end = c.heard.find('\n');
  if (end != c.heard.npos) {
    take_request(c, std::string_view(c.heard).substr(0, end), now);
  } else if (c.heard.size() > request_limit) {
    fail(c, "the question is too long");
  }
  say(c);
}

void instance::take_request(client& c, std::string_view line, clock::time_point now) {
  constexpr std::string_view asks = "ask ";
  if (line == "who") {
    c.to_say = std::format("instance name={} pid={} target={} image={} started={} answers={} ready={}\nend\n",
                           encode_boot_value(what_.name), getpid(), what_.target,
                           encode_boot_value(what_.image.string()), started_, answers_ ? "yes" : "no",
                           ready_ ? "yes" : "no");
    c.done = true;
    return;
  }
  if (line == "await ready") {
    c.awaits_ready = true;
    if (ready_) is_ready();
    return;
  }
  if (!line.starts_with(asks) || !is_question(line.substr(asks.size())))
    return fail(c, "that is no question");
  c.id = std::format("q{}", ++next_id_);
  c.until = now + patience;
  c.question = std::format("ask {} {}\n", c.id, line.substr(asks.size()));
  if (answers_) pass_on(c);  // else it waits: an image that starts will answer in a moment
}

void instance::pass_on(client& c) {
  if (!ask(c.question)) fail(c, "it takes no more questions: it is stuck");
  c.question.clear();
}

void instance::is_ready() {
  ready_ = true;
  for (client& c : clients_) {
    if (!c.awaits_ready || c.done) continue;
    c.to_say += "end\n";
    c.done = true;
    say(c);
  }
}

void instance::can_answer() {
  answers_ = true;
  for (client& c : clients_)
    if (!c.question.empty() && !c.done) pass_on(c);
}

void instance::fail(client& c, std::string_view why) {
  c.to_say += std::format("failed {}\n", why);
  c.done = true;
}

void instance::say(client& c) {
  while (!c.to_say.empty()) {
    const ssize_t put = send(c.socket.get(), c.to_say.data(), c.to_say.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (put <= 0) return c.socket.close();
    c.to_say.erase(0, static_cast<std::size_t>(put));
  }
}

void instance::answered(std::string_view id, std::string_view rest, clock::time_point now) {
  for (client& c : clients_) {
    if (c.id.empty() || c.done) continue;
    c.until = now + patience;  // it is at work, if perhaps for somebody else
    if (c.id != id) continue;
    // What makes no sense is not passed on: an image is not to be trusted with anybody's terminal.
    if (rest == "end") {
      c.to_say += "end\n";
      c.done = true;
    } else if (c.to_say.size() > answer_limit) {
      fail(c, "the answer does not end");
    } else if (parse_answer_line(rest)) {
      c.to_say.append(rest).append("\n");
    }
    say(c);
  }
}

std::optional<instance::clock::time_point> instance::deadline() const {
  std::optional<clock::time_point> first;
  for (const client& c : clients_)
    if (!c.id.empty() && !c.done) first = first ? std::min(*first, c.until) : c.until;
  return first;
}

void instance::expired(clock::time_point now) {
  for (client& c : clients_) {
    if (c.id.empty() || c.done || c.until > now) continue;
    fail(c, answers_
                ? std::format("no answer for {}: a fiber keeps the CPU, or the machine is stopped", patience)
                : "it does not answer questions: it has no network stack, or has not come to make it yet");
    say(c);
  }
}

}  // namespace aster::host
