#include "kernel/qemu/page_tables.hpp"

namespace aster::kernel {

void forget_page(std::uint64_t address) noexcept { asm volatile("invlpg (%0)" : : "r"(address) : "memory"); }

}  // namespace aster::kernel
