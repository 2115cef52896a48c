#include "host/galaxy/api/log_tail.hpp"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace aster::host::galaxy {

bool log_tail::open() {
  struct stat named{};
  if (stat(path_.c_str(), &named) != 0 || !S_ISREG(named.st_mode)) return static_cast<bool>(file_);
  if (file_ && named.st_ino == inode_) return true;
  descriptor opened(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status{};
  if (!opened || fstat(opened.get(), &status) != 0 || !S_ISREG(status.st_mode))
    return static_cast<bool>(file_);
  file_ = std::move(opened);
  inode_ = status.st_ino;
  position_ = 0;
  return true;
}

std::string log_tail::read(std::uint64_t from, std::size_t size) const {
  std::string text(size, '\0');
  std::size_t got = 0;
  while (got < size) {
    const ssize_t n = pread(file_.get(), text.data() + got, size - got, static_cast<off_t>(from + got));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    got += static_cast<std::size_t>(n);
  }
  text.resize(got);
  return text;
}

std::string log_tail::history(std::size_t lines) {
  struct stat status{};
  if (!open() || fstat(file_.get(), &status) != 0) return {};
  const auto size = static_cast<std::uint64_t>(status.st_size);
  const std::uint64_t from = size - std::min<std::uint64_t>(size, history_limit);
  std::string text = read(from, static_cast<std::size_t>(size - from));
  position_ = from + text.size();
  // One newline more than lines: the one in front of the first.
  std::size_t begin = text.size();
  if (begin > 0 && text.back() == '\n') --begin;
  for (std::size_t left = lines; left > 0; --left) {
    const std::size_t newline = begin == 0 ? text.npos : text.rfind('\n', begin - 1);
    if (newline == text.npos) {
      // The first line of all that was read may have lost its beginning.
      begin = from == 0 ? 0 : text.find('\n') + 1;
      return text.substr(begin);
    }
    begin = newline;
  }
  return lines == 0 ? std::string{} : text.substr(begin + 1);
}

std::string log_tail::more() {
  struct stat status{};
  if (file_) {
    // What is left of a file that has lost its name comes first.
    if (std::string text = read(position_, read_limit); !text.empty()) {
      position_ += text.size();
      return text;
    }
    if (fstat(file_.get(), &status) == 0 && static_cast<std::uint64_t>(status.st_size) < position_)
      position_ = 0;
  }
  const ino_t before = file_ ? inode_ : 0;
  if (!open() || (inode_ == before && static_cast<std::uint64_t>(status.st_size) <= position_)) return {};
  std::string text = read(position_, read_limit);
  position_ += text.size();
  return text;
}

void line_splitter::feed(std::string_view text, const std::function<void(std::string_view line)>& take) {
  while (!text.empty()) {
    const std::size_t newline = text.find('\n');
    const std::size_t room = line_limit - rest_.size();
    const std::size_t size = std::min({newline, text.size(), room});
    rest_ += text.substr(0, size);
    const bool is_end = size == newline;
    text.remove_prefix(size + (is_end ? 1 : 0));
    if (!is_end && rest_.size() < line_limit) return;
    if (is_end && rest_.ends_with('\r')) rest_.pop_back();
    take(rest_);
    rest_.clear();
  }
}

}  // namespace aster::host::galaxy
