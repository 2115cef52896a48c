#include "host/run/exit_record.hpp"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstring>
#include <format>
#include <string_view>

#include "host/run/descriptor.hpp"

namespace aster::host {

std::expected<void, std::string> write_exit_record(const std::filesystem::path& file, int code) {
  const std::string text = std::format("{}\n", code);
  const std::filesystem::path half = file.string() + ".new";
  const auto failed = [] { return std::unexpected(std::string(std::strerror(errno))); };
  {
    const descriptor out(open(half.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!out || write(out.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
      return failed();
  }
  if (rename(half.c_str(), file.c_str()) != 0) return failed();
  return {};
}

std::optional<int> read_exit_record(const std::filesystem::path& file) {
  const descriptor in(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 16> bytes{};
  const ssize_t got = in ? read(in.get(), bytes.data(), bytes.size()) : -1;
  if (got <= 1) return std::nullopt;
  int code = 0;
  const char* const end = bytes.data() + got - 1;
  const auto [stopped, error] = std::from_chars(bytes.data(), end, code);
  if (error != std::errc{} || stopped != end || *end != '\n') return std::nullopt;
  return code;
}

}  // namespace aster::host
