// Tries what an attacker would like to do to a running image, in the way that the first argument names, and says
// how it went; or prints where things lie (`places`).
#include <sys/mman.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <thread>

#include "aster/task.hpp"

namespace {

constexpr std::size_t page = 4096;

std::uintptr_t number(const void* pointer) { return reinterpret_cast<std::uintptr_t>(pointer); }

[[gnu::noinline]] int code() { return 42; }

/// Where everything lies, one "NAME ADDRESS" a line, and the value that the stack protector compares with.
int places() {
  int on_stack = 0;
  std::printf("image %zx\n", number(reinterpret_cast<const void*>(&code)));
  std::printf("stack %zx\n", number(&on_stack));
  void* const small = std::malloc(64);
  std::printf("heap %zx\n", number(small));
  std::printf("mapping %zx\n", number(mmap(nullptr, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)));
  std::thread{[] {
    int on_its_stack = 0;
    std::printf("thread %zx\n", number(&on_its_stack));
  }}.join();
  aster::task::scope one{"one"};
  one.spawn("fiber", [] {
    int on_its_stack = 0;
    std::printf("fiber %zx\n", number(&on_its_stack));
  });
  one.join();
  std::uintptr_t canary = 0;
  asm volatile("movq %%fs:0x28, %0" : "=r"(canary));
  std::printf("canary %zx\n", canary);
  return 0;
}

int say(bool done) {
  std::printf("%s\n", done ? "done" : strerrorname_np(errno));
  return 0;
}

constexpr unsigned char return_7[] = {0xb8, 7, 0, 0, 0, 0xc3};  // mov eax, 7; ret

/// Writes code of its own to `place`, has that made executable, and calls it.
int run_written_code(void* place) {
  std::memcpy(place, return_7, sizeof return_7);
  if (mprotect(place, page, PROT_READ | PROT_EXEC) != 0) return say(false);
  return say(reinterpret_cast<int (*)()>(place)() == 7);
}

/// A page of code that nobody calls meanwhile: libc's.
unsigned char* page_of_code() {
  return reinterpret_cast<unsigned char*>(number(reinterpret_cast<const void*>(&std::qsort)) & ~(page - 1));
}

struct attempt {
  std::string_view name;
  int (*make)();
};

const attempt all[] = {
    {"places", places},
    {"mapping-made-executable", [] {
       return run_written_code(mmap(nullptr, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
     }},
    {"heap-made-executable", [] {
       void* place = nullptr;
       return posix_memalign(&place, page, page) == 0 ? run_written_code(place) : 1;
     }},
    {"data-made-executable", [] {
       alignas(page) static unsigned char place[page];
       return run_written_code(place);
     }},
    {"executable-mapping", [] {
       return say(mmap(nullptr, page, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
                  MAP_FAILED);
     }},
    {"code-rewritten", [] {
       if (mprotect(page_of_code(), page, PROT_READ | PROT_WRITE) != 0) return say(false);
       return run_written_code(page_of_code());
     }},
    {"code-writable-and-executable", [] {
       return say(mprotect(page_of_code(), page, PROT_READ | PROT_WRITE | PROT_EXEC) == 0);
     }},
    {"code-replaced", [] {
       return say(mmap(page_of_code(), page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) !=
                  MAP_FAILED);
     }},
    {"null-mapped", [] {
       return say(mmap(nullptr, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == nullptr);
     }},
};

}  // namespace

int main(int count, char** words) {
  const std::string_view wanted = count > 1 ? words[1] : "";
  for (const attempt& a : all)
    if (a.name == wanted) return a.make();
  return 2;
}
