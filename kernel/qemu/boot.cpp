// From the PVH entry to libc's `_start`, in order. Two halves: the first runs at physical addresses and makes
// the page tables, the second runs where the program will run.
#include <elf.h>
#include <sys/mman.h>

#include "kernel/boot_options.hpp"
#include "kernel/memory/address_space.hpp"
#include "kernel/memory/image_segments.hpp"
#include "kernel/panic.hpp"
#include "kernel/platform.hpp"
#include "kernel/qemu/cpu.hpp"
#include "kernel/qemu/machine.hpp"
#include "kernel/qemu/page_tables.hpp"
#include "kernel/qemu/physical_memory.hpp"
#include "kernel/qemu/start_info.hpp"
#include "kernel/start.hpp"
#include "kernel/target.hpp"
#include "kernel/thread/thread.hpp"

extern "C" const char __ehdr_start[], _end[];
extern "C" std::uint64_t aster_boot_pml4[512];

namespace aster::kernel {

constinit memory_layout layout{};
constinit bool has_acpi = false;

namespace {

constexpr std::uint64_t large_page = 2 << 20, gigabyte = 1 << 30, slot = 512 * gigabyte;
constexpr std::uint64_t low_memory = 1 << 20;  // belongs to the firmware: start info, tables, BIOS data

constinit char command_line[abi::boot_line_limit + 1];
constinit std::uint64_t command_line_size = 0;

void fill_target() noexcept {
  target.kind = abi::target::qemu;
  target.idle = qemu_idle;
  target.monotonic = clock_monotonic;
  target.wall = clock_wall;
  target.fill_entropy = fill_entropy;
  target.write = [](int, const char* text, std::size_t size) noexcept { serial_write(text, size); };
  target.thread_number = []() noexcept { return static_cast<unsigned>(threads().current().id); };
  target.read = serial_read;
  target.control = serial_control;
  target.hear = serial_control_read;
  target.listen = qemu_listen;
  target.set_thread_pointer = [](std::uint64_t value) noexcept { cpu::write_msr(0xc0000100, value); };
  target.save_vectors = save_vectors;
  target.load_vectors = load_vectors;
  target.exit = [](int code) noexcept { power_off(code); };
  target.protect = [](std::uint64_t begin, std::uint64_t end, int protection) noexcept -> long {
    tables().protect(begin, end, protection);
    return 0;
  };
  target.discard = [](std::uint64_t begin, std::uint64_t end) noexcept { tables().discard(begin, end); };
  target.guard = [](std::uint64_t begin, std::uint64_t end, bool install) noexcept -> long {
    return tables().guard(begin, end, install) ? 0 : -12;  // ENOMEM
  };
}

void copy_command_line(const hvm_start_info& info) noexcept {
  const auto* const text = reinterpret_cast<const char*>(info.command_line);
  if (!text) return;
  while (command_line_size <= abi::boot_line_limit && text[command_line_size]) {
    command_line[command_line_size] = text[command_line_size];
    ++command_line_size;
  }
}

/// All RAM above the first megabyte but for the image itself.
void find_memory(const hvm_start_info& info, std::uint64_t image_begin, std::uint64_t image_end) noexcept {
  const auto* const map = reinterpret_cast<const hvm_memory_entry*>(info.memory_map);
  if (info.version < 1 || !map) refuse("the hypervisor gave no memory map", "", abi::exit_bad_boot);
  for (std::uint32_t i = 0; i < info.memory_map_entries; ++i) {
    if (map[i].type != 1 || map[i].size == 0) continue;
    std::uint64_t begin = map[i].address;
    const std::uint64_t end = begin + map[i].size;
    if (begin < low_memory) begin = low_memory;
    if (end <= begin || end > slot) continue;
    if (image_begin < end && image_end > begin) {
      // After the image first: it is the larger piece, and page tables come from the first one.
      frames().add(image_end, end);
      frames().add(begin, image_begin);
    } else {
      frames().add(begin, end);
    }
  }
}

/// Distinct top-level slots of the lower half, and a random page inside each.
void choose_layout() noexcept {
  constexpr unsigned places = 4, slots = 250;
  // All at once: an entropy device is asked but once.
  std::uint64_t random[places + 3];
  fill_entropy(random, sizeof random);
  std::uint64_t place[places];
  std::uint64_t taken[places];  // in rising order
  for (unsigned i = 0; i < places; ++i) {
    std::uint64_t chosen = 1 + random[i] % (slots - i);  // among those left; slot 0 holds null
    unsigned below = 0;
    for (; below < i && taken[below] <= chosen; ++below) ++chosen;
    for (unsigned k = i; k > below; --k) taken[k] = taken[k - 1];
    taken[below] = chosen;
    place[i] = chosen * slot;
  }
  const auto page_within = [](std::uint64_t span, std::uint64_t from) noexcept {
    return from % (span / page_size) * page_size;
  };
  layout.image = place[0] + page_within(slot - gigabyte, random[places]);
  layout.physmap = place[1];
  layout.window = place[2] + page_within(slot / 2, random[places + 1]);
  layout.window_end = place[2] + slot;
  layout.registers = place[3] + page_within(slot / 2, random[places + 2]);
}

void need(bool good) noexcept {
  if (!good) refuse("not enough memory to start", "give more with -m", abi::exit_bad_boot);
}

void map_image(std::uint64_t physical_base) noexcept {
  const auto& header = *reinterpret_cast<const Elf64_Ehdr*>(physical_base);
  const auto* const segments = reinterpret_cast<const Elf64_Phdr*>(physical_base + header.e_phoff);
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    const Elf64_Phdr& s = segments[i];
    if (s.p_type != PT_LOAD) continue;
    const page_kind kind = s.p_flags & PF_X   ? page_kind::executable
                           : s.p_flags & PF_W ? page_kind::writable
                                              : page_kind::read_only;
    const std::uint64_t at = s.p_vaddr & ~(page_size - 1);
    const std::uint64_t pages = (s.p_vaddr + s.p_memsz - at + page_size - 1) / page_size;
    need(tables().map(layout.image + at, physical_base + at, kind, pages));
  }
}

/// All free RAM at one random place, so that a frame can be reached by its number. The image's pages are not
/// among it: its code has no writable alias.
void map_physical_memory() noexcept {
  for (std::size_t i = 0; i < frames().piece_count; ++i) {
    const physical_memory::piece p = frames().pieces[i];
    std::uint64_t at = p.begin;
    while (at < p.end) {
      if (at % large_page == 0 && p.end - at >= large_page) {
        need(tables().map_large(layout.physmap + at, at, page_kind::writable));
        at += large_page;
      } else {
        const std::uint64_t next = (at & ~(large_page - 1)) + large_page;
        const std::uint64_t stop = next < p.end ? next : p.end;
        need(tables().map(layout.physmap + at, at, page_kind::writable, (stop - at) / page_size));
        at = stop;
      }
    }
  }
}

}  // namespace

/// First half, at physical addresses, below 1 GiB. Returns what to add to a physical address of the image.
extern "C" std::uint64_t aster_boot_physical(const hvm_start_info* info) noexcept {
  const auto base = reinterpret_cast<std::uint64_t>(__ehdr_start);
  const auto end = (reinterpret_cast<std::uint64_t>(_end) + page_size - 1) & ~(page_size - 1);
  fill_target();
  keep_power_button();
  start_clock();
  if (info->magic != hvm_start_info::expected_magic)
    refuse("not started by a PVH hypervisor", "", abi::exit_bad_boot);
  copy_command_line(*info);
  has_acpi = info->rsdp != 0;
  find_memory(*info, base, end);
  // In the boot tables, above the gigabyte that is mapped: what lies there goes away with top-level slot 0.
  tables().start(reinterpret_cast<std::uint64_t>(aster_boot_pml4));
  layout.registers = 4 * gigabyte;
  start_entropy();
  choose_layout();
  forget_device_registers();
  map_image(base);
  map_physical_memory();
  cpu::write_cr3(tables().root());
  image = {layout.image, end - base};
  return layout.image - base;
}

/// Second half, at the random address, still on the boot stack. Returns the top of the first stack.
extern "C" std::uint64_t aster_boot_virtual() noexcept {
  fill_target();  // again: the addresses of functions have changed
  frames().offset = layout.physmap;
  // The boot tables lie in the image, which the map of free memory leaves out: the root moves into a frame.
  // Null is unmapped from here on, and with it the first gigabyte.
  const std::uint64_t root = frames().allocate();
  need(root != 0);
  auto* const entries = reinterpret_cast<std::uint64_t*>(root + frames().offset);
  for (unsigned i = 1; i < 512; ++i) entries[i] = aster_boot_pml4[i];
  tables().start(root);
  cpu::write_cr3(root);
  entropy_has_moved();

  start_traps();
  enable_vectors();
  check_boot_line(options().parse({command_line, command_line_size}));

  constexpr std::uint64_t stack_size = 1 << 20, guard_gap = 64 * 1024;
  add_image_segments(memory());
  // Frames for tables come out of the same memory as pages: a 512th of what is mapped, and a few.
  const std::uint64_t free = frames().free_frames();
  const std::uint64_t reserve = free / 128 + 48;
  need(free > 2 * reserve);
  const std::uint64_t budget = free - reserve;
  memory().start(layout.window, layout.window_end, budget, layout.window, budget * page_size);
  threads().start();
  // A gap of random size, so that the address of a mapping does not tell where the stack lies.
  std::uint64_t random = 0;
  fill_entropy(&random, sizeof random);
  const std::uint64_t gap = guard_gap + random % (1 << 24) * page_size;
  need(memory().map(0, gap, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE) >= 0);
  const long stack =
      memory().map(0, stack_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK);
  need(stack >= 0);
  return static_cast<std::uint64_t>(stack) + stack_size - 64;
}

/// On the first stack.
extern "C" [[noreturn]] void aster_boot_program() noexcept {
  entered = &qemu_platform;
  constexpr std::uint64_t fsgsbase = 2;  // AT_HWCAP2: user code may use the instructions
  const bool has_fsgsbase = (cpu::read_cr4() & (1 << 16)) != 0;
  start_program({.vdso = 0, .hwcap = cpu::identify(1).d, .hwcap2 = has_fsgsbase ? fsgsbase : 0});
}

}  // namespace aster::kernel
