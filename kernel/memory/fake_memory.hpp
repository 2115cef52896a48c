// A target for tests of low code: memory is real memory of the test's process, time is what the test says.
#pragma once
#include <sys/mman.h>
#include <asm/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <vector>

#include "kernel/memory/address_space.hpp"
#include "kernel/target.hpp"

namespace aster::kernel::fake {

inline std::uint64_t now = 0;  // the monotonic clock
inline std::string input;      // what the console will say
inline bool input_ended = false;
inline std::string output;
inline std::vector<std::uint64_t> sleeps;  // the deadlines of every idle
inline void (*on_idle)(std::uint64_t deadline, bool console) = nullptr;  // what happens meanwhile

/// An address range of its own in which an address space under test may map.
class window {
 public:
  explicit window(std::uint64_t pages) : size_(pages * page_size) {
    begin_ = reinterpret_cast<std::uint64_t>(
        ::mmap(nullptr, size_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  }
  window(const window&) = delete;
  ~window() { ::munmap(reinterpret_cast<void*>(begin_), size_); }
  std::uint64_t begin() const { return begin_; }
  std::uint64_t end() const { return begin_ + size_; }
  std::uint64_t at(std::uint64_t page) const { return begin_ + page * page_size; }

 private:
  std::uint64_t begin_ = 0, size_;
};

inline void install() {
  now = 0;
  input.clear();
  input_ended = false;
  output.clear();
  sleeps.clear();
  on_idle = nullptr;
  target = {};
  target.kind = abi::target::sandbox;
  target.monotonic = []() noexcept { return now; };
  target.wall = []() noexcept { return static_cast<std::int64_t>(now + 1'000'000'000'000); };
  target.idle = [](std::uint64_t deadline, bool console) noexcept {
    sleeps.push_back(deadline);
    if (on_idle) on_idle(deadline, console);
    else if (deadline != abi::never && deadline > now) now = deadline;
  };
  target.read = [](char* out, std::size_t size) noexcept -> long {
    if (input.empty()) return input_ended ? -1 : 0;
    const std::size_t n = input.copy(out, size);
    input.erase(0, n);
    return static_cast<long>(n);
  };
  target.write = [](int, const char* text, std::size_t size) noexcept { output.append(text, size); };
  target.control = [](const char*, std::size_t) noexcept {};
  target.fill_entropy = [](void* data, std::size_t size) noexcept { std::memset(data, 0xa5, size); };
  target.set_thread_pointer = [](std::uint64_t value) noexcept { ::syscall(SYS_arch_prctl, ARCH_SET_FS, value); };
  target.exit = [](int code) noexcept { ::_exit(code); };
  target.protect = [](std::uint64_t begin, std::uint64_t end, int protection) noexcept -> long {
    return ::mprotect(reinterpret_cast<void*>(begin), end - begin, protection);
  };
  target.discard = [](std::uint64_t begin, std::uint64_t end) noexcept {
    ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
  };
  target.guard = [](std::uint64_t, std::uint64_t, bool) noexcept -> long { return 0; };
}

}  // namespace aster::kernel::fake
