#include "host/run/qemu.hpp"

#include <format>

#include "host/run/boot_line.hpp"

namespace aster::host {
namespace {

std::string network_backend(const attached_device& device, std::size_t index, qemu_machine::cable cable) {
  if (cable.is_socket) return std::format("dgram,id=n{},local.type=fd,local.str={}", index, cable.descriptor);
  if (cable.descriptor >= 0) return std::format("tap,id=n{},fd={}", index, cable.descriptor);
  std::string backend = std::format("user,id=n{},net=10.0.{}.0/24", index, 2 + device.network);
  for (const port_forward& forward : device.ports) {
    const auto* const a = reinterpret_cast<const std::uint8_t*>(&forward.address);
    backend += std::format(",hostfwd={}:{}.{}.{}.{}:{}-:{}", forward.udp ? "udp" : "tcp", a[0], a[1], a[2],
                           a[3], forward.host_port, forward.guest_port);
  }
  return backend;
}

}  // namespace

std::vector<std::string> qemu_arguments(const qemu_machine& m) {
  const bool microvm = m.target == run_target::qemu_microvm;
  std::vector<std::string> all{"qemu-system-x86_64"};
  const auto add = [&all](auto... words) { (all.emplace_back(words), ...); };

  // auto-kernel-cmdline=off: the image finds its devices itself, and the boot line stays ours.
  add("-M", microvm ? "microvm,isa-serial=on,rtc=on,auto-kernel-cmdline=off" : "q35");
  add("-accel", m.kvm ? "kvm" : "tcg");
  // Where KVM itself runs in a virtual machine, this register may be readable and not writable, and QEMU
  // aborts; no image reads it.
  add("-cpu", m.kvm ? "max,arch-capabilities=off" : "max");
  add("-m", std::format("{}k", m.memory / 1024));
  add("-kernel", m.image.string());
  add("-append", m.boot_line);
  // Nothing but what is named here.
  add("-nodefaults", "-no-user-config", "-no-reboot", "-display", "none");
  if (!microvm) add("-vga", "none");
  // QEMU itself may start nothing and gain nothing, whatever an image makes it do.
  add("-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny");

  add("-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console");
  add("-chardev", std::format("socket,id=control,fd={}", m.control));
  add("-device", "isa-serial,iobase=0x2f8,irq=3,chardev=control");
  add("-chardev", std::format("socket,id=monitor,fd={}", m.monitor), "-mon", "chardev=monitor,mode=control");
  add("-device", "isa-debug-exit,iobase=0xf4,iosize=4");

  if (microvm) add("-global", "virtio-mmio.force-legacy=false");
  for (std::size_t i = 0; i < m.devices.size(); ++i) {
    add("-netdev", network_backend(m.devices[i], i, m.cables[i]));
    const std::string mtu = m.devices[i].mtu == 1500 ? "" : std::format(",host_mtu={}", m.devices[i].mtu);
    add("-device", std::format("{},netdev=n{},mac={}{}",
                               microvm ? "virtio-net-device" : "virtio-net-pci,disable-legacy=on,romfile=", i,
                               to_string(m.devices[i].mac), mtu));
  }
  return all;
}

}  // namespace aster::host
