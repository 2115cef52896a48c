// A virtio device behind a page of memory-mapped registers and one interrupt line (virtio 1.2, §4.2): QEMU's
// microvm, Firecracker.
#pragma once
#include <optional>
#include <string_view>

#include "kernel/virtio/registers.hpp"
#include "kernel/virtio/transport.hpp"

namespace aster::kernel::virtio {

/// A place where a machine may have such a device.
struct mmio_slot {
  std::uint64_t address = 0;
  unsigned line = 0;  // global system interrupt

  static constexpr std::size_t bytes = 0x200;

  /// Reads "SIZE@ADDRESS:LINE" as in the kernel parameter `virtio_mmio.device=512@0xfeb00e00:12`; nothing
  /// when it is malformed, or has no room for the registers.
  static std::optional<mmio_slot> parse(std::string_view text) noexcept;

  friend bool operator==(const mmio_slot&, const mmio_slot&) = default;
};

/// The slots of QEMU's microvm: `index` counts from 0. `first_line` is 24 where the machine has a second
/// I/O APIC (24 slots), 16 with ACPI but without it, 5 without ACPI (8 slots each).
constexpr mmio_slot microvm_slot(unsigned index, unsigned first_line) {
  return {0xfeb00000 + std::uint64_t{index} * mmio_slot::bytes, first_line + index};
}

class mmio_transport final : public transport {
 public:
  /// What answers at a slot.
  enum class presence : std::uint8_t { nothing, legacy, modern };
  struct probed {
    presence what = presence::nothing;
    std::uint32_t device = 0;  // kind of device (virtio 1.2, §5); 0 for an empty slot
  };
  static probed probe(const volatile void* registers) noexcept {
    constexpr std::uint32_t magic = 0x74726976;  // "virt"
    if (read_mmio_register(registers, mmio_register::magic_value) != magic) return {};
    const std::uint32_t device = read_mmio_register(registers, mmio_register::device_id);
    if (device == 0) return {};  // an empty slot (§4.2.2.2)
    switch (read_mmio_register(registers, mmio_register::version)) {
      case 1: return {presence::legacy, device};
      case 2: return {presence::modern, device};
      default: return {};
    }
  }

  /// A device that `probe` found to be modern at `slot`, whose registers are mapped at `registers`. Lives as
  /// long as the device is used.
  mmio_transport(environment& env, const mmio_slot& slot, volatile void* registers) noexcept
      : env_(env), slot_(slot), registers_(static_cast<volatile std::byte*>(registers)) {}

  std::uint8_t status() noexcept override;
  void set_status(std::uint8_t status) noexcept override;
  std::uint64_t offered_features() noexcept override;
  void accept_features(std::uint64_t features) noexcept override;
  std::uint8_t configuration8(std::size_t offset) noexcept override;
  std::uint16_t configuration16(std::size_t offset) noexcept override;
  std::uint32_t configuration_generation() noexcept override;
  std::uint16_t largest_queue(std::uint16_t index) noexcept override;
  bool enable_queue(std::uint16_t index, std::uint16_t size, const queue_addresses& at) noexcept override;
  bool connect_interrupt(interrupt_handler handler, void* argument) noexcept override;
  void notify(std::uint16_t index) noexcept override;

 private:
  static void interrupt(void* self) noexcept;
  std::uint32_t read(std::size_t offset) const noexcept;
  void write(std::size_t offset, std::uint32_t value) noexcept;
  void write_address(std::size_t offset, std::uint64_t value) noexcept;

  environment& env_;
  mmio_slot slot_;
  volatile std::byte* registers_;
  interrupt_handler handler_ = nullptr;
  void* argument_ = nullptr;
};

}  // namespace aster::kernel::virtio
