#include "kernel/memory/image_segments.hpp"

#include <elf.h>
#include <sys/mman.h>

extern "C" const char __ehdr_start[];

namespace aster::kernel {

void add_image_segments(address_space& space) noexcept {
  const auto base = reinterpret_cast<std::uint64_t>(__ehdr_start);
  const auto& header = *reinterpret_cast<const Elf64_Ehdr*>(__ehdr_start);
  const auto* const segments = reinterpret_cast<const Elf64_Phdr*>(base + header.e_phoff);
  std::uint64_t done = 0;  // segments may share a page; the first one has it
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    const Elf64_Phdr& segment = segments[i];
    if (segment.p_type != PT_LOAD) continue;
    std::uint64_t begin = (base + segment.p_vaddr) & ~(page_size - 1);
    const std::uint64_t end = (base + segment.p_vaddr + segment.p_memsz + page_size - 1) & ~(page_size - 1);
    if (begin < done) begin = done;
    if (begin >= end) continue;
    const int protection = (segment.p_flags & PF_R ? PROT_READ : 0) | (segment.p_flags & PF_W ? PROT_WRITE : 0) |
                           (segment.p_flags & PF_X ? PROT_EXEC : 0);
    space.add_image(begin, end, protection);
    done = end;
  }
}

}  // namespace aster::kernel
