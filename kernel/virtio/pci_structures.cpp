#include "kernel/virtio/pci_structures.hpp"

#include <array>

#include "kernel/virtio/registers.hpp"

namespace aster::kernel::virtio {
namespace {

constexpr std::uint16_t virtio_vendor = 0x1af4;
constexpr std::uint16_t first_transitional = 0x1000, last_transitional = 0x103f;
constexpr std::uint16_t first_modern = 0x1040, last_modern = 0x107f;

constexpr std::uint8_t vendor_capability = 0x09;
enum : std::uint8_t { common_structure = 1, notify_structure = 2, device_structure = 4 };  // §4.1.4

// The function's memory regions, each measured once.
class regions {
 public:
  regions(const pci::function& f, pci::free_window& window) noexcept : function_(f), window_(window) {}

  /// The part [offset, offset + bytes) of region `index`; nothing when it is not inside.
  std::optional<pci::region> part(unsigned index, std::uint64_t offset, std::uint64_t bytes) noexcept {
    if (index > 5) return std::nullopt;
    if (!measured_[index]) {
      measured_[index] = true;
      known_[index] = function_.bar(index, window_);
    }
    const auto& whole = known_[index];
    if (!whole || offset > whole->bytes || bytes > whole->bytes - offset) return std::nullopt;
    return pci::region{.base = whole->base + offset, .bytes = bytes};
  }

 private:
  const pci::function& function_;
  pci::free_window& window_;
  std::array<bool, 6> measured_{};
  std::array<std::optional<pci::region>, 6> known_{};
};

}  // namespace

std::uint32_t device_kind(const pci::function& f) noexcept {
  if (f.vendor() != virtio_vendor) return 0;
  const std::uint16_t id = f.device();
  if (id >= first_modern && id <= last_modern) return id - first_modern;
  if (id >= first_transitional && id <= last_transitional) return f.read16(0x2e);  // subsystem id, §4.1.2.3
  return 0;
}

pci_structures pci_structures::find(const pci::function& f, pci::free_window& window) noexcept {
  pci_structures found;
  regions memory(f, window);
  std::optional<pci::region> common, notify;
  bool misplaced = false;
  f.for_each_capability([&](pci::capability c) {
    if (c.id != vendor_capability || c.offset > 0xf0) return true;
    const auto at = [&](unsigned field) { return static_cast<std::uint8_t>(c.offset + field); };
    const std::uint8_t kind = f.read8(at(3));
    auto* const place = kind == common_structure   ? &common
                        : kind == notify_structure ? &notify
                        : kind == device_structure ? &found.device
                                                   : nullptr;
    if (place == nullptr || place->has_value()) return true;  // the first of a kind is the preferred one
    *place = memory.part(f.read8(at(4)), f.read32(at(8)), f.read32(at(12)));
    misplaced |= !place->has_value();
    if (kind == notify_structure && c.offset <= 0xec) found.notify_multiplier = f.read32(at(16));
    return true;
  });
  if (!common && !misplaced) return found;
  found.what = problem::bad_capabilities;
  if (!common || common->bytes < pci_register::bytes || !notify) return found;
  found.what = problem::none;
  found.common = *common;
  found.notify = *notify;
  return found;
}

std::optional<std::uint64_t> pci_structures::doorbell(std::uint16_t offset) const noexcept {
  const std::uint64_t at = std::uint64_t{offset} * notify_multiplier;
  if (notify.bytes < 2 || at > notify.bytes - 2 || at % 2 != 0) return std::nullopt;
  return notify.base + at;
}

}  // namespace aster::kernel::virtio
