// Included in front of every low-level source (see kernel/CMakeLists.txt).
//
// The compiler turns struct copies into calls of memcpy. libc's memcpy is chosen at run time for the
// processor, through a table that is empty until libc has started, and uses vector registers, which a trap
// must not touch. So in this code the names mean these instead.
#pragma once
asm(".set memcpy, aster_kernel_memcpy\n"
    ".set memset, aster_kernel_memset\n"
    ".set memmove, aster_kernel_memmove\n"
    ".set memcmp, aster_kernel_memcmp\n"
    ".set bcmp, aster_kernel_memcmp\n"
    ".set strlen, aster_kernel_strlen\n");

// Every symbol is found relative to the instruction: an address from the global offset table would be the
// link-time one until libc has relocated the image.
#pragma GCC visibility push(hidden)
