#include "kernel/virtio/discover.hpp"

#include <new>
#include <utility>

#include "kernel/virtio/pci_transport.hpp"

namespace aster::kernel::virtio {
namespace {

constexpr std::uint32_t network_kind = 1;  // virtio 1.2, §5.1.1
constexpr const char* legacy_mmio =
    "it is a legacy virtio-mmio device (QEMU: add -global virtio-mmio.force-legacy=false)";

mac_address read_mac(transport& device) noexcept {
  mac_address mac;
  for (std::size_t i = 0; i < mac.size(); ++i) mac[i] = device.configuration8(i);
  return mac;
}

template <class Transport>
struct network {
  network(environment& env, Transport&& device) noexcept : reached_by(std::move(device)), driver(reached_by, env) {}
  Transport reached_by;
  net_driver driver;
};

template <class Transport>
std::expected<net_driver*, const char*> start(environment& env, Transport&& device,
                                              const net_buffers& buffers) noexcept {
  auto* made = new (std::nothrow) network<Transport>(env, std::move(device));
  if (made == nullptr) return std::unexpected(to_string(start_error::no_memory));
  if (const auto started = made->driver.start(buffers); !started) return std::unexpected(to_string(started.error()));
  return &made->driver;  // never freed: interrupts and the device itself refer to it from now on
}

}  // namespace

std::size_t find_networks(environment& env, std::span<const mmio_slot> slots, std::span<found_network> out) noexcept {
  std::size_t n = 0;
  for (std::size_t i = slots.size(); i-- > 0 && n < out.size();) {
    volatile void* registers = env.map_registers(slots[i].address, mmio_slot::bytes);
    if (registers == nullptr) continue;
    const auto probed = mmio_transport::probe(registers);
    if (probed.what == mmio_transport::presence::nothing || probed.device != network_kind) continue;
    mmio_transport device(env, slots[i], registers);
    out[n++] = {.where = found_network::place::mmio,
                .mac = read_mac(device),
                .obstacle = probed.what == mmio_transport::presence::legacy ? legacy_mmio : nullptr,
                .slot = slots[i]};
  }
  return n;
}

std::size_t find_networks(environment& env, pci::config_space& config, pci::free_window& window,
                          std::span<found_network> out) noexcept {
  std::size_t n = 0;
  pci::for_each_function(config, [&](const pci::function& f) {
    if (n == out.size()) return false;
    if (pci_transport::device_kind(f) != network_kind) return true;
    auto& found = out[n++];
    found = {.where = found_network::place::pci, .config = &config, .window = &window, .function = f.at()};
    if (auto device = pci_transport::open(env, f, window)) found.mac = read_mac(*device);
    else found.obstacle = pci_transport::to_string(device.error());
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
  if (device.obstacle != nullptr) return std::unexpected(device.obstacle);
  switch (device.where) {
    case found_network::place::mmio: {
      volatile void* registers = env.map_registers(device.slot.address, mmio_slot::bytes);
      if (registers == nullptr) return std::unexpected("its registers cannot be mapped");
      return start(env, mmio_transport(env, device.slot, registers), buffers);
    }
    case found_network::place::pci: {
      auto opened = pci_transport::open(env, pci::function(*device.config, device.function), *device.window);
      if (!opened) return std::unexpected(pci_transport::to_string(opened.error()));
      return start(env, std::move(*opened), buffers);
    }
  }
  return std::unexpected("unknown");
}

}  // namespace aster::kernel::virtio
