// Finds the virtio devices of a machine and starts the ones that are meant.
//
//   std::array<found_network, 8> found;
//   std::size_t n = find_networks(env, slots, found);                         // virtio-mmio
//   n += find_networks(env, config, window, std::span(found).subspan(n));     // virtio-pci
//   if (const auto* device = with_mac(std::span(found).first(n), mac))
//     if (auto nic = start_network(env, *device, net_buffers::for_memory(memory))) use(**nic);
//
// Finding reads registers only; a device is reset when it is started.
#pragma once
#include <array>
#include <cstddef>
#include <expected>
#include <span>

#include "kernel/pci/function.hpp"
#include "kernel/virtio/mmio.hpp"
#include "kernel/virtio/net_driver.hpp"

namespace aster::kernel::virtio {

using mac_address = std::array<std::uint8_t, 6>;

/// A virtio device and how to reach it.
struct found_device {
  enum class place : std::uint8_t { mmio, pci };
  place where = place::mmio;
  const char* obstacle = nullptr;       // why it cannot be started; null: nothing known
  mmio_slot slot{};                     // mmio
  pci::config_space* config = nullptr;  // pci, with `window` and `function`
  pci::free_window* window = nullptr;
  pci::address function{};
};

struct found_network : found_device {
  mac_address mac{};
};

/// The network devices at `slots`; how many were written to `out`. Slots are looked at from the last to the
/// first, the order in which QEMU fills them.
std::size_t find_networks(environment& env, std::span<const mmio_slot> slots, std::span<found_network> out) noexcept;

/// The network devices among the PCI functions. `config` and `window` must outlive what is found.
std::size_t find_networks(environment& env, pci::config_space& config, pci::free_window& window,
                          std::span<found_network> out) noexcept;

/// The device that has `mac`, or null.
const found_network* with_mac(std::span<const found_network> found, const mac_address& mac) noexcept;

/// Starts a device that was found. It lives as long as the image. Otherwise, why not: a clause that follows
/// "the network device …: ".
std::expected<net_driver*, const char*> start_network(environment& env, const found_network& device,
                                                      const net_buffers& buffers) noexcept;

}  // namespace aster::kernel::virtio
