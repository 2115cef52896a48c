#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "kernel/memory/address_space.hpp"
#include "kernel/syscall/descriptors.hpp"
#include "kernel/syscall/serve.hpp"

namespace aster::kernel {

long serve_memory(const call& call) noexcept {
  switch (call.number) {
    case SYS_brk: return static_cast<long>(memory().set_break(call.a));
    case SYS_mmap:
      if (!(call.d & MAP_ANONYMOUS) && kind_of(call.e) == descriptor_kind::closed) return -EBADF;
      return memory().map(call.a, call.b, static_cast<int>(call.c), static_cast<int>(call.d));
    case SYS_munmap: return memory().unmap(call.a, call.b);
    case SYS_mprotect: return memory().protect(call.a, call.b, static_cast<int>(call.c));
    case SYS_mremap: return memory().remap(call.a, call.b, call.c, static_cast<int>(call.d));
    case SYS_madvise: return memory().advise(call.a, call.b, static_cast<int>(call.c));
    case SYS_mlock:
    case SYS_munlock:
    case SYS_mlockall: return 0;  // nothing is ever swapped out
    default: return unserved;
  }
}

}  // namespace aster::kernel
