// Entry of the tender, and the jump into an image. Neither has a libc under it.

// The kernel enters here: rsp points at argc, argv…, 0, environment…, 0, auxiliary vector.
  .text
  .globl _start
  .type _start, @function
_start:
  xor %ebp, %ebp
  mov %rsp, %rdi
  and $-16, %rsp
  call aster_sandbox_tender
  ud2
  .size _start, . - _start

// [[noreturn]] void aster_sandbox_enter(const sandbox_boot* boot, entry, void* stack_top)
//
// Nothing of the tender's is left in a register. A zero return address keeps the stack aligned as after a
// call and ends backtraces.
  .globl aster_sandbox_enter
  .type aster_sandbox_enter, @function
aster_sandbox_enter:
  mov %rdx, %rsp
  push $0
  mov %rsi, %rax
  xor %ebx, %ebx
  xor %ecx, %ecx
  xor %edx, %edx
  xor %esi, %esi
  xor %ebp, %ebp
  xor %r8d, %r8d
  xor %r9d, %r9d
  xor %r10d, %r10d
  xor %r11d, %r11d
  xor %r12d, %r12d
  xor %r13d, %r13d
  xor %r14d, %r14d
  xor %r15d, %r15d
  cld
  jmp *%rax
  .size aster_sandbox_enter, . - aster_sandbox_enter

  .section .note.GNU-stack, "", @progbits
