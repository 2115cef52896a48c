#include "kernel/virtio/discover.hpp"

#include <new>
#include <utility>

#include "kernel/virtio/pci_transport.hpp"

namespace aster::kernel::virtio {
namespace {

constexpr std::uint32_t network_kind = 1;  // virtio 1.2, §5
constexpr const char* legacy_mmio =
    "it is a legacy virtio-mmio device (QEMU: add -global virtio-mmio.force-legacy=false)";
constexpr const char* unmapped = "its registers cannot be mapped";

mac_address read_mac(transport& device) noexcept {
  mac_address mac;
  for (std::size_t i = 0; i < mac.size(); ++i) mac[i] = device.configuration8(i);
  return mac;
}

// Calls `visit(found_device, registers)` for the devices of `kind`, until it returns false.
template <class Visitor>
void for_each_at(environment& env, std::span<const mmio_slot> slots, std::uint32_t kind, Visitor&& visit) noexcept {
  for (std::size_t i = slots.size(); i-- > 0;) {
    volatile void* registers = env.map_registers(slots[i].address, mmio_slot::bytes);
    if (registers == nullptr) continue;
    const auto probed = mmio_transport::probe(registers);
    if (probed.what == mmio_transport::presence::nothing || probed.device != kind) continue;
    const bool legacy = probed.what == mmio_transport::presence::legacy;
    found_device found{.obstacle = legacy ? legacy_mmio : nullptr, .slot = slots[i]};
    if (!visit(found, registers)) return;
  }
}

// The same among PCI functions, with `visit(found_device, function)`.
template <class Visitor>
void for_each_in(pci::config_space& config, pci::free_window& window, std::uint32_t kind, Visitor&& visit) noexcept {
  pci::for_each_function(config, [&](const pci::function& f) {
    if (device_kind(f) != kind) return true;
    found_device found{
        .where = found_device::place::pci, .config = &config, .window = &window, .function = f.at()};
    return visit(found, f);
  });
}

// A driver with the transport that it uses. Never freed: interrupts and the device itself refer to them.
template <class Driver, class Transport>
struct reached {
  reached(environment& env, Transport&& device) noexcept : by(std::move(device)), driver(by, env) {}
  Transport by;
  Driver driver;
};

template <class Driver, class Transport, class... Options>
std::expected<Driver*, const char*> start_on(environment& env, Transport&& device, const Options&... options) noexcept {
  auto* made = new (std::nothrow) reached<Driver, Transport>(env, std::move(device));
  if (made == nullptr) return std::unexpected(to_string(start_error::no_memory));
  if (const auto started = made->driver.start(options...); !started) return std::unexpected(to_string(started.error()));
  return &made->driver;
}

template <class Driver, class... Options>
std::expected<Driver*, const char*> start(environment& env, const found_device& device,
                                          const Options&... options) noexcept {
  if (device.obstacle != nullptr) return std::unexpected(device.obstacle);
  switch (device.where) {
    case found_device::place::mmio: {
      volatile void* registers = env.map_registers(device.slot.address, mmio_slot::bytes);
      if (registers == nullptr) return std::unexpected(unmapped);
      return start_on<Driver>(env, mmio_transport(env, device.slot, registers), options...);
    }
    case found_device::place::pci: {
      auto opened = pci_transport::open(env, pci::function(*device.config, device.function), *device.window);
      if (!opened) return std::unexpected(pci_transport::to_string(opened.error()));
      return start_on<Driver>(env, std::move(*opened), options...);
    }
  }
  return std::unexpected("unknown");
}

}  // namespace

std::size_t find_networks(environment& env, std::span<const mmio_slot> slots, std::span<found_network> out) noexcept {
  std::size_t n = 0;
  for_each_at(env, slots, network_kind, [&](const found_device& found, volatile void* registers) {
    if (n == out.size()) return false;
    mmio_transport device(env, found.slot, registers);
    out[n++] = {found, read_mac(device)};
    return true;
  });
  return n;
}

std::size_t find_networks(environment& env, pci::config_space& config, pci::free_window& window,
                          std::span<found_network> out) noexcept {
  std::size_t n = 0;
  for_each_in(config, window, network_kind, [&](const found_device& found, const pci::function& f) {
    if (n == out.size()) return false;
    auto& network = out[n++] = {found, {}};
    if (auto device = pci_transport::open(env, f, window)) network.mac = read_mac(*device);
    else network.obstacle = pci_transport::to_string(device.error());
    return true;
  });
  return n;
}

const found_network* with_mac(std::span<const found_network> found, const mac_address& mac) noexcept {
  for (const auto& device : found)
    if (device.mac == mac) return &device;
  return nullptr;
}

std::expected<net_driver*, const char*> start_network(environment& env, const found_network& device,
                                                      const net_buffers& buffers) noexcept {
  return start<net_driver>(env, device, buffers);
}

}  // namespace aster::kernel::virtio
