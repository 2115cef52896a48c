// Message-signalled interrupts (PCI 3.0, §6.8.2): a table in the function's memory says, for each of its
// vectors, which value to write to which address.
#pragma once
#include <cstdint>
#include <optional>

#include "kernel/pci/function.hpp"

namespace aster::kernel::pci {

class msix {
 public:
  /// The function's MSI-X capability; nothing when it has none or when its table does not fit where it says.
  static std::optional<msix> find(const function& f, free_window& window) noexcept;

  /// Vectors in the table, at least 1.
  unsigned size() const noexcept { return size_; }

  /// Where the table lies; to be mapped for `write`.
  region table() const noexcept { return table_; }

  /// Lets vector `index` (below `size`) write `data` to `address`.
  static void write(volatile void* table, unsigned index, std::uint64_t address, std::uint32_t data) noexcept;

  /// Makes the function use messages, of which `write` has described the ones it may use.
  void enable() const noexcept;

 private:
  msix(const function& f, std::uint8_t offset, unsigned size, region table) noexcept
      : function_(f), offset_(offset), size_(size), table_(table) {}

  function function_;
  std::uint8_t offset_;
  unsigned size_;
  region table_;
};

}  // namespace aster::kernel::pci
