#include "kernel/unwind.hpp"

#include <libunwind.h>

#include "kernel/panic.hpp"
#include "kernel/target.hpp"

namespace aster::kernel {

void unwind(const registers& at, void (*each)(std::uint64_t, void*) noexcept, void* context) noexcept {
  each(at.rip, context);
  unw_context_t here;
  unw_cursor_t cursor;
  if (unw_getcontext(&here) != 0 || unw_init_local(&cursor, &here) != 0) return;
  struct assignment {
    unw_regnum_t number;
    std::uint64_t value;
  };
  const assignment all[] = {{UNW_X86_64_RBX, at.rbx}, {UNW_X86_64_RBP, at.rbp}, {UNW_X86_64_R12, at.r12},
                            {UNW_X86_64_R13, at.r13}, {UNW_X86_64_R14, at.r14}, {UNW_X86_64_R15, at.r15},
                            {UNW_X86_64_RSP, at.rsp}, {UNW_REG_IP, at.rip}};  // the last one finds the frame
  for (const assignment& a : all) {
    if (unw_set_reg(&cursor, a.number, a.value) != 0) return;
  }
  // A jump to where no code is leaves the address of the call on the stack, and nothing else: go on from
  // there.
  const bool astray = at.rip - image.base >= image.size || unw_step(&cursor) <= 0;
  if (astray) {
    const std::uint64_t caller = *reinterpret_cast<const std::uint64_t*>(at.rsp);
    each(caller - 1, context);
    if (unw_set_reg(&cursor, UNW_X86_64_RSP, at.rsp + 8) != 0 ||
        unw_set_reg(&cursor, UNW_REG_IP, caller) != 0)
      return;
  }
  bool first = !astray;
  for (int depth = 0; depth < 64 && (first || unw_step(&cursor) > 0); ++depth, first = false) {
    unw_word_t ip = 0;
    if (unw_get_reg(&cursor, UNW_REG_IP, &ip) != 0 || ip == 0) return;
    each(ip - 1, context);  // the call, not the instruction after it
  }
}

namespace {

/// The registers that unwinding begins with, as they are in the function that this becomes a part of.
[[gnu::always_inline]] inline registers registers_here() noexcept {
  registers at{};
  asm volatile(
      "leaq 0(%%rip), %%rax; movq %%rax, %0; movq %%rsp, %1; movq %%rbp, %2; movq %%rbx, %3;"
      "movq %%r12, %4; movq %%r13, %5; movq %%r14, %6; movq %%r15, %7"
      : "=m"(at.rip), "=m"(at.rsp), "=m"(at.rbp), "=m"(at.rbx), "=m"(at.r12), "=m"(at.r13), "=m"(at.r14),
        "=m"(at.r15)
      :
      : "rax");
  return at;
}

}  // namespace

void unwind_here(void (*each)(std::uint64_t address, void* context) noexcept, void* context) noexcept {
  unwind(registers_here(), each, context);
}

void panic_here(std::string_view what, int code) noexcept { panic(what, registers_here(), code); }

}  // namespace aster::kernel
