#include "kernel/qemu/physical_memory.hpp"

#include <doctest/doctest.h>

#include <random>
#include <set>
#include <vector>

#include "kernel/qemu/fake_ram.hpp"

using namespace aster::kernel;
using fake::ram;

TEST_CASE("frames come from the lowest address up, clear, until there are none") {
  ram memory(8);
  frames().add(ram::base, memory.end());
  CHECK(frames().free_frames() == 8);
  for (std::uint64_t i = 0; i < 8; ++i) {
    const std::uint64_t frame = frames().allocate();
    CHECK(frame == ram::base + i * page_size);
    CHECK(ram::is_clear(frame));
    CHECK(frames().free_frames() == 7 - i);
  }
  CHECK(frames().allocate() == 0);
  CHECK(frames().allocate_contiguous(1) == 0);
}

TEST_CASE("only whole pages are memory") {
  ram memory(8);
  frames().add(ram::base + 1, ram::base + 3 * page_size - 1);
  CHECK(frames().free_frames() == 1);
  frames().add(ram::base + 4 * page_size + 1, ram::base + 5 * page_size - 1);  // not one
  frames().add(ram::base + 6 * page_size, ram::base + 5 * page_size);
  frames().add(ram::base + 6 * page_size, ram::base + 6 * page_size);
  CHECK(frames().free_frames() == 1);
  CHECK(frames().piece_count == 1);
  CHECK(frames().allocate() == ram::base + page_size);
  CHECK(frames().allocate() == 0);
}

TEST_CASE("a frame that comes back is clear when it goes out again") {
  ram memory(2);
  frames().add(ram::base, memory.end());
  const std::uint64_t first = frames().allocate(), second = frames().allocate();
  std::memset(reinterpret_cast<void*>(first + frames().offset), 0x77, page_size);
  frames().release(second);
  frames().release(first);
  CHECK(frames().free_frames() == 2);
  const std::set<std::uint64_t> again{frames().allocate(), frames().allocate()};
  CHECK(again == std::set<std::uint64_t>{first, second});
  CHECK(ram::is_clear(first));
  CHECK(ram::is_clear(second));
  CHECK(frames().free_frames() == 0);
  CHECK(frames().allocate() == 0);
}

TEST_CASE("frames in a row come out of one piece that is long enough") {
  ram memory(20);
  frames().add(ram::base, ram::base + 3 * page_size);
  frames().add(ram::base + 4 * page_size, memory.end());
  CHECK(frames().allocate_contiguous(4) == ram::base + 4 * page_size);
  CHECK(frames().allocate_contiguous(3) == ram::base);
  CHECK(frames().allocate_contiguous(13) == 0);
  CHECK(frames().allocate_contiguous(12) == ram::base + 8 * page_size);
  CHECK(frames().free_frames() == 0);
  // What came back one by one is not in a row.
  for (std::uint64_t i = 0; i < 4; ++i) frames().release(ram::base + (4 + i) * page_size);
  CHECK(frames().allocate_contiguous(2) == 0);
  CHECK(frames().free_frames() == 4);
}

TEST_CASE("pieces past the last that can be remembered are left alone") {
  ram memory(40);
  for (std::uint64_t i = 0; i < 10; ++i) frames().add(ram::base + 2 * i * page_size, ram::base + (2 * i + 1) * page_size);
  CHECK(frames().piece_count == physical_memory::piece_limit);
  CHECK(frames().free_frames() == physical_memory::piece_limit);
}

TEST_CASE("no frame has two owners, whatever the order of taking and giving back") {
  for (unsigned seed = 0; seed < 50; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    ram memory(64);
    frames().add(ram::base, ram::base + 20 * page_size);
    frames().add(ram::base + 24 * page_size, memory.end());
    std::vector<std::uint64_t> owned;
    std::set<std::uint64_t> seen;
    for (int step = 0; step < 500; ++step) {
      if (random() % 2) {
        const std::uint64_t frame = frames().allocate();
        REQUIRE((frame == 0) == (owned.size() == 60));
        if (!frame) continue;
        REQUIRE(ram::is_clear(frame));
        REQUIRE(seen.insert(frame).second);
        owned.push_back(frame);
        std::memset(reinterpret_cast<void*>(frame + frames().offset), 0x5a, page_size);
      } else if (!owned.empty()) {
        const std::size_t i = random() % owned.size();
        frames().release(owned[i]);
        seen.erase(owned[i]);
        owned.erase(owned.begin() + static_cast<std::ptrdiff_t>(i));
      }
      REQUIRE(frames().free_frames() == 60 - owned.size());
    }
  }
}
