// The switch from one stack to another. See context.hpp for what is kept and why.
  .intel_syntax noprefix
  .text

// void aster_task_switch(void** save /* rdi */, void* load /* rsi */)
//
// All fibers wait inside this function, entered from one place, so the return address on the processor's
// return stack is the right one also after the exchange, and `ret` is predicted.
  .globl aster_task_switch
  .type aster_task_switch, @function
  .p2align 4
aster_task_switch:
  .cfi_startproc
  push rbp
  .cfi_adjust_cfa_offset 8
  .cfi_rel_offset rbp, 0
  push rbx
  .cfi_adjust_cfa_offset 8
  .cfi_rel_offset rbx, 0
  push r12
  .cfi_adjust_cfa_offset 8
  .cfi_rel_offset r12, 0
  push r13
  .cfi_adjust_cfa_offset 8
  .cfi_rel_offset r13, 0
  push r14
  .cfi_adjust_cfa_offset 8
  .cfi_rel_offset r14, 0
  push r15
  .cfi_adjust_cfa_offset 8
  .cfi_rel_offset r15, 0
  sub rsp, 8
  .cfi_adjust_cfa_offset 8
  stmxcsr [rsp]
  fnstcw [rsp + 4]
  mov eax, [rsp]
  movzx ecx, word ptr [rsp + 4]
  mov [rdi], rsp

  mov rsp, rsi
  cmp eax, [rsp]            // loading the control words is slow, and they seldom differ
  jne 3f
1:
  cmp cx, [rsp + 4]
  jne 4f
2:
  add rsp, 8
  .cfi_adjust_cfa_offset -8
  pop r15
  .cfi_adjust_cfa_offset -8
  .cfi_restore r15
  pop r14
  .cfi_adjust_cfa_offset -8
  .cfi_restore r14
  pop r13
  .cfi_adjust_cfa_offset -8
  .cfi_restore r13
  pop r12
  .cfi_adjust_cfa_offset -8
  .cfi_restore r12
  pop rbx
  .cfi_adjust_cfa_offset -8
  .cfi_restore rbx
  pop rbp
  .cfi_adjust_cfa_offset -8
  .cfi_restore rbp
  ret
  .cfi_endproc
3:
  ldmxcsr [rsp]
  jmp 1b
4:
  fldcw [rsp + 4]
  jmp 2b
  .size aster_task_switch, . - aster_task_switch

// The outermost frame of every fiber. Its return address is undefined, so that unwinders stop here.
  .globl aster_task_start
  .type aster_task_start, @function
  .p2align 4
aster_task_start:
  .cfi_startproc
  .cfi_undefined rip
  xor ebp, ebp
  mov rdi, rbx
  call r12
  ud2
  .cfi_endproc
  .size aster_task_start, . - aster_task_start

  .section .note.GNU-stack, "", @progbits
