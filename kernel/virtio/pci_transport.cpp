#include "kernel/virtio/pci_transport.hpp"

namespace aster::kernel::virtio {
namespace {

constexpr std::uint16_t virtio_vendor = 0x1af4;
constexpr std::uint16_t first_transitional = 0x1000, last_transitional = 0x103f;
constexpr std::uint16_t first_modern = 0x1040, last_modern = 0x107f;

constexpr std::uint8_t vendor_capability = 0x09;
enum : std::uint8_t { common_structure = 1, notify_structure = 2, device_structure = 4 };  // §4.1.4

enum : std::size_t {  // §4.1.4.3
  device_feature_select = 0x00,
  device_feature = 0x04,
  driver_feature_select = 0x08,
  driver_feature = 0x0c,
  config_msix_vector = 0x10,
  device_status_register = 0x14,
  config_generation = 0x15,
  queue_select = 0x16,
  queue_size = 0x18,
  queue_msix_vector = 0x1a,
  queue_enable = 0x1c,
  queue_notify_offset = 0x1e,
  queue_descriptors = 0x20,
  queue_driver = 0x28,
  queue_device = 0x30,
  common_bytes = 0x38,
};
constexpr std::uint16_t no_vector = 0xffff;
constexpr std::uint16_t our_vector = 0;  // all queues share one: there is one processor to interrupt

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

const char* pci_transport::to_string(open_error error) noexcept {
  switch (error) {
    case open_error::legacy: return "it is a legacy device (QEMU: leave out disable-modern=on)";
    case open_error::no_message_interrupts: return "it has no usable MSI-X (QEMU: leave out vectors=0)";
    case open_error::bad_capabilities: return "its capabilities point outside its memory";
    case open_error::not_mapped: return "its registers cannot be mapped";
  }
  return "unknown";
}

std::uint32_t pci_transport::device_kind(const pci::function& f) noexcept {
  if (f.vendor() != virtio_vendor) return 0;
  const std::uint16_t id = f.device();
  if (id >= first_modern && id <= last_modern) return id - first_modern;
  if (id >= first_transitional && id <= last_transitional) return f.read16(0x2e);  // subsystem id, §4.1.2.3
  return 0;
}

std::expected<pci_transport, pci_transport::open_error> pci_transport::open(environment& env, const pci::function& f,
                                                                            pci::free_window& window) noexcept {
  regions memory(f, window);
  std::optional<pci::region> common, notify, device;
  std::uint32_t multiplier = 0;
  bool misplaced = false;
  f.for_each_capability([&](pci::capability c) {
    if (c.id != vendor_capability || c.offset > 0xf0) return true;
    const auto at = [&](unsigned field) { return static_cast<std::uint8_t>(c.offset + field); };
    const std::uint8_t kind = f.read8(at(3));
    auto* const place = kind == common_structure   ? &common
                        : kind == notify_structure ? &notify
                        : kind == device_structure ? &device
                                                   : nullptr;
    if (place == nullptr || place->has_value()) return true;  // the first of a kind is the preferred one
    *place = memory.part(f.read8(at(4)), f.read32(at(8)), f.read32(at(12)));
    misplaced |= !place->has_value();
    if (kind == notify_structure && c.offset <= 0xec) multiplier = f.read32(at(16));
    return true;
  });
  if (!common && !misplaced) return std::unexpected(open_error::legacy);
  if (!common || common->bytes < common_bytes || !notify) return std::unexpected(open_error::bad_capabilities);
  const auto messages = pci::msix::find(f, window);
  if (!messages) return std::unexpected(open_error::no_message_interrupts);

  f.enable_memory_and_mastering();
  pci_transport opened(env, f, *messages);
  opened.common_ = static_cast<volatile std::byte*>(env.map_registers(common->base, common_bytes));
  if (opened.common_ == nullptr) return std::unexpected(open_error::not_mapped);
  if (device) {
    opened.device_bytes_ = static_cast<std::size_t>(device->bytes < 256 ? device->bytes : 256);
    opened.device_ = static_cast<volatile std::byte*>(env.map_registers(device->base, opened.device_bytes_));
    if (opened.device_ == nullptr) return std::unexpected(open_error::not_mapped);
  }
  opened.notify_ = *notify;
  opened.notify_multiplier_ = multiplier;
  return opened;
}

void pci_transport::write_address(std::size_t offset, std::uint64_t value) noexcept {
  write(offset, static_cast<std::uint32_t>(value));  // §4.1.3.1: 64-bit fields in two halves
  write(offset + 4, static_cast<std::uint32_t>(value >> 32));
}

std::uint8_t pci_transport::status() noexcept { return read<std::uint8_t>(device_status_register); }

void pci_transport::set_status(std::uint8_t status) noexcept { write(device_status_register, status); }

std::uint64_t pci_transport::offered_features() noexcept {
  write<std::uint32_t>(device_feature_select, 0);
  const std::uint64_t low = read<std::uint32_t>(device_feature);
  write<std::uint32_t>(device_feature_select, 1);
  return low | std::uint64_t{read<std::uint32_t>(device_feature)} << 32;
}

void pci_transport::accept_features(std::uint64_t features) noexcept {
  write<std::uint32_t>(driver_feature_select, 0);
  write(driver_feature, static_cast<std::uint32_t>(features));
  write<std::uint32_t>(driver_feature_select, 1);
  write(driver_feature, static_cast<std::uint32_t>(features >> 32));
}

std::uint8_t pci_transport::configuration8(std::size_t offset) noexcept {
  return offset < device_bytes_ ? static_cast<std::uint8_t>(device_[offset]) : std::uint8_t{0};
}

std::uint16_t pci_transport::configuration16(std::size_t offset) noexcept {
  if (offset + 2 > device_bytes_) return 0;
  return *reinterpret_cast<volatile std::uint16_t*>(device_ + offset);
}

std::uint32_t pci_transport::configuration_generation() noexcept { return read<std::uint8_t>(config_generation); }

std::uint16_t pci_transport::largest_queue(std::uint16_t index) noexcept {
  if (index >= most_queues) return 0;
  write(queue_select, index);
  if (read<std::uint16_t>(queue_enable) != 0) return 0;
  return read<std::uint16_t>(queue_size);
}

bool pci_transport::connect_interrupt(interrupt_handler handler, void* argument) noexcept {
  const auto table = messages_.table();
  volatile void* entries = env_->map_registers(table.base, static_cast<std::size_t>(table.bytes));
  const auto message = env_->connect_message(handler, argument);
  if (entries == nullptr || !message) return false;
  pci::msix::write(entries, our_vector, message->address, message->data);
  messages_.enable();
  write(config_msix_vector, no_vector);  // a link's state is read from its register
  has_interrupt_ = true;
  return true;
}

bool pci_transport::enable_queue(std::uint16_t index, std::uint16_t size, const queue_addresses& at) noexcept {
  write(queue_select, index);
  const std::uint64_t doorbell = std::uint64_t{read<std::uint16_t>(queue_notify_offset)} * notify_multiplier_;
  if (notify_.bytes < 2 || doorbell > notify_.bytes - 2 || doorbell % 2 != 0) return false;
  auto* mapped = env_->map_registers(notify_.base + doorbell, 2);
  if (mapped == nullptr) return false;
  doorbells_[index] = static_cast<volatile std::uint16_t*>(mapped);

  if (has_interrupt_) {
    write(queue_msix_vector, our_vector);
    if (read<std::uint16_t>(queue_msix_vector) != our_vector) return false;  // §4.1.5.1.2: it has no room for it
  }
  write(queue_size, size);
  write_address(queue_descriptors, at.descriptors);
  write_address(queue_driver, at.available);
  write_address(queue_device, at.used);
  write<std::uint16_t>(queue_enable, 1);
  return true;
}

void pci_transport::notify(std::uint16_t index) noexcept { *doorbells_[index] = index; }

}  // namespace aster::kernel::virtio
