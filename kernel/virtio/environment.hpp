// What the drivers need from the kernel that they run in: memory that a device can reach, a device's
// registers, interrupts. The kernel implements it once; tests implement it with plain memory.
//
// Everything here is called while a device is found and started, never per frame.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace aster::kernel::virtio {

/// Runs in interrupt context with interrupts off: may touch the device's registers and set flags, nothing else.
/// The kernel keeps every register that C++ code may change, and signals end-of-interrupt to the local APIC after
/// it returned.
using interrupt_handler = void (*)(void* argument);

/// A message-signalled interrupt: a device raises it by writing `data` to `address`.
struct interrupt_message {
  std::uint64_t address = 0;
  std::uint32_t data = 0;
};

class environment {
 public:
  /// Where a device finds the byte at `address`, which lies in memory from `allocate_dma`.
  virtual std::uint64_t physical_address(const void* address) noexcept = 0;

  /// `bytes` of memory, page aligned, physically contiguous, never freed; null when there is none. What is in it
  /// does not matter: most of it becomes buffers, and clearing those would be half the work of a boot.
  virtual void* allocate_dma(std::size_t bytes) noexcept = 0;

  /// Maps the registers [physical, physical + bytes) uncached, readable and writable; returns the address of
  /// the first byte. Neither value needs to be page aligned. Null when the range cannot be mapped (for
  /// example because it is RAM). The same range may be asked for twice. Stays mapped.
  virtual volatile void* map_registers(std::uint64_t physical, std::size_t bytes) noexcept = 0;

  /// Routes the interrupt line `gsi` (level triggered, active high) to `handler`; false when no interrupt
  /// controller has that line or no vector is left.
  [[nodiscard]] virtual bool connect_line(unsigned gsi, interrupt_handler handler, void* argument) noexcept = 0;

  /// A message that runs `handler`; nothing when no vector is left.
  [[nodiscard]] virtual std::optional<interrupt_message> connect_message(interrupt_handler handler,
                                                                         void* argument) noexcept = 0;

  /// Tells whoever watches the image one line, without its newline.
  virtual void note(std::string_view line) noexcept = 0;

 protected:
  ~environment() = default;
};

}  // namespace aster::kernel::virtio
