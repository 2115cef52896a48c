#include "kernel/pci/msix.hpp"

namespace aster::kernel::pci {
namespace {

constexpr std::uint8_t capability_id = 0x11;
constexpr std::uint16_t enabled = 0x8000, all_masked = 0x4000;
constexpr std::uint64_t entry_bytes = 16;

}  // namespace

std::optional<msix> msix::find(const function& f, free_window& window) noexcept {
  std::optional<msix> found;
  f.for_each_capability([&](capability c) {
    if (c.id != capability_id) return true;
    if (c.offset > 0xf4) return false;
    const unsigned size = (f.read16(static_cast<std::uint8_t>(c.offset + 2)) & 0x7ffu) + 1;
    const std::uint32_t table = f.read32(static_cast<std::uint8_t>(c.offset + 4));
    const auto memory = f.bar(table & 7, window);
    const std::uint64_t offset = table & ~7u;
    if (memory && offset <= memory->bytes && memory->bytes - offset >= size * entry_bytes)
      found = msix(f, c.offset, size, {.base = memory->base + offset, .bytes = size * entry_bytes});
    return false;
  });
  return found;
}

void msix::write(volatile void* table, unsigned index, std::uint64_t address, std::uint32_t data) noexcept {
  auto* entry = static_cast<volatile std::uint32_t*>(table) + index * (entry_bytes / sizeof(std::uint32_t));
  entry[3] = 1;  // masked while it changes
  entry[0] = static_cast<std::uint32_t>(address);
  entry[1] = static_cast<std::uint32_t>(address >> 32);
  entry[2] = data;
  entry[3] = 0;
}

void msix::enable() const noexcept {
  const auto control_at = static_cast<std::uint8_t>(offset_ + 2);
  const std::uint16_t control = function_.read16(control_at);
  function_.write16(control_at, static_cast<std::uint16_t>((control | enabled) & ~all_masked));
}

}  // namespace aster::kernel::pci
