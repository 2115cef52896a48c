# The PVH entry: from 32-bit protected mode without paging to C++ in long mode at a random address.
#
# The hypervisor found us by the Xen note (x86/HVM direct boot ABI): flat 32-bit segments, paging off,
# ebx = physical address of hvm_start_info. The image lies at its p_paddr, which `aster-seal` made
# link-time address + 2 MiB; addresses here are still found by asking, since the code is position independent.

  .section .note.Xen,"aw",@note       # writable: the loader of a process relocates the address in it
  .balign 4
  .long 4, 8, 18                      # "Xen", 8 bytes, XEN_ELFNOTE_PHYS32_ENTRY
  .asciz "Xen"
  .quad aster_pvh_entry

  .section .text.aster_boot,"ax",@progbits
  .code32
  .globl aster_pvh_entry
  .type aster_pvh_entry, @function
aster_pvh_entry:
  cli
  cld
  # Where are we? A call needs a stack, and there is none yet: the word below the start info serves, and is
  # put back.
  movl -4(%ebx), %eax
  movl %ebx, %esp
  call 1f
1:
  popl %ebp
  movl %eax, -4(%ebx)
  leal (boot_stack_top - 1b)(%ebp), %esp

  # Tables that map the first gigabyte where it is, in 2 MiB pages; C++ makes the real ones.
  leal (aster_boot_pdpt - 1b)(%ebp), %eax
  orl $3, %eax
  movl %eax, (aster_boot_pml4 - 1b)(%ebp)
  leal (aster_boot_pd - 1b)(%ebp), %edi
  movl %edi, %eax
  orl $3, %eax
  movl %eax, (aster_boot_pdpt - 1b)(%ebp)
  movl $0x83, %eax                    # present, writable, 2 MiB
  movl $512, %ecx
2:
  movl %eax, (%edi)
  addl $0x200000, %eax
  addl $8, %edi
  decl %ecx
  jnz 2b

  movl %cr4, %eax
  orl $0x6a0, %eax                    # PAE, PGE, OSFXSR, OSXMMEXCPT
  movl %eax, %cr4
  leal (aster_boot_pml4 - 1b)(%ebp), %eax
  movl %eax, %cr3
  movl $0xc0000080, %ecx              # EFER
  rdmsr
  orl $0x901, %eax                    # SCE, LME, NXE
  wrmsr
  movl %cr0, %eax
  andl $0x9ffffff3, %eax              # caches on; no emulation of the FPU, no task switch pending
  orl $0x80010023, %eax               # PG, WP, NE, MP, PE
  movl %eax, %cr0

  leal (boot_gdt - 1b)(%ebp), %eax
  movl %eax, (boot_gdtr + 2 - 1b)(%ebp)
  lgdt (boot_gdtr - 1b)(%ebp)
  leal (3f - 1b)(%ebp), %eax
  pushl $8
  pushl %eax
  lret

  .code64
3:
  movw $16, %ax
  movw %ax, %ds
  movw %ax, %es
  movw %ax, %ss
  xorl %eax, %eax
  movw %ax, %fs
  movw %ax, %gs
  fninit
  movl %ebx, %edi                     # hvm_start_info
  call aster_boot_physical            # makes the tables; rax: virtual minus physical address of the image
  leaq 4f(%rip), %rcx
  addq %rax, %rcx
  addq %rax, %rsp
  jmp *%rcx                           # from here on at the random address
4:
  call aster_boot_virtual             # rax: top of the first stack
  movq %rax, %rsp
  xorl %ebp, %ebp
  call aster_boot_program
  hlt
  .size aster_pvh_entry, .-aster_pvh_entry

  .data
  .balign 8
boot_gdtr:
  .word 23
  .long 0, 0
  .balign 8
boot_gdt:
  .quad 0, 0x00af9a000000ffff, 0x00cf92000000ffff

  .bss
  .balign 4096
  .globl aster_boot_pml4
aster_boot_pml4: .skip 4096
aster_boot_pdpt: .skip 4096
aster_boot_pd: .skip 4096
  .balign 16
  .skip 8192
boot_stack_top:

  .section .note.GNU-stack,"",@progbits
