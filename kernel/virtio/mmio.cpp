#include "kernel/virtio/mmio.hpp"

#include <charconv>

namespace aster::kernel::virtio {
namespace {

using namespace mmio_register;

constexpr std::uint32_t queue_event = 1, configuration_event = 2;

// A number as Linux writes it on its command line: decimal, or hexadecimal after 0x; for sizes also 4K.
std::optional<std::uint64_t> take_number(std::string_view& text) noexcept {
  int base = 10;
  if (text.starts_with("0x")) {
    base = 16;
    text.remove_prefix(2);
  }
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

bool take(std::string_view& text, char c) noexcept {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::optional<mmio_slot> mmio_slot::parse(std::string_view text) noexcept {
  auto size = take_number(text);
  if (!size) return std::nullopt;
  const unsigned shift = take(text, 'K') || take(text, 'k') ? 10 : take(text, 'M') || take(text, 'm') ? 20 : 0;
  if (*size > (std::uint64_t{1} << 40)) return std::nullopt;
  *size <<= shift;
  if (*size < bytes || !take(text, '@')) return std::nullopt;
  const auto address = take_number(text);
  if (!address || *address % 4 != 0 || !take(text, ':')) return std::nullopt;
  const auto line = take_number(text);
  if (!line || *line > 255 || !text.empty()) return std::nullopt;
  return mmio_slot{*address, static_cast<unsigned>(*line)};
}

std::uint32_t mmio_transport::read(std::size_t offset) const noexcept { return read_mmio_register(registers_, offset); }

void mmio_transport::write(std::size_t offset, std::uint32_t value) noexcept {
  *reinterpret_cast<volatile std::uint32_t*>(registers_ + offset) = value;
}

void mmio_transport::write_address(std::size_t offset, std::uint64_t value) noexcept {
  write(offset, static_cast<std::uint32_t>(value));
  write(offset + 4, static_cast<std::uint32_t>(value >> 32));
}

std::uint8_t mmio_transport::status() noexcept { return static_cast<std::uint8_t>(read(mmio_register::device_status)); }

void mmio_transport::set_status(std::uint8_t status) noexcept { write(mmio_register::device_status, status); }

std::uint64_t mmio_transport::offered_features() noexcept {
  write(device_features_select, 0);
  const std::uint64_t low = read(device_features);
  write(device_features_select, 1);
  return low | std::uint64_t{read(device_features)} << 32;
}

void mmio_transport::accept_features(std::uint64_t features) noexcept {
  write(driver_features_select, 0);
  write(driver_features, static_cast<std::uint32_t>(features));
  write(driver_features_select, 1);
  write(driver_features, static_cast<std::uint32_t>(features >> 32));
}

std::uint8_t mmio_transport::configuration8(std::size_t offset) noexcept {
  return offset < mmio_slot::bytes - config ? static_cast<std::uint8_t>(registers_[config + offset]) : std::uint8_t{0};
}

std::uint16_t mmio_transport::configuration16(std::size_t offset) noexcept {
  if (offset + 2 > mmio_slot::bytes - config) return 0;
  return *reinterpret_cast<volatile std::uint16_t*>(registers_ + config + offset);
}

std::uint32_t mmio_transport::configuration_generation() noexcept { return read(config_generation); }

std::uint16_t mmio_transport::largest_queue(std::uint16_t index) noexcept {
  write(queue_select, index);
  if (read(queue_ready) != 0) return 0;  // §4.2.3.2: only a queue that is not in use may be set up
  const std::uint32_t size = read(queue_size_max);
  return static_cast<std::uint16_t>(size < 32768 ? size : 32768);
}

bool mmio_transport::enable_queue(std::uint16_t index, std::uint16_t size, const queue_addresses& at) noexcept {
  write(queue_select, index);
  write(queue_size, size);
  write_address(queue_descriptors, at.descriptors);
  write_address(queue_driver, at.available);
  write_address(queue_device, at.used);
  write(queue_ready, 1);
  return read(queue_ready) == 1;
}

bool mmio_transport::connect_interrupt(interrupt_handler handler, void* argument) noexcept {
  handler_ = handler;
  argument_ = argument;
  return env_.connect_line(slot_.line, interrupt, this);
}

// The line is level triggered and stays up until it is acknowledged. Both events are acknowledged without
// reading which one it was, which saves an exit: the driver looks at its rings after this, and a link's state
// is read from its register whenever somebody asks.
void mmio_transport::interrupt(void* self) noexcept {
  auto& transport = *static_cast<mmio_transport*>(self);
  transport.write(interrupt_acknowledge, queue_event | configuration_event);
  transport.handler_(transport.argument_);
}

void mmio_transport::notify(std::uint16_t index) noexcept { write(queue_notify, index); }

}  // namespace aster::kernel::virtio
