#include "host/galaxy/log_limit.hpp"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "host/run/descriptor.hpp"

namespace aster::host::galaxy {

bool limit_log(const std::filesystem::path& file, std::uint64_t most) {
  const descriptor log(open(file.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  struct stat status{};
  if (!log || fstat(log.get(), &status) != 0 || static_cast<std::uint64_t>(status.st_size) <= most)
    return false;
  const std::filesystem::path old = file.string() + ".1";
  const descriptor copy(open(old.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  // Where it cannot be copied (the disk is full) it is emptied all the same: that makes room.
  while (copy && sendfile(copy.get(), log.get(), nullptr, 1u << 20) > 0) {
  }
  return ftruncate(log.get(), 0) == 0;
}

std::string last_line(const std::filesystem::path& file) {
  constexpr std::size_t most = 200;
  const descriptor log(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  std::array<char, 1024> end;
  const off_t size = log ? lseek(log.get(), 0, SEEK_END) : -1;
  const off_t from = std::max<off_t>(0, size - static_cast<off_t>(end.size()));
  const ssize_t got = size <= 0 ? -1 : pread(log.get(), end.data(), end.size(), from);
  if (got <= 0) return {};
  std::string_view text(end.data(), static_cast<std::size_t>(got));
  while (text.ends_with('\n')) text.remove_suffix(1);
  text.remove_prefix(text.rfind('\n') + 1);  // npos + 1 is 0
  std::string line(text.substr(0, most));
  std::ranges::replace_if(line, [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; }, ' ');
  return line;
}

}  // namespace aster::host::galaxy
