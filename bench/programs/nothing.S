# Ends at once: what starting a process costs by itself.
  .globl _start
_start:
  movl $60, %eax                      # exit
  xorl %edi, %edi
  syscall

  .section .note.GNU-stack,"",@progbits
