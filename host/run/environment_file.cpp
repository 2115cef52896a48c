#include "host/run/environment_file.hpp"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <format>
#include <string_view>

#include "host/run/descriptor.hpp"

namespace aster::host {
namespace {

constexpr std::size_t size_limit = 1u << 20;

std::expected<std::string, std::string> content_of(const std::filesystem::path& file) {
  const descriptor in(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!in) return std::unexpected(std::string(std::strerror(errno)));
  std::string all;
  std::array<char, 16384> bytes;
  for (;;) {
    const ssize_t got = read(in.get(), bytes.data(), bytes.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(std::string(std::strerror(errno)));
    if (got == 0) return all;
    all.append(bytes.data(), static_cast<std::size_t>(got));
    if (all.size() > size_limit) return std::unexpected("it is larger than 1 MiB");
  }
}

}  // namespace

std::expected<std::vector<std::string>, std::string> read_environment_file(
    const std::filesystem::path& file) {
  const auto content = content_of(file);
  if (!content) return std::unexpected(content.error());
  const bool by_lines = !content->contains('\0');
  std::vector<std::string> variables;
  std::string_view rest = *content;
  for (unsigned number = 1; !rest.empty(); ++number) {
    const std::size_t end = std::min(rest.find(by_lines ? '\n' : '\0'), rest.size());
    const std::string_view entry = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (entry.empty() || (by_lines && entry.starts_with('#'))) continue;
    const std::size_t equals = entry.find('=');
    if (equals == 0 || equals == entry.npos)
      return std::unexpected(
          std::format("{} {} is no variable; write NAME=VALUE", by_lines ? "line" : "entry", number));
    variables.emplace_back(entry);
  }
  return variables;
}

}  // namespace aster::host
