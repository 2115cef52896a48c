#include "host/sandbox/place.hpp"

#include <asm-generic/errno-base.h>
#include <linux/mman.h>

#include <cstring>
#include <utility>

#include "host/sandbox/linux_call.hpp"

namespace aster::host::sandbox {
namespace {

// Two windows of the address space for random places, far from where Linux puts what it places itself
// (a position-independent program at 0x55…, libraries, the vdso and stacks at 0x7f…).
constexpr std::uint64_t image_window = 0x1000'0000'0000;
constexpr std::uint64_t image_window_size = 0x4000'0000'0000;
constexpr std::uint64_t memory_window = 0x5800'0000'0000;
constexpr std::uint64_t memory_window_size = 0x2000'0000'0000;

// More address space than memory: fibers' stacks are mostly untouched, and freed ranges need no reuse.
constexpr std::uint64_t spare_address_space = 64ull << 30;

constexpr std::uint64_t guard_size = 64u << 10;
constexpr std::uint64_t signal_stack_size = 32u << 10;
constexpr std::uint64_t stack_size_limit = 1u << 20;
constexpr std::uint64_t boot_size = page_up(sizeof(abi::sandbox_boot) + abi::boot_line_limit);

// Pages that every program writes to are populated beforehand, which costs less than a fault each: those of
// the file in writable segments (relocation alone reaches most of them), and of the first stack what start-up
// uses. Zeros and code are not: most programs never come to most of them (measured with hello: 5 % and 8 %
// slower).
constexpr std::uint64_t stack_populated = 4 * page_size;

bool failed(long result) { return result < 0 && result > -4096; }

std::unexpected<complaint> no_memory(long result) {
  return std::unexpected(complaint{"does not fit into memory", "lower -m or free memory on this machine",
                                   static_cast<int>(-result)});
}

long map(std::uint64_t address, std::uint64_t size, int protection, int flags, int file = -1,
         std::uint64_t offset = 0) {
  return linux_call(__NR_mmap, address, size, protection, MAP_PRIVATE | flags, file, offset);
}

/// Reserves `size` bytes at a random page of a window; another page when something is there already.
long reserve(std::uint64_t window, std::uint64_t window_size, std::uint64_t size, std::uint64_t random) {
  const std::uint64_t pages = (window_size - size) / page_size;
  long result = -ENOMEM;
  for (int attempt = 0; attempt < 8; ++attempt) {
    result = map(window + random % pages * page_size, size, PROT_NONE,
                 MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE);
    if (result != -EEXIST) break;
    random = random * 6364136223846793005u + 1442695040888963407u;  // some other page
  }
  return result;
}

long map_segment(int file, const segment& s, std::uint64_t base) {
  const int protection = PROT_READ | (s.writable ? PROT_WRITE : 0) | (s.executable ? PROT_EXEC : 0);
  const std::uint64_t begin = page_down(base + s.address);
  const std::uint64_t file_end = base + s.address + s.file_size;
  const std::uint64_t zeros_end = page_up(base + s.address + s.memory_size);
  if (s.file_size != 0) {
    const long result = map(begin, page_up(file_end) - begin, protection,
                            MAP_FIXED | (s.writable ? MAP_POPULATE : 0), file, page_down(s.offset));
    if (failed(result)) return result;
    // The file's last page goes on with whatever follows there; a program expects zeros.
    if (s.memory_size > s.file_size) {
      std::memset(reinterpret_cast<void*>(file_end), 0, page_up(file_end) - file_end);
    }
  }
  const std::uint64_t zeros_begin = s.file_size != 0 ? page_up(file_end) : begin;
  if (zeros_begin == zeros_end) return 0;
  return map(zeros_begin, zeros_end - zeros_begin, protection, MAP_FIXED | MAP_ANONYMOUS);
}

}  // namespace

std::expected<std::uint64_t, complaint> place_image(int file, const image_layout& layout,
                                                    std::uint64_t random) {
  const long base = reserve(image_window, image_window_size, layout.span, random);
  if (failed(base)) return no_memory(base);
  for (const segment& s : layout.segments()) {
    if (const long result = map_segment(file, s, static_cast<std::uint64_t>(base)); failed(result)) {
      return no_memory(result);
    }
  }
  return static_cast<std::uint64_t>(base);
}

std::expected<workplace, complaint> make_workplace(std::uint64_t budget, std::uint64_t random) {
  const std::uint64_t memory_size = page_up(budget) + spare_address_space;
  if (memory_size > memory_window_size / 2) return no_memory(-ENOMEM);
  const long memory = reserve(memory_window, memory_window_size, memory_size, random);
  if (failed(memory)) return no_memory(memory);

  // guard | signal stack | guard | first stack | boot structure and line | guard
  const std::uint64_t stack_size = page_down(budget / 8 < stack_size_limit ? budget / 8 : stack_size_limit);
  const std::uint64_t whole = 3 * guard_size + signal_stack_size + stack_size + boot_size;
  const long area = map(0, whole, PROT_NONE, MAP_ANONYMOUS | MAP_NORESERVE);
  if (failed(area)) return no_memory(area);
  const std::uint64_t signal_stack = static_cast<std::uint64_t>(area) + guard_size;
  const std::uint64_t stack = signal_stack + signal_stack_size + guard_size;
  const std::uint64_t boot = stack + stack_size;
  for (const auto [begin, size] :
       {std::pair{signal_stack, signal_stack_size}, {stack, stack_size + boot_size}}) {
    const long result = linux_call(__NR_mprotect, begin, size, PROT_READ | PROT_WRITE);
    if (failed(result)) return no_memory(result);
  }
  // Where the kernel has no such advice (before 5.14) the pages come by faults: slower, not wrong.
  linux_call(__NR_madvise, boot - stack_populated, stack_populated + boot_size, MADV_POPULATE_WRITE);

  const workplace made{.boot = reinterpret_cast<abi::sandbox_boot*>(boot),
                       .boot_line = reinterpret_cast<char*>(boot + sizeof(abi::sandbox_boot))};
  made.boot->memory = static_cast<std::uint64_t>(memory);
  made.boot->memory_size = memory_size;
  made.boot->budget = budget;
  made.boot->stack = stack;
  made.boot->stack_size = stack_size;
  made.boot->signal_stack = signal_stack;
  made.boot->signal_stack_size = signal_stack_size;
  return made;
}

}  // namespace aster::host::sandbox
