#include "aster/task/context.hpp"

#include <cstdint>

namespace aster::task {
namespace {

// What aster_task_switch leaves on a stack, lowest address first.
struct saved_frame {
  std::uint32_t mxcsr;
  std::uint16_t x87_control;
  std::uint16_t unused;
  void* r15;
  void* r14;
  void* r13;
  void (*r12)(void*) noexcept;
  void* rbx;
  void* rbp;
  void (*resume)() noexcept;
};
static_assert(sizeof(saved_frame) == 64);

}  // namespace

void* lay_first_frame(std::byte* top, void (*entry)(void*) noexcept, void* argument) noexcept {
  auto* aligned = reinterpret_cast<std::byte*>(reinterpret_cast<std::uintptr_t>(top) & ~std::uintptr_t{15});
  auto* frame = reinterpret_cast<saved_frame*>(aligned - sizeof(saved_frame));
  *frame = {};
  asm("stmxcsr %0\n\tfnstcw %1" : "=m"(frame->mxcsr), "=m"(frame->x87_control));
  frame->r12 = entry;
  frame->rbx = argument;
  frame->resume = aster_task_start;
  return frame;
}

}  // namespace aster::task
