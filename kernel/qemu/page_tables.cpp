#include "kernel/qemu/page_tables.hpp"

#include <sys/mman.h>

#include "kernel/memory/address_space.hpp"
#include "kernel/qemu/physical_memory.hpp"

namespace aster::kernel {
namespace {

constexpr std::uint64_t present = 1, write = 2, cache_off = 0x18, large = 0x80, no_execute = 1ull << 63;
constexpr std::uint64_t frame_mask = 0x000ffffffffff000;
// In entries that are not present every other bit is ours.
constexpr std::uint64_t hidden = 0x200;       // the frame is kept; PROT_NONE hides it
constexpr std::uint64_t guard_mark = 0x400;

std::uint64_t flags_of(page_kind kind) noexcept {
  switch (kind) {
    case page_kind::read_only: return present | no_execute;
    case page_kind::writable: return present | write | no_execute;
    case page_kind::executable: return present;
    case page_kind::registers: return present | write | cache_off | no_execute;
  }
  return 0;
}

std::uint64_t* table_at(std::uint64_t physical) noexcept {
  return reinterpret_cast<std::uint64_t*>(physical + frames().offset);
}

}  // namespace

page_tables& tables() noexcept {
  static constinit page_tables one;
  return one;
}

/// The entry for `address` in the table of `level` (0: pages, 1: 2 MiB). Null when a table on the way is
/// missing and `make` is false or no frame is left, or a large page is in the way.
std::uint64_t* page_tables::entry(std::uint64_t address, bool make, unsigned level) const noexcept {
  std::uint64_t table = root_;
  for (unsigned depth = 3; depth > level; --depth) {
    std::uint64_t& link = table_at(table)[(address >> (12 + 9 * depth)) & 511];
    if (!(link & present)) {
      if (!make) return nullptr;
      const std::uint64_t frame = frames().allocate();
      if (!frame) return nullptr;
      link = frame | present | write;
    } else if (link & large) {
      return nullptr;
    }
    table = link & frame_mask;
  }
  return &table_at(table)[(address >> (12 + 9 * level)) & 511];
}

bool page_tables::map(std::uint64_t address, std::uint64_t physical, page_kind kind, std::uint64_t pages) noexcept {
  std::uint64_t value = physical | flags_of(kind);
  while (pages > 0) {
    std::uint64_t* e = entry(address, true);
    if (!e) return false;
    // To the end of this table without looking for it again.
    const std::uint64_t left = 512 - address / page_size % 512, here = pages < left ? pages : left;
    for (std::uint64_t i = 0; i < here; ++i, value += page_size) e[i] = value;
    address += here * page_size;
    pages -= here;
  }
  return true;
}

bool page_tables::map_large(std::uint64_t address, std::uint64_t physical, page_kind kind) noexcept {
  std::uint64_t* const e = entry(address, true, 1);
  if (!e) return false;
  *e = physical | flags_of(kind) | large;
  return true;
}

/// How many addresses around `address`, a power of two, the missing table on the way to its entry would have mapped; or
/// those of a table of pages.
std::uint64_t page_tables::empty_span(std::uint64_t address) const noexcept {
  std::uint64_t table = root_;
  for (unsigned depth = 3; depth > 1; --depth) {
    const std::uint64_t link = table_at(table)[(address >> (12 + 9 * depth)) & 511];
    if (!(link & present) || (link & large)) return 1ull << (12 + 9 * depth);
    table = link & frame_mask;
  }
  return 512 * page_size;
}

/// Calls `each(entry, address)` for every page entry of the range whose table exists.
template <class Each>
void page_tables::for_each(std::uint64_t begin, std::uint64_t end, Each each) const noexcept {
  while (begin < end) {
    std::uint64_t* const e = entry(begin, false);
    const std::uint64_t span = e ? 512 * page_size : empty_span(begin);  // address space is vast and mostly empty
    const std::uint64_t stop = (begin & ~(span - 1)) + span;
    const std::uint64_t last = stop < end && stop != 0 ? stop : end;
    if (e) {
      for (std::uint64_t at = begin, i = 0; at < last; at += page_size, ++i) each(e[i], at);
    }
    begin = last;
  }
}

void page_tables::protect(std::uint64_t begin, std::uint64_t end, int protection) noexcept {
  for_each(begin, end, [protection](std::uint64_t& e, std::uint64_t at) {
    if (!(e & (present | hidden))) return;
    const std::uint64_t frame = e & frame_mask;
    const std::uint64_t before = e;
    if (protection == PROT_NONE) e = frame | hidden;
    else e = frame | present | no_execute | (protection & PROT_WRITE ? write : 0);
    if (e != before) forget_page(at);
  });
}

void page_tables::discard(std::uint64_t begin, std::uint64_t end) noexcept {
  for_each(begin, end, [](std::uint64_t& e, std::uint64_t at) {
    if (!(e & (present | hidden))) return;
    const std::uint64_t frame = e & frame_mask;
    e = 0;
    forget_page(at);
    frames().release(frame);
  });
}

bool page_tables::guard(std::uint64_t begin, std::uint64_t end, bool install) noexcept {
  if (!install) {
    for_each(begin, end, [](std::uint64_t& e, std::uint64_t) {
      if (e == guard_mark) e = 0;
    });
    return true;
  }
  discard(begin, end);
  for (std::uint64_t at = begin; at < end; at += page_size) {
    std::uint64_t* const e = entry(at, true);
    if (!e) return false;
    *e = guard_mark;
  }
  return true;
}

std::uint64_t page_tables::physical(std::uint64_t address) const noexcept {
  if (const std::uint64_t* const e = entry(address, false)) {
    return *e & present ? (*e & frame_mask) + address % page_size : ~0ull;
  }
  const std::uint64_t* const big = entry(address, false, 1);
  constexpr std::uint64_t size = 2 << 20;
  return big && (*big & present) && (*big & large) ? (*big & frame_mask & ~(size - 1)) + address % size : ~0ull;
}

bool page_tables::is_guard(std::uint64_t address) const noexcept {
  const std::uint64_t* const e = entry(address, false);
  return e && *e == guard_mark;
}

bool page_tables::is_mapped(std::uint64_t address) const noexcept { return physical(address) != ~0ull; }

}  // namespace aster::kernel
