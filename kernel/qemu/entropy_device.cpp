#include "kernel/qemu/entropy_device.hpp"

#include "kernel/pci/function.hpp"
#include "kernel/qemu/cpu.hpp"
#include "kernel/qemu/machine.hpp"
#include "kernel/qemu/page_tables.hpp"
#include "kernel/virtio/entropy_driver.hpp"
#include "kernel/virtio/mmio.hpp"
#include "kernel/virtio/pci_structures.hpp"

namespace aster::kernel {
namespace {

constexpr std::uint32_t entropy_kind = 4;  // virtio 1.2, §5

enum field : unsigned {
  device_feature_select, device_feature, driver_feature_select, driver_feature, status_field, queue_select,
  queue_size_max, queue_size, queue_enable, queue_descriptors, queue_driver, queue_device, field_count
};
struct place {
  std::uint8_t offset, bytes;
};
constexpr place mmio_places[field_count] = {
    {virtio::mmio_register::device_features_select, 4},
    {virtio::mmio_register::device_features, 4},
    {virtio::mmio_register::driver_features_select, 4},
    {virtio::mmio_register::driver_features, 4},
    {virtio::mmio_register::device_status, 4},
    {virtio::mmio_register::queue_select, 4},
    {virtio::mmio_register::queue_size_max, 4},
    {virtio::mmio_register::queue_size, 4},
    {virtio::mmio_register::queue_ready, 4},
    {virtio::mmio_register::queue_descriptors, 4},
    {virtio::mmio_register::queue_driver, 4},
    {virtio::mmio_register::queue_device, 4},
};
constexpr place pci_places[field_count] = {
    {virtio::pci_register::device_feature_select, 4},
    {virtio::pci_register::device_feature, 4},
    {virtio::pci_register::driver_feature_select, 4},
    {virtio::pci_register::driver_feature, 4},
    {virtio::pci_register::device_status, 1},
    {virtio::pci_register::queue_select, 2},
    {virtio::pci_register::queue_size, 2},  // says the most at first
    {virtio::pci_register::queue_size, 2},
    {virtio::pci_register::queue_enable, 2},
    {virtio::pci_register::queue_descriptors, 4},
    {virtio::pci_register::queue_driver, 4},
    {virtio::pci_register::queue_device, 4},
};

/// What virtio::transport is, as far as a polling driver of one queue needs it, and not virtual.
class polled_transport {
 public:
  void use_slot(volatile void* registers) noexcept {
    *this = {};
    registers_ = static_cast<volatile std::byte*>(registers);
  }
  void use_function(volatile void* common, const virtio::pci_structures& where) noexcept {
    use_slot(common);
    structures_ = where;
    is_pci_ = true;
  }

  std::uint8_t status() noexcept { return static_cast<std::uint8_t>(read(status_field)); }
  void set_status(std::uint8_t status) noexcept { write(status_field, status); }

  std::uint64_t offered_features() noexcept {
    write(device_feature_select, 0);
    const std::uint64_t low = read(device_feature);
    write(device_feature_select, 1);
    return low | std::uint64_t{read(device_feature)} << 32;
  }
  void accept_features(std::uint64_t features) noexcept {
    write(driver_feature_select, 0);
    write(driver_feature, static_cast<std::uint32_t>(features));
    write(driver_feature_select, 1);
    write(driver_feature, static_cast<std::uint32_t>(features >> 32));
  }

  std::uint32_t largest_queue(std::uint16_t index) noexcept {
    write(queue_select, index);
    return read(queue_size_max);
  }
  bool enable_queue(std::uint16_t index, std::uint16_t size, const virtio::queue_addresses& at) noexcept {
    write(queue_select, index);
    if (is_pci_) {
      const auto offset = *reinterpret_cast<volatile std::uint16_t*>(registers_ + virtio::pci_register::queue_notify_offset);
      const auto address = structures_.doorbell(offset);
      if (!address) return false;
      doorbell_ = static_cast<volatile std::uint16_t*>(map_device_registers(*address, 2));
      if (!doorbell_) return false;
    }
    write(queue_size, size);
    write_address(queue_descriptors, at.descriptors);
    write_address(queue_driver, at.available);
    write_address(queue_device, at.used);
    write(queue_enable, 1);
    return read(queue_enable) == 1;
  }
  void notify(std::uint16_t index) noexcept {
    if (is_pci_) *doorbell_ = index;
    else *reinterpret_cast<volatile std::uint32_t*>(registers_ + virtio::mmio_register::queue_notify) = index;
  }

 private:
  place where(field f) const noexcept { return is_pci_ ? pci_places[f] : mmio_places[f]; }
  std::uint32_t read(field f) const noexcept {
    const place p = where(f);
    volatile std::byte* const at = registers_ + p.offset;
    if (p.bytes == 1) return *reinterpret_cast<volatile std::uint8_t*>(at);
    if (p.bytes == 2) return *reinterpret_cast<volatile std::uint16_t*>(at);
    return *reinterpret_cast<volatile std::uint32_t*>(at);
  }
  void write(field f, std::uint32_t value) noexcept {
    const place p = where(f);
    volatile std::byte* const at = registers_ + p.offset;
    if (p.bytes == 1) *reinterpret_cast<volatile std::uint8_t*>(at) = static_cast<std::uint8_t>(value);
    else if (p.bytes == 2) *reinterpret_cast<volatile std::uint16_t*>(at) = static_cast<std::uint16_t>(value);
    else *reinterpret_cast<volatile std::uint32_t*>(at) = value;
  }
  void write_address(field f, std::uint64_t value) noexcept {
    auto* const at = reinterpret_cast<volatile std::uint32_t*>(registers_ + where(f).offset);
    at[0] = static_cast<std::uint32_t>(value);
    at[1] = static_cast<std::uint32_t>(value >> 32);
  }

  volatile std::byte* registers_ = nullptr;
  volatile std::uint16_t* doorbell_ = nullptr;
  virtio::pci_structures structures_{};
  bool is_pci_ = false;
};

struct polled_memory : virtio::direct_memory {};

constinit polled_transport device;
constinit virtio::entropy_memory memory_of_device{};
constinit virtio::entropy_driver<polled_transport, polled_memory> driver;

/// On a machine without PCI: the slots of a microvm, from the last one down, as QEMU fills them.
entropy_device_state find_in_slots() noexcept {
  constexpr unsigned slots = 24;
  volatile void* const first =
      map_device_registers(virtio::microvm_slot(0, 0).address, slots * virtio::mmio_slot::bytes);
  if (!first) return entropy_device_state::absent;
  for (unsigned i = slots; i-- > 0;) {
    volatile void* const registers = static_cast<volatile std::byte*>(first) + i * virtio::mmio_slot::bytes;
    const auto probed = virtio::mmio_transport::probe(registers);
    using presence = virtio::mmio_transport::presence;
    if (probed.what == presence::nothing || probed.device != entropy_kind) continue;
    if (probed.what == presence::legacy) return entropy_device_state::legacy_mmio;
    device.use_slot(registers);
    return entropy_device_state::ready;
  }
  return entropy_device_state::absent;
}

entropy_device_state find_in(pci::config_space& config) noexcept {
  auto result = entropy_device_state::absent;
  pci::for_each_function(config, [&result](const pci::function& f) noexcept {
    if (virtio::device_kind(f) != entropy_kind) return true;
    result = entropy_device_state::broken;
    const auto where = virtio::pci_structures::find(f, unplaced_registers());
    if (where.what == virtio::pci_structures::problem::legacy) result = entropy_device_state::legacy_pci;
    if (where.what != virtio::pci_structures::problem::none) return false;
    f.enable_memory_and_mastering();
    volatile void* const common = map_device_registers(where.common.base, virtio::pci_register::bytes);
    if (!common) return false;
    device.use_function(common, where);
    result = entropy_device_state::ready;
    return false;
  });
  return result;
}

}  // namespace

entropy_device_state start_entropy_device() noexcept {
  pci::port_config_space config;
  const bool has_pci = config.read({}, 0) != ~0u;
  const entropy_device_state found = has_pci ? find_in(config) : find_in_slots();
  if (found != entropy_device_state::ready) return found;
  const std::uint64_t physical = tables().physical(reinterpret_cast<std::uint64_t>(&memory_of_device));
  return driver.start(device, memory_of_device, physical) ? entropy_device_state::ready : entropy_device_state::broken;
}

bool ask_entropy_device(void* data, std::size_t size) noexcept {
  // No clock runs yet. A time stamp counter makes 1 to 5 of these ticks in a nanosecond.
  constexpr std::uint64_t patience = 1ull << 34;
  const std::uint64_t since = cpu::timestamp();
  return driver.fill({static_cast<std::byte*>(data), size}, [since]() noexcept {
    asm volatile("pause");
    return cpu::timestamp() - since < patience;
  });
}

}  // namespace aster::kernel
