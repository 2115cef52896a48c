#include "kernel/qemu/page_tables.hpp"

#include <doctest/doctest.h>
#include <sys/mman.h>

#include <map>
#include <memory>
#include <random>
#include <set>

#include "kernel/qemu/fake_ram.hpp"

using namespace aster::kernel;
using fake::ram;

namespace {

std::set<std::uint64_t> forgotten;  // the pages that the processor was told of
constexpr std::uint64_t nowhere = ~0ull, large_page = 2 << 20;

/// Tables that map nothing, in a machine of so many pages.
struct machine {
  explicit machine(std::uint64_t pages = 256) : memory(pages) {
    frames().add(ram::base, memory.end());
    tables.start(frames().allocate());
    forgotten.clear();
  }
  ram memory;
  page_tables tables;

  /// A page of memory at `address`, as the page-fault handler maps it.
  std::uint64_t touch(std::uint64_t address, page_kind kind = page_kind::writable) {
    const std::uint64_t frame = frames().allocate();
    REQUIRE(frame != 0);
    REQUIRE(tables.map(address, frame, kind));
    return frame;
  }

  /// The entry that a processor would use (Intel SDM 3A §4.5), walked by this test's own idea of it; 0 when there is none.
  std::uint64_t walk(std::uint64_t address) const {
    std::uint64_t table = tables.root();
    for (int shift = 39;; shift -= 9) {
      const std::uint64_t entry =
          reinterpret_cast<const std::uint64_t*>(table + frames().offset)[(address >> shift) & 511];
      if (!(entry & 1)) return 0;
      if (shift == 12 || (entry & 0x80)) return entry;
      REQUIRE((entry & 2) != 0);           // tables forbid nothing: their pages do
      REQUIRE((entry >> 63) == 0);
      table = entry & 0x000f'ffff'ffff'f000;
    }
  }
  bool writable(std::uint64_t address) const { return (walk(address) & 2) != 0; }
  bool executable(std::uint64_t address) const { return walk(address) != 0 && walk(address) >> 63 == 0; }
};

constexpr std::uint64_t place = 0x1234'5678'9000;

}  // namespace

void aster::kernel::forget_page(std::uint64_t address) noexcept { forgotten.insert(address); }

TEST_CASE_FIXTURE(machine, "what is mapped is found, byte for byte, and nothing beside it") {
  CHECK(tables.physical(place) == nowhere);
  CHECK_FALSE(tables.is_mapped(place));
  REQUIRE(tables.map(place, 0x7000'0000, page_kind::writable, 3));
  CHECK(tables.physical(place) == 0x7000'0000);
  CHECK(tables.physical(place + 0x2fff) == 0x7000'2fff);
  CHECK(tables.physical(place + 0x3000) == nowhere);
  CHECK(tables.physical(place - 1) == nowhere);
  CHECK(tables.is_mapped(place + 0x1234));
  CHECK((walk(place) & 0x000f'ffff'ffff'f000) == 0x7000'0000);
}

TEST_CASE_FIXTURE(machine, "a run of pages goes on from table to table") {
  const std::uint64_t last = (place & ~(large_page - 1)) + large_page - page_size;
  REQUIRE(tables.map(last, 0x7000'0000, page_kind::read_only, 1026));
  for (std::uint64_t i = 0; i < 1026; ++i) REQUIRE(tables.physical(last + i * page_size) == 0x7000'0000 + i * page_size);
  CHECK(tables.physical(last + 1026 * page_size) == nowhere);
  // Over the end of a gigabyte and of 512 of them.
  constexpr std::uint64_t slot = 1ull << 39;
  REQUIRE(tables.map(slot - page_size, 0x7000'0000, page_kind::read_only, 2));
  CHECK(tables.physical(slot) == 0x7000'1000);
}

TEST_CASE_FIXTURE(machine, "no kind of page is both writable and executable") {
  const page_kind kinds[] = {page_kind::read_only, page_kind::writable, page_kind::executable, page_kind::registers};
  const bool writes[] = {false, true, false, true}, executes[] = {false, false, true, false};
  for (std::uint64_t i = 0; i < 4; ++i) {
    const std::uint64_t at = place + i * page_size;
    REQUIRE(tables.map(at, 0x7000'0000, kinds[i]));
    CHECK(writable(at) == writes[i]);
    CHECK(executable(at) == executes[i]);
    CHECK(((walk(at) & 0x18) != 0) == (kinds[i] == page_kind::registers));  // not cached
    CHECK((walk(at) & 4) == 0);                                              // the kernel's
  }
}

TEST_CASE_FIXTURE(machine, "large pages are found inside, and are in the way of small ones") {
  const std::uint64_t at = place & ~(large_page - 1);
  REQUIRE(tables.map_large(at, 0x4000'0000, page_kind::writable));
  CHECK(tables.physical(at + 0x12'3456) == 0x4012'3456);
  CHECK(tables.physical(at + large_page) == nowhere);
  CHECK(writable(at));
  CHECK_FALSE(executable(at));
  CHECK_FALSE(tables.map(at + page_size, 0x7000'0000, page_kind::writable));
  tables.protect(at, at + large_page, PROT_READ);  // not ours to split: left alone
  tables.discard(at, at + large_page);
  CHECK(tables.physical(at) == 0x4000'0000);
}

TEST_CASE_FIXTURE(machine, "protection changes pages that are there, and the processor hears of each that changed") {
  touch(place);
  touch(place + 2 * page_size);
  tables.protect(place, place + 3 * page_size, PROT_READ);
  CHECK_FALSE(writable(place));
  CHECK(walk(place) != 0);
  CHECK(walk(place + page_size) == 0);
  CHECK(forgotten == std::set<std::uint64_t>{place, place + 2 * page_size});
  forgotten.clear();
  tables.protect(place, place + 3 * page_size, PROT_READ);
  CHECK(forgotten.empty());
  tables.protect(place, place + page_size, PROT_READ | PROT_WRITE);
  CHECK(writable(place));
  CHECK_FALSE(executable(place));
  CHECK_FALSE(writable(place + 2 * page_size));
}

TEST_CASE_FIXTURE(machine, "no access hides a page and keeps what is in it") {
  const std::uint64_t frame = touch(place);
  const std::uint64_t free = frames().free_frames();
  std::memset(reinterpret_cast<void*>(frame + frames().offset), 0x42, page_size);
  tables.protect(place, place + page_size, PROT_NONE);
  CHECK(walk(place) == 0);
  CHECK(tables.physical(place) == nowhere);
  CHECK(frames().free_frames() == free);
  tables.protect(place, place + page_size, PROT_READ);
  CHECK(tables.physical(place) == frame);
  CHECK(*reinterpret_cast<char*>(frame + frames().offset) == 0x42);
  // And hidden pages are given back like others.
  tables.protect(place, place + page_size, PROT_NONE);
  tables.discard(place, place + page_size);
  CHECK(frames().free_frames() == free + 1);
  tables.protect(place, place + page_size, PROT_READ);
  CHECK(walk(place) == 0);
}

TEST_CASE_FIXTURE(machine, "what is discarded is free, and unknown to the processor") {
  touch(place);
  touch(place + page_size);
  const std::uint64_t free = frames().free_frames();
  tables.discard(place, place + page_size);
  CHECK(frames().free_frames() == free + 1);
  CHECK(forgotten == std::set<std::uint64_t>{place});
  CHECK(walk(place) == 0);
  CHECK(walk(place + page_size) != 0);
  tables.discard(place, place + page_size);
  CHECK(frames().free_frames() == free + 1);
}

TEST_CASE_FIXTURE(machine, "a guard page has no contents and stays one until it is removed") {
  touch(place);
  const std::uint64_t free = frames().free_frames();
  REQUIRE(tables.guard(place, place + 2 * page_size, true));
  CHECK(frames().free_frames() == free + 1);
  CHECK(tables.is_guard(place));
  CHECK(tables.is_guard(place + page_size));
  CHECK_FALSE(tables.is_guard(place + 2 * page_size));
  CHECK(walk(place) == 0);
  tables.protect(place, place + 2 * page_size, PROT_READ | PROT_WRITE);
  CHECK(tables.is_guard(place));
  CHECK(walk(place) == 0);
  tables.discard(place, place + page_size);
  CHECK(tables.is_guard(place));
  REQUIRE(tables.guard(place, place + page_size, false));
  CHECK_FALSE(tables.is_guard(place));
  CHECK(tables.is_guard(place + page_size));
  touch(place);
  REQUIRE(tables.guard(place, place + 2 * page_size, false));
  CHECK(walk(place) != 0);
}

TEST_CASE("without a frame for a table nothing is mapped") {
  machine small(3);  // the root and two tables; a page needs three
  CHECK_FALSE(small.tables.map(place, 0x7000'0000, page_kind::writable));
  CHECK(small.tables.physical(place) == nowhere);
  CHECK_FALSE(small.tables.guard(place, place + page_size, true));
  CHECK(small.tables.map_large(place & ~(large_page - 1), 0x4000'0000, page_kind::writable));
}

TEST_CASE_FIXTURE(machine, "vast ranges of nothing cost little, and what lies among them is found") {
  constexpr std::uint64_t slot = 1ull << 39;
  touch(3 * slot + 5 * large_page);
  touch(200 * slot - page_size);
  const std::uint64_t free = frames().free_frames();
  // 128 TiB: a look at each table of pages that could be there would take minutes.
  tables.protect(page_size, 256 * slot, PROT_READ);
  CHECK_FALSE(writable(3 * slot + 5 * large_page));
  tables.discard(page_size, 256 * slot);
  CHECK(frames().free_frames() == free + 2);
  CHECK(walk(200 * slot - page_size) == 0);
}

TEST_CASE("tables behave as a list of pages would") {
  for (unsigned seed = 0; seed < 30; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    machine m(400);
    struct page {
      std::uint64_t frame = 0;
      bool shown = false, writes = false, guards = false;
    };
    std::map<std::uint64_t, page> model;
    const std::uint64_t begin = (place & ~(large_page - 1)) + large_page - 20 * page_size;  // across two tables
    constexpr std::uint64_t pages = 40;
    const std::uint64_t tables_only = [&] {
      REQUIRE(m.tables.guard(begin, begin + pages * page_size, true));
      REQUIRE(m.tables.guard(begin, begin + pages * page_size, false));
      return frames().free_frames();
    }();
    for (int step = 0; step < 300; ++step) {
      const std::uint64_t first = random() % pages, last = first + 1 + random() % (pages - first);
      const std::uint64_t from = begin + first * page_size, to = begin + last * page_size;
      switch (random() % 5) {
        case 0: {  // a touch, as the page-fault handler allows it
          page& p = model[first];
          if (p.frame || p.guards) break;
          const bool writes = random() % 2;
          p = {m.touch(from, writes ? page_kind::writable : page_kind::read_only), true, writes, false};
          break;
        }
        case 1: {
          const int protection = std::array{PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE}[random() % 3];
          m.tables.protect(from, to, protection);
          for (std::uint64_t i = first; i < last; ++i) {
            page& p = model[i];
            if (p.frame) p.shown = protection != PROT_NONE, p.writes = (protection & PROT_WRITE) != 0;
          }
          break;
        }
        case 2:
          m.tables.discard(from, to);
          for (std::uint64_t i = first; i < last; ++i) model[i] = {.guards = model[i].guards};
          break;
        case 3:
          REQUIRE(m.tables.guard(from, to, true));
          for (std::uint64_t i = first; i < last; ++i) model[i] = {.guards = true};
          break;
        default:
          REQUIRE(m.tables.guard(from, to, false));
          for (std::uint64_t i = first; i < last; ++i) model[i].guards = false;
          break;
      }
      std::uint64_t used = 0;
      for (std::uint64_t i = 0; i < pages; ++i) {
        const page& p = model[i];
        const std::uint64_t at = begin + i * page_size;
        used += p.frame != 0;
        REQUIRE(m.tables.physical(at) == (p.shown ? p.frame : nowhere));
        REQUIRE(m.tables.is_guard(at) == p.guards);
        REQUIRE((m.walk(at) != 0) == p.shown);
        if (p.shown) REQUIRE(m.writable(at) == p.writes);
        REQUIRE_FALSE(m.executable(at));
      }
      REQUIRE(frames().free_frames() == tables_only - used);
    }
  }
}
