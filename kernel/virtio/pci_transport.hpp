// A virtio device that is a PCI function (virtio 1.2, §4.1), modern, with MSI-X: QEMU's q35.
#pragma once
#include <array>
#include <expected>
#include <optional>

#include "kernel/pci/function.hpp"
#include "kernel/pci/msix.hpp"
#include "kernel/virtio/pci_structures.hpp"
#include "kernel/virtio/transport.hpp"

namespace aster::kernel::virtio {

class pci_transport final : public transport {
 public:
  /// Why a function cannot be used.
  enum class open_error : std::uint8_t { legacy, no_message_interrupts, bad_capabilities, not_mapped };
  static const char* to_string(open_error error) noexcept;

  /// Maps the structures of `f`, for which `device_kind` is not 0. Regions that the firmware left without an
  /// address get one from `window`.
  static std::expected<pci_transport, open_error> open(environment& env, const pci::function& f,
                                                       pci::free_window& window) noexcept;

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
  static constexpr unsigned most_queues = 4;

  pci_transport(environment& env, const pci::function& f, const pci::msix& messages) noexcept
      : env_(&env), function_(f), messages_(messages) {}

  template <class T>
  T read(std::size_t offset) const noexcept {
    return *reinterpret_cast<volatile T*>(common_ + offset);
  }
  template <class T>
  void write(std::size_t offset, T value) noexcept {
    *reinterpret_cast<volatile T*>(common_ + offset) = value;
  }
  void write_address(std::size_t offset, std::uint64_t value) noexcept;

  environment* env_;
  pci::function function_;
  pci::msix messages_;
  volatile std::byte* common_ = nullptr;
  volatile std::byte* device_ = nullptr;  // null when the device has no configuration
  std::size_t device_bytes_ = 0;
  pci_structures structures_;
  bool has_interrupt_ = false;
  std::array<volatile std::uint16_t*, most_queues> doorbells_{};
};

}  // namespace aster::kernel::virtio
