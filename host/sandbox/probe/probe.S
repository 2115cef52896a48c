// Entries and notes of the probe, an image for tests of the tender that has no kernel/ under it.
  .text
  .globl probe_entry
probe_entry:
  mov %rdi, %r12
  mov %rsp, %r13
  // The tender promises cleared registers: rdi holds the boot structure, r12 and r13 our two copies.
  mov %rbx, %rax
  or %rcx, %rax
  or %rdx, %rax
  or %rsi, %rax
  or %rbp, %rax
  or %r8, %rax
  or %r9, %rax
  or %r10, %rax
  or %r11, %rax
  or %r14, %rax
  or %r15, %rax
  mov %rax, %rsi
  mov %r13, %rdx
  sub $8, %rsp        // entered as a function: rsp + 8 is a multiple of 16
  call probe_main
  ud2

  .globl probe_restorer
probe_restorer:
  mov $15, %eax      // rt_sigreturn
  syscall
  ud2

// A function, so that a test can see where the stack ends.
  .globl probe_overflow
probe_overflow:
  push $0
  jmp probe_overflow

  .section .note.asterism, "a", @note
  .balign 4
  .long 9, 20, 1
  .asciz "Asterism"
  .balign 4
  .long 1                     // abi_version
  .long probe_entry - .
  .long probe_trap - .
  .long probe_signal - .
  .long probe_restorer - .

  .section .note.GNU-stack, "", @progbits
