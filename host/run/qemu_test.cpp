#include "host/run/qemu.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>

#include <algorithm>

namespace {

using namespace aster::host;

std::string joined(const qemu_machine& machine) {
  std::string line;
  for (const std::string& word : qemu_arguments(machine)) line += word + ' ';
  return line;
}

struct fixture {
  std::vector<attached_device> devices{{.name = "service", .tap = {}, .configuration = {}, .ports = {}}};
  qemu_machine machine{.kvm = false,
                       .memory = 64u << 20,
                       .image = "build/hello",
                       .boot_line = "arg=hello control=3",
                       .devices = {},
                       .cables = {{}},
                       .control = 3,
                       .monitor = 4};
  fixture() {
    devices[0].mac = {0x52, 0x54, 0, 0x12, 0x34, 0x56};
    devices[0].ports.push_back(*parse_port_forward("8080:80"));
    devices[0].ports.push_back(*parse_port_forward("0.0.0.0:53:53/udp"));
    machine.devices = devices;
  }
};

TEST_CASE_FIXTURE(fixture, "a microvm has its device on virtio-mmio, modern, with its ports") {
  const std::string line = joined(machine);
  CHECK(line.contains("-M microvm,isa-serial=on"));
  CHECK(line.contains("-accel tcg -cpu max -m 65536k -kernel build/hello -append arg=hello control=3 "));
  CHECK(line.contains("-global virtio-mmio.force-legacy=false"));
  CHECK(line.contains(
      "-netdev user,id=n0,net=10.0.2.0/24,hostfwd=tcp:127.0.0.1:8080-:80,hostfwd=udp:0.0.0.0:53-:53 "));
  CHECK(line.contains("-device virtio-net-device,netdev=n0,mac=52:54:00:12:34:56"));
}

TEST_CASE_FIXTURE(fixture, "a q35 has it on virtio-pci, modern") {
  machine.target = run_target::qemu_q35;
  machine.kvm = true;
  const std::string line = joined(machine);
  CHECK(line.contains("-M q35 -accel kvm"));
  CHECK(line.contains("-device virtio-net-pci,disable-legacy=on,romfile=,netdev=n0,mac=52:54:00:12:34:56"));
  CHECK(!line.contains("virtio-mmio"));
}

TEST_CASE_FIXTURE(fixture, "a tap is handed over open") {
  machine.cables = {{.descriptor = 5}};
  CHECK(joined(machine).contains("-netdev tap,id=n0,fd=5 "));
}

TEST_CASE_FIXTURE(fixture, "a wire that is recorded is a socket of frames") {
  machine.cables = {{.descriptor = 5, .is_socket = true}};
  CHECK(joined(machine).contains("-netdev dgram,id=n0,local.type=fd,local.str=5 "));
}

}  // namespace
