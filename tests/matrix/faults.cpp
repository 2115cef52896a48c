// Goes wrong in the way that the first argument names, once.
//
// Each fault happens in a function of its own, on a line marked with its name, so that a test can say which
// function, file and line a panic has to report.
#undef NDEBUG  // a failed assertion is one of them
#include <array>
#include <cassert>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <span>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <vector>

#include "aster/task.hpp"

namespace {

/// Hides a value from the optimizer, which may assume that none of this ever happens.
template <class T>
T opaque(T value) {
  asm volatile("" : "+r"(value));
  return value;
}

}  // namespace

// An empty asm statement behind a call keeps it from being the function's last act, which would be a jump: the
// function stays in the backtrace.
namespace faults {

const char constant[] = "read-only data";
extern const std::string_view names_of_days[];  // holds pointers: read-only once they are relocated
const std::string_view names_of_days[] = {"Monday", "Tuesday"};
unsigned char code_in_data[] = {0xc3};  // ret

void forward(int) {}

struct base {
  base();
  virtual ~base() = default;
  virtual void act() = 0;
};
[[gnu::noinline]] void call_act(base& b) {
  b.act();  // FAULT pure-virtual
  asm volatile("");
}
base::base() { call_act(*opaque(this)); }
struct derived : base {
  void act() override {}
};

[[gnu::noinline]] void null_write() {
  *opaque(static_cast<volatile int*>(nullptr)) = 1;  // FAULT null-write
}
[[gnu::noinline]] int null_read() {
  return *opaque(static_cast<volatile int*>(nullptr)) + 1;  // FAULT null-read
}
[[gnu::noinline]] void null_call() {
  opaque(static_cast<void (*)()>(nullptr))();  // FAULT null-call
  asm volatile("");
}
[[gnu::noinline]] void far_null_write() {
  opaque(reinterpret_cast<volatile char*>(4095))[0] = 1;  // FAULT null-write-in-the-page
}
[[gnu::noinline]] int wild_read() {
  return *opaque(reinterpret_cast<volatile int*>(0x123456789000)) + 1;  // FAULT wild-read
}
[[gnu::noinline]] int noncanonical_read() {
  return *opaque(reinterpret_cast<volatile int*>(0x8000'0000'0000'0000)) + 1;  // FAULT noncanonical-read
}

[[gnu::noinline]] int dig(int depth) {
  volatile char pit[512];
  pit[0] = static_cast<char>(depth);
  return dig(depth + 1) + pit[0];  // FAULT stack-overflow
}
[[gnu::noinline]] void leap() {
  volatile char far[64 * 1024];
  far[0] = 1;
  leap();  // FAULT stack-overflow-in-leaps
  far[1] = far[0];
}
void overflow_of_a_thread() {
  std::thread digger{[] { dig(0); }};
  digger.join();
}
void overflow_of_a_fiber() {
  aster::task::scope mine{"mine"};
  mine.spawn("digger", [] { dig(0); });
  mine.join();
}

[[gnu::noinline]] void code_write() {
  auto* const code = opaque(reinterpret_cast<volatile unsigned char*>(&forward));
  *code = 0x90;  // FAULT code-write
}
[[gnu::noinline]] void constant_write() {
  auto* const text = opaque(const_cast<volatile char*>(constant));
  *text = 'R';  // FAULT constant-write
}
[[gnu::noinline]] void relocated_constant_write() {
  auto* const pointers = opaque(reinterpret_cast<void* volatile*>(const_cast<std::string_view*>(names_of_days)));
  *pointers = nullptr;  // FAULT relro-write
}
[[gnu::noinline]] void offset_table_write() {
  void* volatile* table = nullptr;
  asm("leaq _GLOBAL_OFFSET_TABLE_(%%rip), %0" : "=r"(table));
  *table = nullptr;  // FAULT got-write
}

[[gnu::noinline]] void stack_execute() {
  volatile unsigned char code[16] = {0xc3};
  opaque(reinterpret_cast<void (*)()>(const_cast<unsigned char*>(code)))();  // FAULT stack-execute
  code[1] = code[0];
}
[[gnu::noinline]] void heap_execute() {
  auto* const code = static_cast<volatile unsigned char*>(std::malloc(16));
  code[0] = 0xc3;
  opaque(reinterpret_cast<void (*)()>(const_cast<unsigned char*>(code)))();  // FAULT heap-execute
  asm volatile("");
}
[[gnu::noinline]] void data_execute() {
  opaque(reinterpret_cast<void (*)()>(code_in_data))();  // FAULT data-execute
  asm volatile("");
}

[[gnu::noinline]] int divide() {
  return opaque(opaque(1000) / opaque(0));  // FAULT division-by-zero
}
[[gnu::noinline]] void undefined() {
  asm volatile("ud2");  // FAULT invalid-instruction
}
[[gnu::noinline]] void misaligned() {
  alignas(16) char place[32] = {};
  asm volatile("movaps %%xmm0, (%0)" ::"r"(opaque(place + 1)) : "memory");  // FAULT misaligned-vector
}
[[gnu::noinline]] void breakpoint() {
  asm volatile("int3; nop");  // FAULT breakpoint
}

[[gnu::noinline]] void aborts() {
  std::abort();  // FAULT abort
}
[[gnu::noinline]] void asserts() {
  assert(opaque(2) + opaque(2) == 5);  // FAULT assertion
  asm volatile("");
}
[[gnu::noinline]] void throws() {
  throw std::runtime_error("nobody\twants this");  // FAULT uncaught-exception
}
[[gnu::noinline]] void throws_an_int() {
  throw 42;  // FAULT uncaught-int
}
void throws_in_a_thread() {
  std::thread{[] { throws(); }}.join();
}
[[gnu::noinline]] void throws_through_noexcept() noexcept {
  throws();
}

[[gnu::noinline]] void smash() {
  char place[16];
  volatile char* const beyond = opaque(place);
  for (std::size_t i = 0; i < opaque<std::size_t>(64); ++i) beyond[i] = 'x';
}  // FAULT stack-smash
[[gnu::noinline]] void fortified() {
  char place[16];
  std::memset(place, 0, opaque<std::size_t>(17));  // FAULT fortify
  opaque(place);
}
[[gnu::noinline]] void vector_overrun() {
  std::vector<int> three{1, 2, 3};
  three[opaque<std::size_t>(3)] = 4;  // FAULT vector-overrun
}
[[gnu::noinline]] void span_overrun() {
  static int three[3];
  std::span<int>{three}[opaque<std::size_t>(3)] = 4;  // FAULT span-overrun
}
[[gnu::noinline]] void empty_pop() {
  std::vector<int> none;
  none.pop_back();  // FAULT empty-pop
}

[[gnu::noinline]] void double_free() {
  // Beyond the thread cache's size, and with a neighbour, so that the chunk is in no cache.
  void* const chunk = std::malloc(2000);
  void* const neighbour = std::malloc(2000);
  std::free(opaque(chunk));
  std::free(opaque(chunk));  // FAULT double-free
  opaque(neighbour);
}
[[gnu::noinline]] void cached_double_free() {
  void* const chunk = std::malloc(24);
  std::free(opaque(chunk));
  std::free(opaque(chunk));  // FAULT cached-double-free
  asm volatile("");
}
[[gnu::noinline]] void double_delete() {
  int* const number = new int{1};
  delete opaque(number);
  delete opaque(number);  // FAULT double-delete
  asm volatile("");
}
[[gnu::noinline]] void invalid_free() {
  static char place[64];
  std::free(opaque(place + 8));  // FAULT invalid-free
  asm volatile("");
}
[[gnu::noinline]] void heap_overrun() {
  auto* const first = static_cast<volatile char*>(std::malloc(24));
  for (std::size_t i = 0; i < opaque<std::size_t>(64); ++i) first[i] = static_cast<char>(0xff);
  opaque(std::malloc(5000));  // FAULT heap-overrun
}

}  // namespace faults

namespace {

struct fault {
  std::string_view name;
  void (*commit)();
};

template <auto Function>
constexpr auto commit = [] { static_cast<void>(Function()); };

constexpr fault all[] = {
    {"null-write", commit<faults::null_write>},
    {"null-write-in-the-page", commit<faults::far_null_write>},
    {"null-read", commit<faults::null_read>},
    {"null-call", commit<faults::null_call>},
    {"wild-read", commit<faults::wild_read>},
    {"noncanonical-read", commit<faults::noncanonical_read>},
    {"stack-overflow", [] { faults::dig(0); }},
    {"stack-overflow-in-leaps", commit<faults::leap>},
    {"stack-overflow-of-a-thread", commit<faults::overflow_of_a_thread>},
    {"stack-overflow-of-a-fiber", commit<faults::overflow_of_a_fiber>},
    {"code-write", commit<faults::code_write>},
    {"constant-write", commit<faults::constant_write>},
    {"relro-write", commit<faults::relocated_constant_write>},
    {"got-write", commit<faults::offset_table_write>},
    {"stack-execute", commit<faults::stack_execute>},
    {"heap-execute", commit<faults::heap_execute>},
    {"data-execute", commit<faults::data_execute>},
    {"division-by-zero", commit<faults::divide>},
    {"invalid-instruction", commit<faults::undefined>},
    {"misaligned-vector", commit<faults::misaligned>},
    {"breakpoint", commit<faults::breakpoint>},
    {"abort", commit<faults::aborts>},
    {"assertion", commit<faults::asserts>},
    {"uncaught-exception", commit<faults::throws>},
    {"uncaught-int", commit<faults::throws_an_int>},
    {"uncaught-exception-of-a-thread", commit<faults::throws_in_a_thread>},
    {"uncaught-exception-through-noexcept", commit<faults::throws_through_noexcept>},
    {"pure-virtual", [] { faults::derived made; }},
    {"stack-smash", commit<faults::smash>},
    {"fortify", commit<faults::fortified>},
    {"vector-overrun", commit<faults::vector_overrun>},
    {"span-overrun", commit<faults::span_overrun>},
    {"empty-pop", commit<faults::empty_pop>},
    {"double-free", commit<faults::double_free>},
    {"cached-double-free", commit<faults::cached_double_free>},
    {"double-delete", commit<faults::double_delete>},
    {"invalid-free", commit<faults::invalid_free>},
    {"heap-overrun", commit<faults::heap_overrun>},
};

}  // namespace

int main(int count, char** words) {
  const std::string_view wanted = count > 1 ? words[1] : "";
  for (const fault& f : all) {
    if (f.name != wanted) continue;
    std::puts("before");
    f.commit();
    std::puts("after");
    return 0;
  }
  for (const fault& f : all) std::printf("%s\n", f.name.data());
  return 2;
}
