# What the sandbox tender needs to find (abi/manifest.hpp), and the first instruction it jumps to.

  .section .note.asterism,"a",@note
  .balign 4
  .long 9, 20, 1                      # name size, description size, type: image_note
  .asciz "Asterism"
  .balign 4
  .long 1                             # abi_version
1: .long aster_sandbox_entry - 1b
2: .long aster_sandbox_trap - 2b
3: .long aster_sandbox_signal - 3b
4: .long aster_sandbox_restorer - 4b

  .text
  .globl aster_sandbox_entry
  .type aster_sandbox_entry, @function
aster_sandbox_entry:                  # rdi: const sandbox_boot*, rsp: top of the first stack
  .cfi_startproc
  .cfi_undefined rip                  # the end of every backtrace
  xorl %ebp, %ebp
  andq $-16, %rsp
  call aster_sandbox_start
  hlt
  .cfi_endproc
  .size aster_sandbox_entry, .-aster_sandbox_entry

  .globl aster_sandbox_restorer
  .type aster_sandbox_restorer, @function
aster_sandbox_restorer:
  movl $15, %eax                      # rt_sigreturn
  syscall
  .size aster_sandbox_restorer, .-aster_sandbox_restorer

  .section .note.GNU-stack,"",@progbits
