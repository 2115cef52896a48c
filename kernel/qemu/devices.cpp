// A virtual machine's devices as programs see them, and where its CPU sleeps.
#include <array>
#include <cstring>
#include <optional>

#include "kernel/boot_options.hpp"
#include "kernel/panic.hpp"
#include "kernel/qemu/cpu.hpp"
#include "kernel/qemu/machine.hpp"
#include "kernel/qemu/page_tables.hpp"
#include "kernel/qemu/physical_memory.hpp"
#include "kernel/questions.hpp"
#include "kernel/target.hpp"
#include "kernel/thread/thread.hpp"
#include "kernel/virtio/discover.hpp"

namespace aster::kernel {
namespace {

class machine_environment final : public virtio::environment {
 public:
  std::uint64_t physical_address(const void* address) noexcept override {
    return tables().physical(reinterpret_cast<std::uint64_t>(address));
  }
  void* allocate_dma(std::size_t bytes) noexcept override {
    const std::uint64_t frame = frames().allocate_contiguous((bytes + 4095) / 4096);
    return frame ? reinterpret_cast<void*>(frame + frames().offset) : nullptr;
  }
  volatile void* map_registers(std::uint64_t physical, std::size_t bytes) noexcept override {
    return map_device_registers(physical, bytes);
  }
  bool connect_line(unsigned gsi, virtio::interrupt_handler handler, void* argument) noexcept override {
    const unsigned vector = allocate_vector(handler, argument);
    return vector != 0 && connect_interrupt_line(gsi, vector, true);
  }
  std::optional<virtio::interrupt_message> connect_message(virtio::interrupt_handler handler,
                                                           void* argument) noexcept override {
    const unsigned vector = allocate_vector(handler, argument);
    if (vector == 0) return std::nullopt;
    return virtio::interrupt_message{0xfee00000u | local_apic_id() << 12, vector};
  }
  void note(std::string_view line) noexcept override { kernel::note(line); }
};

constexpr std::size_t found_limit = abi::device_limit * 2;

constinit machine_environment environment;
constinit pci::port_config_space config;
constinit std::array<virtio::found_network, found_limit> found{};
constinit std::size_t found_count = 0;
constinit bool looked = false;
constinit std::array<virtio::net_driver*, abi::device_limit> drivers{};
constinit bool interrupts_started = false, stop_requested = false;

void start_sleeping() noexcept {
  if (interrupts_started) return;
  interrupts_started = true;
  start_interrupts();
  start_power_button();
  const unsigned vector = allocate_vector([](void*) {}, nullptr);
  constexpr unsigned serial_line = 4;
  connect_interrupt_line(serial_line, vector, false);
}

void look_for_devices() noexcept {
  if (looked) return;
  looked = true;
  start_sleeping();
  if (config.read({}, 0) != 0xffffffff) {
    found_count = virtio::find_networks(environment, config, unplaced_registers(), found);
    return;
  }
  // A machine without PCI: the slots of a microvm. With a second I/O APIC it has 24 of them.
  const auto* const second = static_cast<volatile std::uint32_t*>(map_device_registers(0xfec10000, 32));
  bool many = false;
  if (second) {
    auto* const registers = const_cast<volatile std::uint32_t*>(second);
    registers[0] = 1;
    many = registers[4] != 0 && registers[4] != 0xffffffff;
  }
  std::array<virtio::mmio_slot, 24> slots;
  const unsigned count = many ? 24 : 8;
  const unsigned first_line = many ? 24 : has_acpi ? 16 : 5;
  for (unsigned i = 0; i < count; ++i) slots[i] = virtio::microvm_slot(i, first_line);
  found_count = virtio::find_networks(environment, std::span{slots}.first(count), found);
}

abi::net_device* network(const char* name) noexcept {
  for (std::size_t i = 0; i < options().network_count; ++i) {
    const network_option& option = options().networks[i];
    if (std::strcmp(option.name, name) != 0) continue;
    if (drivers[i]) return drivers[i];
    look_for_devices();
    const auto* const device = virtio::with_mac(std::span{found}.first(found_count), option.mac);
    if (!device)
      refuse("no virtio network device has the address that the boot line gives to", name,
             abi::exit_bad_boot);
    const std::uint64_t memory = frames().free_frames() * 4096;
    const auto started = virtio::start_network(environment, *device, virtio::net_buffers::for_memory(memory));
    if (!started) refuse("the network device does not start", started.error(), abi::exit_bad_boot);
    (*started)->set_configuration(option.configuration ? option.configuration : "", option.mtu);
    return drivers[i] = *started;
  }
  return nullptr;
}

/// A press of the button ends the wait it comes in, and no later one.
bool asked_to_stop() noexcept {
  if (stop_requested || !power_button_pressed()) return false;
  return stop_requested = threads().shutdown_wanted = true;
}

void sleep_until(std::uint64_t deadline) noexcept {
  if (deadline != abi::never) {
    const std::uint64_t now = clock_monotonic();
    if (deadline <= now) return cpu::take_interrupts();
    arm_timer(deadline - now);
  }
  cpu::sleep();  // a timer that still runs from an earlier sleep may end this one for no reason: once
}

}  // namespace

void qemu_listen() noexcept {
  start_sleeping();
  const unsigned vector = allocate_vector([](void*) { questions().arrived(); }, nullptr);
  constexpr unsigned serial_line = 3;
  if (vector != 0 && connect_interrupt_line(serial_line, vector, false)) serial_control_watch();
}

void qemu_idle(std::uint64_t deadline, bool want_console) noexcept {
  start_sleeping();
  if (deadline == 0) {  // a look only; the caller has no use for its vector registers, or has saved them
    for (auto* const driver : drivers) {
      if (driver) driver->flush();
    }
    cpu::take_interrupts();
    asked_to_stop();
    return;
  }
  // A system call may have led here, and its caller keeps values in vector registers: drivers use them too.
  alignas(64) static std::uint8_t vectors[sizeof(thread::vectors)];
  save_vectors(vectors);
  // Whoever waits for the console has found it empty, and input since then has raised its interrupt: if that
  // has been taken, whatever took it has woken everybody who waits.
  if (want_console) serial_watch();
  bool pending = false;
  for (auto* const driver : drivers) {
    if (driver) pending |= driver->arm();
  }
  if (pending || asked_to_stop())
    cpu::take_interrupts();
  else
    sleep_until(deadline);
  for (auto* const driver : drivers) {
    if (driver) driver->disarm();
  }
  asked_to_stop();
  load_vectors(vectors);
}

constinit const abi::platform qemu_platform{
    .target = abi::target::qemu,
    .monotonic = clock_monotonic,
    .wall = clock_wall,
    .wait = [](std::uint64_t deadline) noexcept { threads().block(deadline, true); },
    .shutdown_requested = []() noexcept { return stop_requested; },
    .fill_entropy = fill_entropy,
    .network = network,
    .note = [](const char* text, std::size_t size) noexcept { note({text, size}); },
    .question = [](char* out) noexcept { return questions().take(out); },
    .answer = answer,
};

}  // namespace aster::kernel
