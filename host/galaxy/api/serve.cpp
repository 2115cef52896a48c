#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <format>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "aster/json/read.hpp"
#include "aster/json/write.hpp"
#include "aster/task/scope.hpp"
#include "aster/web/base64url.hpp"
#include "host/fibers/socket_listener.hpp"
#include "host/galaxy/api/api.hpp"
#include "host/galaxy/api/authorise.hpp"

namespace aster::host::galaxy {
namespace {

constexpr std::size_t token_bytes = 24;

/// What a restarted daemon has to have in common with the one before, so that an open page goes on.
struct remembered {
  std::uint16_t port = 0;
  std::string token;
};

remembered recall(const std::filesystem::path& file) {
  std::ifstream in{file};
  std::stringstream text;
  text << in.rdbuf();
  // A file of ours that cannot be read, because the disk was full when it was written, is none.
  return json::read<remembered>(text.str()).value_or(remembered{});
}

void remember(const std::filesystem::path& file, const remembered& what) {
  const std::string text = json::write(what) + "\n";
  const std::filesystem::path next = file.string() + ".new";
  const descriptor out(open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!out || write(out.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) return;
  std::error_code ignored;
  std::filesystem::rename(next, file, ignored);
}

socket_listener open_page(const api_options& options, std::uint16_t port) {
  auto door = socket_listener::on_tcp(options.page_address, port);
  if (!door && port != 0) door = socket_listener::on_tcp(options.page_address, 0);
  if (!door) throw std::runtime_error("the star map's port cannot be opened: " + door.error());
  return std::move(*door);
}

std::string origin_of(std::uint32_t address, std::uint16_t port) {
  return std::format("http://{}.{}.{}.{}:{}", address >> 24, address >> 16 & 255, address >> 8 & 255,
                     address & 255, port);
}

bool is_welcome(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  caller who;
  who.user = peer.uid;
  return authorise(who, {.user = geteuid(), .token = {}, .origin = {}}) == verdict::allowed;
}

}  // namespace

void serve_api(galaxy& of, const api_options& options) {
  remembered page = options.memory.empty() ? remembered{} : recall(options.memory);
  if (!options.token.empty()) page.token = options.token;
  if (page.token.empty()) page.token = web::random_token(token_bytes);
  socket_listener loopback = open_page(options, options.page_port != 0 ? options.page_port : page.port);
  page.port = loopback.port();
  if (!options.memory.empty()) remember(options.memory, page);
  auto local = socket_listener::on_unix(options.socket);
  if (!local) throw std::runtime_error("the API's socket cannot be opened: " + local.error());

  const std::string origin = origin_of(options.page_address, page.port);
  const api for_socket{of, entrance::socket, origin, page.token, options.logs};
  const api for_page{of, entrance::page, origin, page.token, options.logs};
  http::options serving;
  serving.connections = 256;
  serving.stack_size = 128 * 1024;  // files and formats need more than what an image's handlers do
  serving.drain = std::chrono::seconds{1};
  task::scope doors{"api"};
  doors.spawn("api page", [&] { serve_http(loopback, for_page, serving); });
  doors.spawn("api socket", [&] { serve_http(*local, for_socket, serving, is_welcome); });
  doors.join();
}

}  // namespace aster::host::galaxy
