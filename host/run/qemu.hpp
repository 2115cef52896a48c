// The command line of QEMU for an image, and the little of its machine protocol that asks a machine to power
// down.
#pragma once
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/run/attachment.hpp"
#include "host/run/run_target.hpp"

namespace aster::host {

struct qemu_machine {
  run_target target = run_target::qemu_microvm;  // or qemu_q35
  bool kvm = false;
  std::uint64_t memory = 0;  // bytes
  std::filesystem::path image;
  std::string boot_line;
  std::span<const attached_device> devices;
  struct cable {
    int descriptor =
        -1;  // in QEMU, of a tap or a socket that carries the frames; -1: QEMU's user-mode network
    bool is_socket = false;  // each message is a frame
  };
  std::vector<cable> cables;  // per device
  int control = -1;           // descriptor (a connected stream socket) that the second serial port becomes
  int monitor = -1;           // … and the one that speaks QMP
};

/// Arguments for qemu-system-x86_64, its own name first.
std::vector<std::string> qemu_arguments(const qemu_machine& machine);

/// Lines to send to the monitor: the first opens the conversation, the second presses the power button.
inline constexpr std::string_view qmp_open = "{\"execute\":\"qmp_capabilities\"}\n";
inline constexpr std::string_view qmp_power_button = "{\"execute\":\"system_powerdown\"}\n";

/// What the first page of memory, the firmware and the boot path's tables need besides the image.
inline constexpr std::uint64_t qemu_memory_overhead = 4u << 20;

}  // namespace aster::host
