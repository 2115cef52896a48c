// Descriptors: the console on 0, 1 and 2, and the few device files that programs open for entropy or
// silence. There is no other file.
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include <string_view>

#include "kernel/syscall/descriptors.hpp"
#include "kernel/syscall/serve.hpp"
#include "kernel/target.hpp"
#include "kernel/thread/thread.hpp"

namespace aster::kernel {
namespace {

using kind = descriptor_kind;

constexpr std::uint64_t first_device = 100;  // above every descriptor that means something outside
constexpr std::size_t device_limit = 16;
constinit kind devices[device_limit];

// A byte of console input that was looked at and not yet read.
constinit char looked_at = 0;
constinit bool holds_byte = false;

long open_device(const char* path) noexcept {
  if (!path) return -EFAULT;
  std::size_t n = 0;
  while (n < 256 && path[n]) ++n;
  const std::string_view name{path, n};
  kind wanted = kind::closed;
  if (name == "/dev/urandom" || name == "/dev/random") wanted = kind::entropy;
  else if (name == "/dev/null") wanted = kind::null;
  else if (name == "/dev/zero") wanted = kind::zero;
  else return -ENOENT;
  for (std::size_t i = 0; i < device_limit; ++i) {
    if (devices[i] != kind::closed) continue;
    devices[i] = wanted;
    return static_cast<long>(first_device + i);
  }
  return -EMFILE;
}

long read_into(std::uint64_t descriptor, char* out, std::size_t size) noexcept {
  switch (kind_of(descriptor)) {
    case kind::closed: return -EBADF;
    case kind::null: return 0;
    case kind::zero:
      __builtin_memset(out, 0, size);
      return static_cast<long>(size);
    case kind::entropy:
      target.fill_entropy(out, size);
      return static_cast<long>(size);
    case kind::console: break;
  }
  if (descriptor != 0) return -EBADF;
  if (size == 0) return 0;
  for (;;) {
    if (holds_byte) {
      holds_byte = false;
      out[0] = looked_at;
      const long more = size > 1 ? target.read(out + 1, size - 1) : 0;
      return more > 0 ? 1 + more : 1;  // the end of input comes again
    }
    const long n = target.read(out, size);
    if (n > 0) return n;
    if (n < 0) return 0;  // end of input
    threads().block(abi::never, false, true);
  }
}

long write_from(std::uint64_t descriptor, const char* text, std::size_t size) noexcept {
  switch (kind_of(descriptor)) {
    case kind::closed: return -EBADF;
    case kind::null:
    case kind::zero:
    case kind::entropy: return static_cast<long>(size);
    case kind::console: break;
  }
  if (descriptor == 0) return -EBADF;
  target.write(static_cast<int>(descriptor), text, size);
  return static_cast<long>(size);
}

long vectored(std::uint64_t descriptor, const iovec* pieces, std::uint64_t count, bool writing) noexcept {
  constexpr std::uint64_t most = 1024;  // IOV_MAX
  if (count > most) return -EINVAL;
  long total = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    // What has arrived is an answer: the console is not waited for again.
    if (!writing && total > 0 && descriptor == 0 && !console_readable()) break;
    auto* const base = static_cast<char*>(pieces[i].iov_base);
    const long n = writing ? write_from(descriptor, base, pieces[i].iov_len)
                           : read_into(descriptor, base, pieces[i].iov_len);
    if (n < 0) return total > 0 ? total : n;
    total += n;
    if (static_cast<std::size_t>(n) < pieces[i].iov_len) break;
  }
  return total;
}

long status(std::uint64_t descriptor, struct stat* out) noexcept {
  if (kind_of(descriptor) == kind::closed) return -EBADF;
  *out = {};
  out->st_mode = S_IFCHR | 0620;
  out->st_blksize = 1024;
  // The device number of a pseudo terminal makes libc flush at every line, which a log wants, while
  // isatty() still answers no, so that nobody sends colours.
  out->st_rdev = descriptor <= 2 ? 136u << 8 : 1u << 8;
  return 0;
}

}  // namespace

descriptor_kind kind_of(std::uint64_t descriptor) noexcept {
  if (descriptor <= 2) return kind::console;
  const std::uint64_t i = descriptor - first_device;
  return i < device_limit ? devices[i] : kind::closed;
}

bool console_readable() noexcept {
  if (holds_byte) return true;
  const long n = target.read(&looked_at, 1);
  holds_byte = n > 0;
  return n != 0;
}

long serve_files(const call& call) noexcept {
  const auto pointer = [](std::uint64_t address) { return reinterpret_cast<char*>(address); };
  switch (call.number) {
    case SYS_write: return write_from(call.a, pointer(call.b), call.c);
    case SYS_read: return read_into(call.a, pointer(call.b), call.c);
    case SYS_writev: return vectored(call.a, reinterpret_cast<const iovec*>(call.b), call.c, true);
    case SYS_readv: return vectored(call.a, reinterpret_cast<const iovec*>(call.b), call.c, false);
    case SYS_open: return open_device(pointer(call.a));
    case SYS_openat: return open_device(pointer(call.b));
    case SYS_close:
      if (kind_of(call.a) == kind::closed) return -EBADF;
      if (call.a >= first_device) devices[call.a - first_device] = kind::closed;
      return 0;
    case SYS_fstat: return status(call.a, reinterpret_cast<struct stat*>(call.b));
    case SYS_newfstatat:
      // fstat(3) comes as fstatat(fd, "", …, AT_EMPTY_PATH).
      if ((call.d & AT_EMPTY_PATH) && call.b && *pointer(call.b) == 0)
        return status(call.a, reinterpret_cast<struct stat*>(call.c));
      return -ENOENT;
    case SYS_ioctl: return kind_of(call.a) == kind::closed ? -EBADF : -ENOTTY;
    case SYS_lseek:
      if (kind_of(call.a) == kind::closed) return -EBADF;
      return kind_of(call.a) == kind::console ? -ESPIPE : 0;
    case SYS_fcntl:
      if (kind_of(call.a) == kind::closed) return -EBADF;
      if (call.b == F_GETFL) return O_RDWR;
      return call.b == F_GETFD || call.b == F_SETFD || call.b == F_SETFL ? 0 : -EINVAL;
    case SYS_fsync:
    case SYS_fdatasync: return kind_of(call.a) == kind::closed ? -EBADF : -EINVAL;
    case SYS_stat:
    case SYS_lstat:
    case SYS_access:
    case SYS_faccessat:
    case SYS_readlink:
    case SYS_readlinkat:
    case SYS_unlink:
    case SYS_unlinkat:
    case SYS_rename:
    case SYS_mkdir:
    case SYS_rmdir:
    case SYS_statx:
    case SYS_chdir: return -ENOENT;
    case SYS_getcwd:
      if (call.b < 2) return -ERANGE;
      pointer(call.a)[0] = '/';
      pointer(call.a)[1] = 0;
      return 2;
    case SYS_umask: return 022;
    default: return unserved;
  }
}

}  // namespace aster::kernel
