// The program break moves by a call into the image's own memory, in place of libc's system call: in the
// sandbox that is a signal, 3 µs each, and a program takes five of them until its first malloc has been
// served.
//
// libc calls this before it has made its thread pointer, so no stack protector and, unless it fails, no
// errno. Under
// --strace, and on the other targets, it is the system call that libc would make.
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>

#include "kernel/boot_options.hpp"
#include "kernel/linux_call.hpp"
#include "kernel/memory/address_space.hpp"
#include "kernel/target.hpp"

extern "C" {  // NOLINTBEGIN: libc's names
extern void* __curbrk;
void* __curbrk = nullptr;
int __brk(void* wanted);
int brk(void* wanted) noexcept;
void* _dl_early_allocate(std::size_t size);  // where its start-up puts the first thread's data

int __brk(void* wanted) {
  using namespace aster;
  const auto to = reinterpret_cast<std::uint64_t>(wanted);
  const bool is_ours = kernel::target.kind == abi::target::sandbox && !kernel::options().strace;
  const std::uint64_t now =
      is_ours ? kernel::memory().set_break(to)
              : static_cast<std::uint64_t>(kernel::linux_call(SYS_brk, static_cast<long>(to)));
  __curbrk = reinterpret_cast<void*>(now);
  if (now >= to) return 0;
  errno = ENOMEM;
  return -1;
}

int brk(void* wanted) noexcept { return __brk(wanted); }

void* _dl_early_allocate(std::size_t size) {
  if (__brk(nullptr) != 0) return nullptr;
  auto* const begin = static_cast<std::byte*>(__curbrk);
  if (__brk(begin + size) == 0) return begin;
  void* const elsewhere = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return elsewhere == MAP_FAILED ? nullptr : elsewhere;
}
}  // NOLINTEND
