#include "aster/task/shed_stack.hpp"

#include <doctest/doctest.h>
#include <sys/mman.h>

#include <cstdint>
#include <cstring>
#include <vector>

#include "aster/task.hpp"
#include "aster/task/stack_pool.hpp"

using namespace aster;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t page = task::stack_pool::page;

/// Of the `count` pages below the one that `inside` lies in, those that are memory.
std::size_t resident_below(const std::byte* inside, std::size_t count) {
  const auto at = reinterpret_cast<std::uintptr_t>(inside) / page * page - count * page;
  std::vector<unsigned char> pages(count);
  REQUIRE(::mincore(reinterpret_cast<void*>(at), count * page, pages.data()) == 0);
  std::size_t n = 0;
  for (const unsigned char p : pages) n += p & 1;
  return n;
}

[[gnu::noinline]] void go_deep() {
  std::byte room[40 * 1024];
  std::memset(room, 1, sizeof room);
  asm volatile("" : : "r"(room) : "memory");
}

}  // namespace

TEST_CASE("a stack that is shed keeps what is in use and loses what was") {
  std::byte* inside = nullptr;
  std::size_t deep = 0, shed = 0, asked = 0;
  bool is_whole = false;
  task::simulation{}.run([&] {
    task::scope fibers{"fibers"};
    fibers.spawn("sleeper",
                 [&] {
                   std::byte mark[64];
                   std::memset(mark, 7, sizeof mark);
                   inside = mark;
                   asm volatile("" : : "r"(mark) : "memory");
                   go_deep();
                   task::sleep(1ms);
                   task::shed_stack();
                   task::shed_stack();  // twice is once
                   task::sleep(2ms);
                   is_whole = true;
                   for (const std::byte b : mark) is_whole = is_whole && b == std::byte{7};
                   go_deep();  // what was given back is there again
                   task::sleep(2ms);
                   asked = resident_below(inside, 8);
                 },
                 {.stack_size = 64 * 1024});
    fibers.spawn("looker", [&] {
      while (inside == nullptr) task::yield();
      deep = resident_below(inside, 8);
      task::sleep(2ms);
      shed = resident_below(inside, 8);
    });
    fibers.join();
  });
  CHECK(deep == 8);
  CHECK(shed <= 1);
  CHECK(is_whole);
  CHECK(asked == 8);
}

TEST_CASE("fibers that end before their stacks are shed are none of the scheduler's any more") {
  task::scope fibers{"fibers"};
  for (int i = 0; i < 200; ++i)
    fibers.spawn("short", [i] {
      task::shed_stack();
      if (i % 3 == 0) task::yield();
    });
  fibers.join();
  task::shed_stack();  // the root's is the thread's
  task::sleep(1ms);
}
