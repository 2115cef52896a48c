// Descriptor tables, and what becomes of exceptions, interrupts and system calls.
#include <sys/mman.h>

#include "kernel/fault.hpp"
#include "kernel/memory/address_space.hpp"
#include "kernel/panic.hpp"
#include "kernel/qemu/cpu.hpp"
#include "kernel/qemu/machine.hpp"
#include "kernel/qemu/page_tables.hpp"
#include "kernel/qemu/physical_memory.hpp"
#include "kernel/syscall/serve.hpp"

extern "C" const char aster_trap_stubs[];  // 64 stubs of 16 bytes each
extern "C" void aster_syscall_entry();

namespace aster::kernel {
namespace {

constexpr std::uint16_t code_selector = 0x08, task_selector = 0x18;
constexpr unsigned vector_count = 64, first_interrupt = 32;
enum exception : std::uint64_t {
  divide_error = 0, debug = 1, nmi = 2, breakpoint = 3, overflow = 4, bound = 5, invalid_opcode = 6, no_fpu = 7,
  double_fault = 8, general_protection = 13, page_fault = 14, x87_error = 16, alignment = 17, machine_check = 18,
  simd_error = 19
};

struct trap_frame {  // as traps.S pushes it
  std::uint64_t r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
  std::uint64_t vector, error, rip, cs, rflags, rsp, ss;
};

struct [[gnu::packed]] task_state {
  std::uint32_t reserved0;
  std::uint64_t rsp[3], reserved1, ist[7], reserved2;
  std::uint16_t reserved3, io_map;
};

struct gate {
  std::uint16_t offset_low, selector;
  std::uint8_t ist, type;
  std::uint16_t offset_middle;
  std::uint32_t offset_high, reserved;
};

struct [[gnu::packed]] table_register {
  std::uint16_t limit;
  std::uint64_t base;
};

struct handler_slot {
  interrupt_handler handler;
  void* argument;
};

// Stacks by IST number: 1 faults, 2 double fault, 3 interrupts.
alignas(16) constinit char fault_stack[8 * 1024];
alignas(16) constinit char double_fault_stack[4 * 1024];
alignas(16) constinit char interrupt_stack[4 * 1024];

constinit std::uint64_t global_table[5]{};
constinit task_state task{};
constinit gate gates[vector_count]{};
constinit handler_slot handlers[vector_count]{};
constinit unsigned next_vector = first_interrupt;

template <std::size_t N>
std::uint64_t top(char (&stack)[N]) noexcept {
  return reinterpret_cast<std::uint64_t>(stack) + N;
}

registers registers_of(const trap_frame& f) noexcept {
  return {.r15 = f.r15, .r14 = f.r14, .r13 = f.r13, .r12 = f.r12, .rbp = f.rbp, .rbx = f.rbx, .r11 = f.r11,
          .r10 = f.r10, .r9 = f.r9, .r8 = f.r8, .rax = f.rax, .rcx = f.rcx, .rdx = f.rdx, .rsi = f.rsi,
          .rdi = f.rdi, .rip = f.rip, .rflags = f.rflags, .rsp = f.rsp};
}

/// Maps a page of program memory that is touched for the first time. False: the access is not allowed.
bool map_on_demand(std::uint64_t address, access kind) noexcept {
  const range* const r = memory().find(address);
  if (!r || r->fixed || r->protection == PROT_NONE || kind == access::execute) return false;
  if (kind == access::write && !(r->protection & PROT_WRITE)) return false;
  const std::uint64_t page = address & ~(page_size - 1);
  if (tables().is_guard(page)) return false;
  const std::uint64_t frame = frames().allocate();
  if (!frame || !tables().map(page, frame, r->protection & PROT_WRITE ? page_kind::writable : page_kind::read_only))
    panic_here("out of memory: no page left for a stack or an unreserved mapping", abi::exit_out_of_memory);
  return true;
}

[[noreturn]] void die(const trap_frame& frame, std::uint64_t fault_address) noexcept {
  text_line what;
  switch (frame.vector) {
    case divide_error: what.add("division by zero"); break;
    case debug:
    case breakpoint: what.add("breakpoint"); break;
    case invalid_opcode: what.add("invalid instruction"); break;
    case double_fault: what.add("double fault"); break;
    case general_protection: what.add("general protection fault"); break;
    case page_fault: {
      const access kind = frame.error & 16 ? access::execute : frame.error & 2 ? access::write : access::read;
      describe_fault(what, fault_address, frame.rsp, kind, (frame.error & 1) != 0);
      break;
    }
    case x87_error:
    case simd_error: what.add("arithmetic exception"); break;
    case alignment: what.add("misaligned access"); break;
    case machine_check: what.add("machine check"); break;
    default: what.add("exception ").decimal(frame.vector); break;
  }
  panic({what.data(), what.size()}, registers_of(frame));
}

/// A limit and a base as lgdt and lidt want them. The address passes through a register, or the compiler would
/// make a constant of it, which needs a relocation.
template <class Table>
table_register register_for(const Table& table) noexcept {
  auto base = reinterpret_cast<std::uint64_t>(&table);
  asm("" : "+r"(base));
  return {sizeof table - 1, base};
}

void set_gate(unsigned vector, std::uint8_t ist) noexcept {
  const std::uint64_t address = reinterpret_cast<std::uint64_t>(aster_trap_stubs) + vector * 16;
  gates[vector] = {static_cast<std::uint16_t>(address), code_selector, ist, 0x8e,  // interrupt gate, present
                   static_cast<std::uint16_t>(address >> 16), static_cast<std::uint32_t>(address >> 32), 0};
}

}  // namespace

extern "C" void aster_trap(const trap_frame* frame) noexcept {
  if (frame->vector >= first_interrupt) {
    if (frame->vector == vector_count - 1) return;  // spurious
    const handler_slot& slot = handlers[frame->vector];
    if (slot.handler) slot.handler(slot.argument);
    end_of_interrupt();
    return;
  }
  std::uint64_t address = 0;
  if (frame->vector == page_fault) {
    address = cpu::read_cr2();
    const access kind = frame->error & 16 ? access::execute : frame->error & 2 ? access::write : access::read;
    if (!(frame->error & 1) && map_on_demand(address, kind)) return;
  }
  if (frame->vector == nmi) return;
  die(*frame, address);
}

extern "C" long aster_syscall(const registers* at) noexcept {
  return serve({at->rax, at->rdi, at->rsi, at->rdx, at->r10, at->r8, at->r9, *at});
}

void start_traps() noexcept {
  task.ist[0] = top(fault_stack);
  task.ist[1] = top(double_fault_stack);
  task.ist[2] = top(interrupt_stack);
  task.io_map = sizeof task;
  const auto base = reinterpret_cast<std::uint64_t>(&task);
  global_table[1] = 0x00af9a000000ffff;  // 64-bit code
  global_table[2] = 0x00cf92000000ffff;  // data
  global_table[3] = (sizeof task - 1) | (base & 0xffffff) << 16 | 0x89ull << 40 | ((base >> 24) & 0xff) << 56;
  global_table[4] = base >> 32;
  const table_register gdt = register_for(global_table);
  asm volatile("lgdt %0; ltr %w1" : : "m"(gdt), "r"(task_selector));

  for (unsigned v = 0; v < vector_count; ++v) set_gate(v, v >= first_interrupt ? 3 : v == double_fault ? 2 : 1);
  const table_register idt = register_for(gates);
  asm volatile("lidt %0" : : "m"(idt));

  // System calls (Intel SDM 3A §5.8.8): code and stack selectors, entry, flags to clear: TF, IF, DF, AC.
  constexpr std::uint32_t star = 0xc0000081, lstar = 0xc0000082, mask = 0xc0000084;
  cpu::write_msr(star, static_cast<std::uint64_t>(code_selector) << 32);
  cpu::write_msr(lstar, reinterpret_cast<std::uint64_t>(&aster_syscall_entry));
  cpu::write_msr(mask, 0x40700);

  if (cpu::identify(0).a >= 7 && (cpu::identify(7).b & 1)) cpu::write_cr4(cpu::read_cr4() | 1 << 16);  // FSGSBASE
}

unsigned allocate_vector(interrupt_handler handler, void* argument) noexcept {
  if (next_vector >= vector_count - 1) return 0;
  handlers[next_vector] = {handler, argument};
  return next_vector++;
}

}  // namespace aster::kernel
