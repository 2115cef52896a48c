#include "host/image/byte_source.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace aster::host {

bool memory_source::read(std::uint64_t offset, std::span<std::byte> out) const {
  if (offset > bytes_.size() || out.size() > bytes_.size() - offset) return false;
  if (!out.empty()) std::memcpy(out.data(), bytes_.data() + offset, out.size());
  return true;
}

std::expected<file_source, int> file_source::open(const std::filesystem::path& path) {
  // O_NONBLOCK: opening a pipe without a writer must not hang; it means nothing for a regular file.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return std::unexpected{errno};
  struct stat status{};
  int error = 0;
  if (::fstat(descriptor, &status) != 0) {
    error = errno;
  } else if (S_ISDIR(status.st_mode)) {
    error = EISDIR;
  } else if (!S_ISREG(status.st_mode)) {
    error = EINVAL;
  }
  if (error != 0) {
    ::close(descriptor);
    return std::unexpected{error};
  }
  return file_source{descriptor, static_cast<std::uint64_t>(status.st_size)};
}

file_source::file_source(file_source&& other) noexcept
    : descriptor_{std::exchange(other.descriptor_, -1)}, size_{std::exchange(other.size_, 0)} {}

file_source& file_source::operator=(file_source&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(size_, other.size_);
  return *this;
}

file_source::~file_source() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool file_source::read(std::uint64_t offset, std::span<std::byte> out) const {
  while (!out.empty()) {
    const ssize_t n = ::pread(descriptor_, out.data(), out.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    out = out.subspan(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
  return true;
}

}  // namespace aster::host
