#include "host/cli/galaxy_client.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <format>
#include <fstream>
#include <iterator>

#include "aster/http/client_connection.hpp"
#include "aster/http/response.hpp"
#include "aster/web/url.hpp"
#include "host/fibers/socket_stream.hpp"
#include "host/galaxy/api/messages.hpp"
#include "host/galaxy/declaration.hpp"
#include "host/galaxy/folders.hpp"
#include "host/galaxy/galaxy.hpp"

namespace aster::host::cli {
namespace {

namespace fs = std::filesystem;

constexpr auto patience = std::chrono::seconds(30);  // for an answer's head

http::limits limits_of_answers() {
  http::limits limits;
  limits.body = 64u << 20;
  limits.content = {};  // what is followed may be silent
  return limits;
}

bool is_galaxy_name(std::string_view name) {
  return !name.empty() && name.size() <= 63 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

/// One request on a connection of its own.
class exchange {
 public:
  std::expected<void, std::string> begin(const galaxy_client& galaxy, const http::client_request& request,
                                         std::string_view body) {
    auto stream = connect_unix(galaxy::folders_of(galaxy.name()).api());
    if (!stream)
      return std::unexpected(std::format("galaxy {} is not up; bring it up with 'aster up'", galaxy.name()));
    stream_ = std::move(*stream);
    connection_.emplace(*stream_, limits_);
    if (const auto sent = connection_->send(request, body); !sent) return lost(galaxy, sent.error());
    if (const auto got = connection_->receive(patience); !got) return lost(galaxy, got.error());
    const int status = http::code(connection_->head().status);
    if (status < 300) return {};
    const std::string text = connection_->all().value_or("");
    const auto problem = json::read<galaxy::problem_document>(text);
    if (!problem) return std::unexpected(std::format("the galaxy's daemon says {}", status));
    return std::unexpected(problem->detail.value_or(problem->title));
  }

  static std::unexpected<std::string> lost(const galaxy_client& galaxy, http::client_failure why) {
    return std::unexpected(
        std::format("the daemon of galaxy {} does not answer: {}", galaxy.name(), to_string(why)));
  }

  http::client_connection& connection() { return *connection_; }

 private:
  http::limits limits_ = limits_of_answers();
  std::unique_ptr<socket_stream> stream_;
  std::optional<http::client_connection> connection_;
};

}  // namespace

std::expected<fs::path, std::string> find_galaxy_file(const std::string& given) {
  std::error_code error;
  if (!given.empty()) {
    if (fs::is_directory(given, error))
      return fs::absolute(fs::path(given) / "galaxy.toml").lexically_normal();
    return fs::absolute(given).lexically_normal();
  }
  const fs::path here = fs::current_path();
  for (fs::path folder = here;; folder = folder.parent_path()) {
    if (fs::is_regular_file(folder / "galaxy.toml", error)) return folder / "galaxy.toml";
    if (folder == folder.parent_path()) break;
  }
  return std::unexpected(
      "there is no galaxy.toml in this folder or above it; go to a galaxy's folder, or name the "
      "galaxy with --galaxy NAME");
}

std::expected<std::string, std::string> galaxy_name_of(const galaxy_choice& which) {
  if (!which.name.empty() && !which.file.empty())
    return std::unexpected("--galaxy and --file both say which galaxy; leave one out");
  if (!which.name.empty()) {
    if (!is_galaxy_name(which.name))
      return std::unexpected(
          std::format("--galaxy {}: no galaxy's name; it has small letters, digits and '-'", which.name));
    return which.name;
  }
  const auto file = find_galaxy_file(which.file);
  if (!file) return std::unexpected(file.error());
  std::ifstream in{*file};
  if (!in) return std::unexpected(std::format("{} cannot be read", file->string()));
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  const auto declared = galaxy::read_declaration(text, file->parent_path().filename().string());
  if (!declared)
    return std::unexpected(std::format("{}; 'aster up' shows all, and --galaxy NAME does without the file",
                                       to_string(declared.error().front(), file->string())));
  return declared->name;
}

std::expected<galaxy_client, std::string> galaxy_client::of(const galaxy_choice& which) {
  auto name = galaxy_name_of(which);
  if (!name) return std::unexpected(std::move(name.error()));
  return named(std::move(*name));
}

std::expected<galaxy_client, std::string> galaxy_client::named(std::string name) {
  galaxy_client client{std::move(name)};
  if (!client.is_up())
    return std::unexpected(std::format("galaxy {} is not up; bring it up with 'aster up'", client.name()));
  return client;
}

bool galaxy_client::is_up() const { return connect_unix(galaxy::folders_of(name_).api()).has_value(); }

std::expected<std::string, std::string> galaxy_client::ask(std::string_view method, std::string_view target,
                                                           std::string_view body,
                                                           std::string_view type) const {
  std::string fields;
  if (!body.empty()) http::append_field(fields, "Content-Type", type);
  exchange e;
  if (auto begun =
          e.begin(*this, {.method = method, .target = target, .host = "galaxy", .fields = fields}, body);
      !begun)
    return std::unexpected(std::move(begun.error()));
  auto answer = e.connection().all();
  if (!answer) return exchange::lost(*this, answer.error());
  return std::move(*answer);
}

std::expected<std::uint64_t, std::string> galaxy_client::last_event() const {
  const auto now = get<galaxy::galaxy_status>("/galaxy");
  if (!now) return std::unexpected(now.error());
  return now->last_event;
}

std::expected<void, std::string> galaxy_client::pieces(
    std::string_view target, const std::function<bool(std::string_view piece)>& take) const {
  exchange e;
  if (auto begun = e.begin(*this, {.target = target, .host = "galaxy"}, {}); !begun)
    return std::unexpected(std::move(begun.error()));
  std::array<std::byte, 16 * 1024> buffer;
  for (;;) {
    const auto got = e.connection().read(buffer);
    if (!got) return exchange::lost(*this, got.error());
    if (*got == 0 || !take({reinterpret_cast<const char*>(buffer.data()), *got})) return {};
  }
}

std::expected<void, std::string> galaxy_client::lines(
    std::string_view target, const std::function<bool(std::string_view line)>& take) const {
  std::string rest;
  return pieces(target, [&](std::string_view piece) {
    rest += piece;
    std::size_t begin = 0;
    for (std::size_t end; (end = rest.find('\n', begin)) != rest.npos; begin = end + 1) {
      const std::string_view line = std::string_view{rest}.substr(begin, end - begin);
      if (!line.empty() && !take(line)) return false;
    }
    rest.erase(0, begin);
    return true;
  });
}

std::string encoded(std::string_view text) {
  std::string out;
  web::append_encoded(out, text, web::url_part::segment);
  return out;
}

}  // namespace aster::host::cli
