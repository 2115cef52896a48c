# Switching between threads of the kernel. System V: rbx, rbp, r12–r15, the control words of SSE and x87
# belong to the caller; everything else may be lost here.

  .text
  .globl aster_switch_threads
  .type aster_switch_threads, @function
aster_switch_threads:                 # rdi: where to note the parked stack pointer; rsi: what to resume
  .cfi_startproc
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  subq $8, %rsp
  stmxcsr (%rsp)
  fnstcw 4(%rsp)
  movq %rsp, (%rdi)
  testb $1, %sil                      # an odd "stack pointer" is a context that starts
  jnz 1f
  movq %rsi, %rsp
  fldcw 4(%rsp)
  ldmxcsr (%rsp)
  addq $8, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
1:
  leaq -1(%rsi), %rdi
  jmp aster_enter_thread
  .cfi_endproc
  .size aster_switch_threads, .-aster_switch_threads

# Becomes the context of `struct registers` at rdi (kernel/registers.hpp), as a return from a system call
# would: rcx and r11 are lost.
  .globl aster_enter_thread
  .type aster_enter_thread, @function
aster_enter_thread:
  movq 0(%rdi), %r15
  movq 8(%rdi), %r14
  movq 16(%rdi), %r13
  movq 24(%rdi), %r12
  movq 32(%rdi), %rbp
  movq 40(%rdi), %rbx
  movq 56(%rdi), %r10
  movq 64(%rdi), %r9
  movq 72(%rdi), %r8
  movq 80(%rdi), %rax
  movq 96(%rdi), %rdx
  movq 104(%rdi), %rsi
  movq 120(%rdi), %rcx                # rip
  movq 136(%rdi), %rsp
  movq 112(%rdi), %rdi
  jmp *%rcx
  .size aster_enter_thread, .-aster_enter_thread

  .section .note.GNU-stack,"",@progbits
