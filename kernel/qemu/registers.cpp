#include "kernel/memory/address_space.hpp"
#include "kernel/qemu/machine.hpp"
#include "kernel/qemu/page_tables.hpp"
#include "kernel/qemu/physical_memory.hpp"

namespace aster::kernel {

namespace {

struct mapping {
  std::uint64_t physical, pages;
  std::uint64_t address;
};
constinit mapping made[32]{};
constinit std::size_t count = 0;
constinit std::uint64_t used = 0;  // bytes from `layout.registers` on

}  // namespace

pci::free_window& unplaced_registers() noexcept {
  static constinit pci::free_window one;
  return one;
}

void forget_device_registers() noexcept {
  count = 0;
  used = 0;
}

volatile void* map_device_registers(std::uint64_t physical, std::size_t bytes) noexcept {
  const std::uint64_t first = physical & ~(page_size - 1);
  const std::uint64_t pages = (physical + bytes - first + page_size - 1) / page_size;
  for (std::size_t i = 0; i < count; ++i) {
    const mapping& m = made[i];
    if (first >= m.physical && first + pages * page_size <= m.physical + m.pages * page_size)
      return reinterpret_cast<volatile void*>(m.address + (physical - m.physical));
  }
  if (count == sizeof made / sizeof *made || bytes == 0 || physical + bytes < physical) return nullptr;
  for (std::size_t i = 0; i < frames().piece_count; ++i) {  // memory is not a device
    const auto& p = frames().pieces[i];
    if (first < p.end && first + pages * page_size > p.begin) return nullptr;
  }
  const std::uint64_t address = layout.registers + used;
  for (std::uint64_t i = 0; i < pages; ++i) {
    if (!tables().map(address + i * page_size, first + i * page_size, page_kind::registers)) return nullptr;
  }
  used += (pages + 1) * page_size;  // one unmapped page between any two
  made[count++] = {first, pages, address};
  return reinterpret_cast<volatile void*>(address + (physical - first));
}

}  // namespace aster::kernel
