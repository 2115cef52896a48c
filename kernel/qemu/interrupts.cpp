// Interrupt controllers: the local APIC (Intel SDM 3A §11) with its timer, the I/O APICs (82093AA), and the
// 8259s, which are silenced.
//
// Interrupts are only ever taken where the CPU idles (devices.cpp, `qemu_idle`): a handler acknowledges its
// device and ends the sleep, and the woken code looks at what there is to do.
#include "kernel/qemu/cpu.hpp"
#include "kernel/qemu/machine.hpp"

namespace aster::kernel {
namespace {

constexpr std::uint64_t local_apic_address = 0xfee00000;
enum local_register : std::uint32_t {
  apic_id = 0x20, end_register = 0xb0, spurious = 0xf0, lvt_timer = 0x320, lvt_line0 = 0x350, lvt_line1 = 0x360,
  initial_count = 0x380, current_count = 0x390, divide = 0x3e0
};
constexpr std::uint32_t masked = 1u << 16;
constexpr std::uint32_t divide_by_1 = 0xb, divide_by_16 = 0x3;
constexpr std::uint32_t longest = 0xffffffff;

// QEMU and KVM both count the timer in nanoseconds, as Xen and Firecracker do.
constinit volatile std::uint32_t* local = nullptr;
constinit unsigned timer_vector = 0;
constinit bool reference_runs = false;

std::uint32_t read(local_register r) noexcept { return local[r / 4]; }
void write(local_register r, std::uint32_t value) noexcept { local[r / 4] = value; }

void enable_local_apic() noexcept {
  if (local) return;
  local = static_cast<volatile std::uint32_t*>(map_device_registers(local_apic_address, 4096));
  write(spurious, 0x100 | 63);  // enable; vector 63 needs no end-of-interrupt
}

struct io_apic {
  std::uint64_t address;
  unsigned first_line;
};
// QEMU: one for the ISA lines and PCI, a second one for microvm's virtio-mmio slots. Addresses as in its MADT.
constexpr io_apic io_apics[] = {{0xfec00000, 0}, {0xfec10000, 24}};

}  // namespace

void end_of_interrupt() noexcept { write(end_register, 0); }
unsigned local_apic_id() noexcept { return read(apic_id) >> 24; }

void start_interrupts() noexcept {
  cpu::out8(0x21, 0xff);
  cpu::out8(0xa1, 0xff);
  enable_local_apic();
  write(lvt_line0, masked);
  write(lvt_line1, masked);
  timer_vector = allocate_vector([](void*) {}, nullptr);
}

void start_reference() noexcept {
  enable_local_apic();
  write(lvt_timer, masked);
  write(divide, divide_by_1);
  write(initial_count, longest);
  reference_runs = true;
}

std::uint64_t reference_elapsed() noexcept {
  if (!reference_runs) return ~0ull;
  const std::uint32_t left = read(current_count);
  return left == 0 ? ~0ull : longest - left;
}

void arm_timer(std::uint64_t nanoseconds) noexcept {
  clock_lose_reference();
  // Each write is an exit of the virtual machine. For one that is still armed from the sleep before, it is one only.
  static constinit std::uint32_t divided_by = ~0u;
  if (reference_runs || divided_by == ~0u) {
    reference_runs = false;
    divided_by = ~0u;
    write(lvt_timer, timer_vector);
  }
  const bool far = nanoseconds > longest;
  const std::uint32_t wanted = far ? divide_by_16 : divide_by_1;
  if (divided_by != wanted) write(divide, divided_by = wanted);
  const std::uint64_t count = far ? nanoseconds / 16 : nanoseconds;
  write(initial_count, count > longest ? longest : count == 0 ? 1 : static_cast<std::uint32_t>(count));
}

bool connect_interrupt_line(unsigned gsi, unsigned vector, bool level) noexcept {
  for (const io_apic& apic : io_apics) {
    auto* const registers = static_cast<volatile std::uint32_t*>(map_device_registers(apic.address, 32));
    if (!registers || gsi < apic.first_line) continue;
    const auto select = [registers](std::uint32_t index) noexcept -> volatile std::uint32_t& {
      registers[0] = index;
      return registers[4];
    };
    const std::uint32_t version = select(1);
    if (version == 0 || version == 0xffffffff) continue;
    const unsigned line = gsi - apic.first_line, lines = ((version >> 16) & 0xff) + 1;
    if (line >= lines) continue;
    select(0x10 + 2 * line + 1) = local_apic_id() << 24;
    select(0x10 + 2 * line) = vector | (level ? 1u << 15 : 0);  // fixed, active high
    return true;
  }
  return false;
}

}  // namespace aster::kernel
