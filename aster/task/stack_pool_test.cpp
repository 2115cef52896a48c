#include "aster/task/stack_pool.hpp"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <vector>

#include "aster/task.hpp"
#include "aster/task/thread.hpp"

using namespace aster;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t page = task::stack_pool::page;

std::size_t resident_pages(const task::stack& s) {
  std::vector<unsigned char> pages(s.size / page);
  REQUIRE(::mincore(s.low, s.size, pages.data()) == 0);
  std::size_t n = 0;
  for (const unsigned char p : pages) n += p & 1;
  return n;
}

task::time_point second(int n) { return task::time_point{n * 1s}; }

}  // namespace

TEST_CASE("a stack has at least the size that was asked for, within bounds") {
  task::stack_pool pool;
  for (const std::size_t asked :
       {std::size_t{0}, std::size_t{1}, page * 5, std::size_t{65536}, std::size_t{65537}}) {
    task::stack& s = pool.acquire(asked);
    CHECK(s.size >= asked);
    CHECK(s.size >= task::stack_pool::smallest);
    CHECK(reinterpret_cast<std::uintptr_t>(s.low) % page == 0);
    std::memset(s.low, 1, s.size);
    pool.release(s);
  }
}

TEST_CASE("the stack given back last is handed out first") {
  task::stack_pool pool;
  task::stack& a = pool.acquire(65536);
  task::stack& b = pool.acquire(65536);
  task::stack& other_size = pool.acquire(16384);
  pool.release(a);
  pool.release(b);
  pool.release(other_size);
  CHECK(&pool.acquire(65536) == &b);
  CHECK(&pool.acquire(65536) == &a);
  CHECK(pool.in_use() == 2);
  pool.release(a);
  pool.release(b);
}

TEST_CASE("a new stack costs no memory until it is touched, and then only what is touched") {
  task::stack_pool pool;
  task::stack& s = pool.acquire(1024 * 1024);
  CHECK(resident_pages(s) == 0);
  *(s.top() - 1) = std::byte{1};
  CHECK(resident_pages(s) == 1);
  pool.release(s);
}

TEST_CASE("the page below a stack faults, on older kernels too") {
  bool lightweight = true;
  SUBCASE("lightweight guards") {}
  SUBCASE("guards by mprotect") { lightweight = false; }
  task::stack_pool pool{lightweight};
  task::stack& s = pool.acquire(65536);
  task::stack& next = pool.acquire(65536);
  for (const std::byte* const guard : {s.low - 1, s.low - page, next.low - 1}) {
    const pid_t child = ::fork();
    if (child == 0) {
      for (const int signal : {SIGSEGV, SIGBUS}) ::signal(signal, SIG_DFL);
      *const_cast<volatile std::byte*>(guard) = std::byte{1};
      ::_exit(0);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGSEGV);
  }
  pool.release(s);
  pool.release(next);
}

TEST_CASE("a guard page knows the fiber above it, for the panic that says \"stack overflow\"") {
  task::simulation{}.run([] {
    task::stack_pool& pool = task::stacks_of_this_thread();
    task::scope s;
    s.spawn("deep", [&] {
      const char* const here = static_cast<const char*>(__builtin_frame_address(0));
      const char* guard = nullptr;
      for (std::size_t down = 0; down < 1024 * 1024 && guard == nullptr; down += page) {
        if (pool.guard_owner(here - down) != nullptr) guard = here - down;
      }
      REQUIRE(guard != nullptr);
      CHECK(static_cast<std::size_t>(here - guard) >= 60 * 1024);
      CHECK(pool.guard_owner(here) == nullptr);
    });
    s.join();
    CHECK(pool.guard_owner(&pool) == nullptr);
  });
}

TEST_CASE("after a burst, stacks that nobody needed for a second give their pages back, a few at a time") {
  task::stack_pool pool;
  std::vector<task::stack*> burst;
  for (int i = 0; i < 200; ++i) {
    burst.push_back(&pool.acquire(65536));
    *(burst.back()->top() - 1) = std::byte{1};
  }
  for (task::stack* const s : burst) pool.release(*s);
  CHECK(pool.warm() == 200);

  pool.trim(second(1));  // notes the time
  CHECK(pool.warm() == 200);
  CHECK(pool.next_trim() == second(2));
  pool.trim(second(1) + 999ms);
  CHECK(pool.warm() == 200);

  int calls = 0;
  for (; pool.next_trim() <= second(2); ++calls) pool.trim(second(2));
  CHECK(calls == 3);  // 64 each
  CHECK(pool.warm() == 16);
  CHECK(pool.next_trim() == task::never);

  std::size_t resident = 0;
  for (const task::stack* const s : burst) resident += resident_pages(*s);
  CHECK(resident == 16);
  CHECK(resident_pages(*burst.back()) == 1);  // what was used last stays

  std::vector<task::stack*> again;  // those without pages can be used again
  for (int i = 0; i < 200; ++i) again.push_back(&pool.acquire(65536));
  for (task::stack* const s : again) *(s->top() - 1) = std::byte{2};
  for (task::stack* const s : again) pool.release(*s);
}

TEST_CASE("stacks that are needed again and again keep their pages") {
  task::stack_pool pool;
  for (int n = 1; n < 5; ++n) {
    std::vector<task::stack*> in_use;
    for (int i = 0; i < 100; ++i) in_use.push_back(&pool.acquire(65536));
    for (task::stack* const s : in_use) pool.release(*s);
    pool.trim(second(n));
    CHECK(pool.warm() == 100);
  }
}

TEST_CASE("a hundred thousand guards do not split the mapping") {
  // Only where the kernel has lightweight guards (Linux 6.13); else the pool falls back to mprotect.
  void* const probe = ::mmap(nullptr, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  const bool lightweight = ::madvise(probe, page, 102) == 0;
  ::munmap(probe, page);
  if (!lightweight) return;
  task::stack_pool pool;
  std::vector<task::stack*> all;
  for (int i = 0; i < 100'000; ++i) all.push_back(&pool.acquire(65536));
  CHECK(pool.in_use() == 100'000);
  for (task::stack* const s : all) pool.release(*s);
}
