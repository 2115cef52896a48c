#include "host/galaxy/log_limit.hpp"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

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

}  // namespace aster::host::galaxy
