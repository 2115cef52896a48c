#include "kernel/virtio/pci_transport.hpp"

#include "kernel/virtio/registers.hpp"

namespace aster::kernel::virtio {
namespace {

using namespace pci_register;

constexpr std::uint16_t no_vector = 0xffff;
constexpr std::uint16_t our_vector = 0;  // all queues share one: there is one processor to interrupt

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

std::expected<pci_transport, pci_transport::open_error> pci_transport::open(environment& env, const pci::function& f,
                                                                            pci::free_window& window) noexcept {
  const auto found = pci_structures::find(f, window);
  switch (found.what) {
    case pci_structures::problem::none: break;
    case pci_structures::problem::legacy: return std::unexpected(open_error::legacy);
    case pci_structures::problem::bad_capabilities: return std::unexpected(open_error::bad_capabilities);
  }
  const auto messages = pci::msix::find(f, window);
  if (!messages) return std::unexpected(open_error::no_message_interrupts);

  f.enable_memory_and_mastering();
  pci_transport opened(env, f, *messages);
  opened.common_ = static_cast<volatile std::byte*>(env.map_registers(found.common.base, pci_register::bytes));
  if (opened.common_ == nullptr) return std::unexpected(open_error::not_mapped);
  if (found.device) {
    opened.device_bytes_ = static_cast<std::size_t>(found.device->bytes < 256 ? found.device->bytes : 256);
    opened.device_ = static_cast<volatile std::byte*>(env.map_registers(found.device->base, opened.device_bytes_));
    if (opened.device_ == nullptr) return std::unexpected(open_error::not_mapped);
  }
  opened.structures_ = found;
  return opened;
}

void pci_transport::write_address(std::size_t offset, std::uint64_t value) noexcept {
  write(offset, static_cast<std::uint32_t>(value));  // §4.1.3.1: 64-bit fields in two halves
  write(offset + 4, static_cast<std::uint32_t>(value >> 32));
}

std::uint8_t pci_transport::status() noexcept { return read<std::uint8_t>(pci_register::device_status); }

void pci_transport::set_status(std::uint8_t status) noexcept { write(pci_register::device_status, status); }

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
  const auto doorbell = structures_.doorbell(read<std::uint16_t>(queue_notify_offset));
  if (!doorbell) return false;
  auto* mapped = env_->map_registers(*doorbell, 2);
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
