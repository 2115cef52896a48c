#include "kernel/panic.hpp"

#include <cstdint>

#include "kernel/boot_options.hpp"
#include "kernel/platform.hpp"
#include "kernel/target.hpp"
#include "kernel/text.hpp"
#include "kernel/unwind.hpp"

namespace aster::kernel {
namespace {

constinit bool panicking = false;

bool somebody_listens() noexcept { return options().has_control; }

void emit(text_line& line) noexcept {
  line.add('\n');
  if (somebody_listens()) target.control(line.data(), line.size());
  else target.write(2, line.data(), line.size());
}

void emit_registers(const registers& at) noexcept {
  struct named {
    char name[8];  // not a pointer: a panic before libc has relocated the image must work too
    std::uint64_t value;
  };
  const named all[] = {{"rip", at.rip}, {"rsp", at.rsp}, {"rbp", at.rbp}, {"rflags", at.rflags},
                       {"rax", at.rax}, {"rbx", at.rbx}, {"rcx", at.rcx}, {"rdx", at.rdx},
                       {"rsi", at.rsi}, {"rdi", at.rdi}, {"r8", at.r8},   {"r9", at.r9},
                       {"r10", at.r10}, {"r11", at.r11}, {"r12", at.r12}, {"r13", at.r13},
                       {"r14", at.r14}, {"r15", at.r15}};
  if (somebody_listens()) {
    for (const named& r : all) {
      text_line line;
      emit(line.add("register ").add(r.name).add(' ').hex(r.value));
    }
    return;
  }
  for (std::size_t i = 0; i < sizeof all / sizeof *all;) {
    text_line line;
    line.add(' ');
    for (std::size_t k = 0; k < 4 && i < sizeof all / sizeof *all; ++k, ++i)
      line.add(' ').add(all[i].name).add('=').hex(all[i].value);
    emit(line);
  }
}

void emit_frame(std::uint64_t address, void* counter) noexcept {
  const bool inside = address - image.base < image.size;
  text_line line;
  if (somebody_listens()) {
    emit(inside ? line.add("frame ").hex(address - image.base) : line.add("frame-absolute ").hex(address));
  } else {
    line.add("  #").decimal((*static_cast<unsigned*>(counter))++).add(' ');
    emit(inside ? line.add("image+0x").hex(address - image.base) : line.add("0x").hex(address));
  }
}

/// What the report is about, kept apart from the stacks, which may be used up or ruined.
struct report {
  char what[256];
  std::size_t what_size;
  registers at;
  int code;
};
constinit report dying{};
alignas(16) constinit char panic_stack[32 * 1024];

[[noreturn]] void write_report() noexcept {
  const std::string_view what{dying.what, dying.what_size};
  text_line line;
  emit(line.add(somebody_listens() ? "panic " : "panic: ").printable(what));
  if (fibers.current) {
    if (const char* const name = fibers.current()) {
      text_line fiber;
      emit(fiber.add(somebody_listens() ? "fiber " : "  in fiber ").printable(name));
    }
  }
  emit_registers(dying.at);
  unsigned counter = 0;
  unwind(dying.at, emit_frame, &counter);
  text_line end;
  emit(end.add(somebody_listens() ? "end" : "  (names: pipe this into `aster symbolize IMAGE`)"));
  leave(dying.code);
}

}  // namespace

void panic(std::string_view what, const registers& at, int code) noexcept {
  if (panicking) {
    text_line line;
    emit(line.add(somebody_listens() ? "note " : "").add("panic inside the panic: ").printable(what));
    leave(code);
  }
  panicking = true;
  dying.at = at;
  dying.code = code;
  while (dying.what_size < what.size() && dying.what_size < sizeof dying.what) {
    dying.what[dying.what_size] = what[dying.what_size];
    ++dying.what_size;
  }
  // The unwinder needs kilobytes, and a fiber may be here with less: the report has a stack of its own.
  asm volatile("mov %0, %%rsp\n\txor %%ebp, %%ebp\n\tcall *%1"
               :
               : "r"(panic_stack + sizeof panic_stack), "a"(&write_report)
               : "memory");
  __builtin_unreachable();
}

void refuse(std::string_view why, std::string_view detail, int code) noexcept {
  text_line line;
  line.add("asterism: ").add(why);
  if (!detail.empty()) line.add(": ").printable(detail);
  line.add('\n');
  target.write(2, line.data(), line.size());
  leave(code);
}

void note(std::string_view text) noexcept {
  text_line line;
  emit(line.add(somebody_listens() ? "note " : "asterism: ").printable(text));
}

}  // namespace aster::kernel
