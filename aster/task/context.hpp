// What belongs to a fiber beyond its stack, and how one is exchanged for another.
//
// A switch keeps what a function call must keep (System V ABI, AMD64, §3.2.1: rbx, rbp, r12–r15, rsp, the
// control bits of mxcsr and the x87 control word) and what the C++ runtime and libc keep per thread although
// it belongs to the call stack: the exceptions being handled and in flight (Itanium C++ ABI: Exception
// Handling, §2.2.2) and errno. The thread pointer is the same for all fibers.
#pragma once
#include <cerrno>
#include <cstddef>
#include <cstring>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ASTER_TASK_ASAN 1
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#endif

// Itanium C++ ABI: Exception Handling, §2.2.2; libc++abi has it, but not in its header.
extern "C" void* __cxa_get_globals() noexcept;

namespace aster::task {

/// The image of __cxa_eh_globals.
struct exception_state {
  void* caught = nullptr;  // stack of exceptions being handled
  unsigned in_flight = 0;  // std::uncaught_exceptions()
};
static_assert(sizeof(exception_state) == 16);

/// Where the thread keeps what is exchanged. Constant for a thread, so looked up once.
struct thread_state {
  exception_state* exceptions = static_cast<exception_state*>(__cxa_get_globals());
  int* error = &errno;
};

struct context {
  void* stack_pointer = nullptr;
  exception_state exceptions;
  int error = 0;
#if ASTER_TASK_ASAN
  void* fake_stack = nullptr;
  const void* stack_bottom = nullptr;
  std::size_t stack_size = 0;
#endif
};

extern "C" {
/// Saves the callee-saved state on the stack and its address in `*save`, then resumes what lies at `load`.
void aster_task_switch(void** save, void* load) noexcept;
/// Where a new stack is resumed: calls the function in r12 with rbx as its argument.
void aster_task_start() noexcept;
}

/// Lays the first frame of a new fiber below `top`: `aster_task_switch` to the result calls
/// `entry(argument)`, which never returns. Floating-point modes are those of the caller, as with a new
/// thread.
void* lay_first_frame(std::byte* top, void (*entry)(void*) noexcept, void* argument) noexcept;

}  // namespace aster::task
