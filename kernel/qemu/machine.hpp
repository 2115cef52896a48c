// The parts of a virtual machine that the qemu target is made of. Each is a file of its own.
#pragma once
#include <cstddef>
#include <cstdint>

#include "abi/platform.hpp"
#include "kernel/pci/function.hpp"

namespace aster::kernel {

// layout.cpp: where things lie. Every region has a random place, in a 512 GiB slot of its own.
struct memory_layout {
  std::uint64_t image, physmap, window, window_end, registers;
};
extern constinit memory_layout layout;

// boot.cpp
/// Whether the firmware has described the machine by ACPI tables.
extern constinit bool has_acpi;

// entropy.cpp
/// Chooses the machine's source; refuses to start where there is none. Device registers can be mapped
/// already.
void start_entropy() noexcept;
/// To be called once the image and the device registers lie at their random addresses.
void entropy_has_moved() noexcept;
void fill_entropy(void* data, std::size_t size) noexcept;

// serial.cpp: COM1 is the console, COM2 the control channel (abi/control.hpp).
void serial_write(const char* text, std::size_t size) noexcept;
void serial_control(const char* text, std::size_t size) noexcept;
void serial_drain() noexcept;  // waits until all of it has left: a machine switched off forgets the rest
long serial_read(char* out, std::size_t size) noexcept;
bool serial_readable() noexcept;
void serial_watch() noexcept;  // from now on, an interrupt when input arrives
long serial_control_read(char* out, std::size_t size) noexcept;
void serial_control_watch() noexcept;

// traps.cpp: descriptor tables, exceptions, system calls.
void start_traps() noexcept;
using interrupt_handler = void (*)(void* argument);
/// A vector that runs `handler`; 0 when none is left.
unsigned allocate_vector(interrupt_handler handler, void* argument) noexcept;

// interrupts.cpp: local APIC, I/O APICs, the legacy controllers.
void start_interrupts() noexcept;
/// Routes a line to a vector; false when no I/O APIC has it.
bool connect_interrupt_line(unsigned gsi, unsigned vector, bool level) noexcept;
unsigned local_apic_id() noexcept;
void end_of_interrupt() noexcept;
/// Fires the timer vector once after `nanoseconds` (clipped to what the timer can count), unless it is armed
/// anew.
void arm_timer(std::uint64_t nanoseconds) noexcept;
/// Lets the timer run freely for 4 seconds, to measure the time stamp counter against it.
void start_reference() noexcept;
/// Nanoseconds since `start_reference`; ~0 when it ran out or serves another purpose.
std::uint64_t reference_elapsed() noexcept;

// clock.cpp
void start_clock() noexcept;
std::uint64_t clock_monotonic() noexcept;
std::int64_t clock_wall() noexcept;
/// The reference timer is about to be used for something else.
void clock_lose_reference() noexcept;

// power.cpp
/// From here on a press is kept until somebody listens: q35 drops one that comes while the button is not
/// enabled.
void keep_power_button() noexcept;
void start_power_button() noexcept;
/// Whether its interrupt has come and it was the button. Costs nothing while no interrupt comes.
bool power_button_pressed() noexcept;
[[noreturn]] void power_off(int code) noexcept;

// registers.cpp: device registers, mapped uncached.
volatile void* map_device_registers(std::uint64_t physical, std::size_t bytes) noexcept;
/// `layout.registers` has changed: what is mapped will be mapped again, there.
void forget_device_registers() noexcept;
/// Addresses for registers that the firmware has given none.
pci::free_window& unplaced_registers() noexcept;

// devices.cpp (ordinary code): what the virtio drivers run in, and where the CPU sleeps.
void qemu_idle(std::uint64_t deadline, bool want_console) noexcept;
void qemu_listen() noexcept;
extern const abi::platform qemu_platform;

// vectors.cpp
void enable_vectors() noexcept;
void save_vectors(std::uint8_t* to) noexcept;
void load_vectors(const std::uint8_t* from) noexcept;

}  // namespace aster::kernel
