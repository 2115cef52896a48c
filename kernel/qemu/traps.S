# Where the processor enters the kernel: exceptions and interrupts through the IDT, system calls through
# LSTAR. Every IDT entry switches to a stack of its own (IST), since the code that is interrupted has a red
# zone: 128 bytes below its stack pointer that are in use.

  # The general registers in the order of struct registers (kernel/registers.hpp) and struct trap_frame.
  .macro push_general
  pushq %rdi
  pushq %rsi
  pushq %rdx
  pushq %rcx
  pushq %rax
  pushq %r8
  pushq %r9
  pushq %r10
  pushq %r11
  pushq %rbx
  pushq %rbp
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  .endm

  .macro pop_to_rax
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbp
  popq %rbx
  popq %r11
  popq %r10
  popq %r9
  popq %r8
  popq %rax
  .endm

  .text
  # The frame that aster_trap sees: struct trap_frame in traps.cpp.
  .macro stub vector, has_error
  .balign 16
  .if \has_error == 0
  pushq $0
  .endif
  pushq $\vector
  jmp common
  .endm

  .globl aster_trap_stubs
  .balign 16
aster_trap_stubs:
  .irp vector, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51,52,53,54,55,56,57,58,59,60,61,62,63
  .if (\vector == 8) || ((\vector >= 10) && (\vector <= 14)) || (\vector == 17) || (\vector == 21) || (\vector == 29) || (\vector == 30)
  stub \vector, 1
  .else
  stub \vector, 0
  .endif
  .endr

  .type common, @function
common:
  push_general
  cld
  movq %rsp, %rdi
  call aster_trap
  pop_to_rax
  popq %rcx
  popq %rdx
  popq %rsi
  popq %rdi
  addq $16, %rsp                      # vector and error code
  iretq
  .size common, .-common

# syscall: rcx = return address, r11 = flags, rax = number; on the caller's stack. Lays out
# `struct registers` and serves the call in C++, which uses no vector registers.
  .globl aster_syscall_entry
  .type aster_syscall_entry, @function
  .balign 16
aster_syscall_entry:
  leaq -128(%rsp), %rsp               # past the red zone
  pushq %rsp
  addq $128, (%rsp)
  pushq %r11
  pushq %rcx
  push_general
  movq %rsp, %rbx
  movq %rsp, %rdi
  andq $-16, %rsp
  call aster_syscall
  movq %rbx, %rsp
  movq %rax, 80(%rsp)
  pop_to_rax
  addq $8, %rsp                       # rcx
  popq %rdx
  popq %rsi
  popq %rdi
  popq %rcx                           # return address
  popfq
  popq %rsp
  jmp *%rcx
  .size aster_syscall_entry, .-aster_syscall_entry

  .section .note.GNU-stack,"",@progbits
