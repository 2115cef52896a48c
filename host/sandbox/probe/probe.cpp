// An image that tries things, for the tender's tests: it says what came of each, in one word a line.
//
//   aster-sandbox probe call 41 2 1 0      a system call by number: "trapped", "answered N", or death
//   aster-sandbox probe state              what the tender promises about the first instruction
//   aster-sandbox probe fault ADDRESS      reads a byte there
//   aster-sandbox probe write ADDRESS      writes a byte there (or "code", "constant", "null")
//   aster-sandbox probe overflow           runs off the first stack
//   aster-sandbox probe wait               sleeps until SIGTERM
//   aster-sandbox probe echo               sends what arrives on the first device back, until it closes
//   aster-sandbox probe ring               what the ring of the first device lets it do
//   aster-sandbox probe int80              makes a 32-bit system call
//   aster-sandbox probe x32                makes an x32 system call
//   aster-sandbox probe line               prints the boot line
#include <asm/sigcontext.h>
#include <asm/siginfo.h>
#include <asm/signal.h>
#include <asm/ucontext.h>
#include <linux/io_uring.h>

#include <array>
#include <cstdint>
#include <string_view>

#include "abi/boot_line.hpp"
#include "abi/platform.hpp"
#include "abi/sandbox.hpp"
#include "host/sandbox/linux_call.hpp"

using namespace aster;
using host::sandbox::linux_call;

namespace {

std::uint64_t written_data = 0x1234;
std::array<std::uint64_t, 3000> zeros;
const std::uint64_t constant = 7;
volatile bool trapped = false;
volatile bool stopped = false;

void print(std::string_view text) { linux_call(__NR_write, 1, text.data(), text.size()); }

void print_number(long value) {
  std::array<char, 24> digits;
  std::size_t begin = digits.size();
  const bool negative = value < 0;
  auto rest = negative ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  do {
    digits[--begin] = static_cast<char>('0' + rest % 10);
    rest /= 10;
  } while (rest != 0);
  if (negative) digits[--begin] = '-';
  print({digits.data() + begin, digits.size() - begin});
}

[[noreturn]] void leave(int code) {
  for (;;) linux_call(__NR_exit_group, code);
}

void say(std::string_view what, bool good) {
  print(what);
  print(good ? " yes\n" : " NO\n");
}

long read_number(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  std::uint64_t value = 0;
  if (text.starts_with("0x")) {
    text.remove_prefix(2);
    for (const char c : text) value = value * 16 + static_cast<std::uint64_t>(abi::hex_digit(c));
  } else {
    for (const char c : text) value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return static_cast<long>(negative ? 0 - value : value);
}

/// The arguments of the boot line, undecoded; the first is the image's name.
struct arguments {
  std::array<std::string_view, 12> words{};
  std::size_t count = 0;

  explicit arguments(std::string_view line) {
    while (const auto token = abi::next_boot_token(line)) {
      if (token->key == "arg" && count < words.size()) words[count++] = token->value;
    }
  }
  std::string_view operator[](std::size_t i) const { return i < count ? words[i] : std::string_view{}; }
};

void try_call(const arguments& words) {
  const long result =
      linux_call(read_number(words[2]), read_number(words[3]), read_number(words[4]), read_number(words[5]),
                 read_number(words[6]), read_number(words[7]), read_number(words[8]));
  if (trapped) {
    print("trapped\n");
  } else {
    print("answered ");
    print_number(result);
    print("\n");
  }
}

void check_state(const abi::sandbox_boot& boot, std::uint64_t leftovers, std::uint64_t stack_pointer) {
  say("registers-clear", leftovers == 0);
  say("version", boot.version == abi::abi_version && boot.size == sizeof boot);
  say("stack-pointer", stack_pointer == boot.stack + boot.stack_size - 8 && stack_pointer % 16 == 8);
  say("data", written_data == 0x1234 && constant == 7);
  bool clear = true;
  for (const std::uint64_t z : zeros) clear = clear && z == 0;
  say("zeros", clear);
  const auto here = reinterpret_cast<std::uint64_t>(&written_data);
  say("base",
      here > boot.image_base && here < boot.image_base + boot.image_size && boot.image_base % 4096 == 0);
  say("elf-at-base", *reinterpret_cast<const std::uint32_t*>(boot.image_base) == 0x464c457f);
  say("memory-larger", boot.memory_size > boot.budget && boot.memory % 4096 == 0);
  const bool opened = linux_call(__NR_mprotect, boot.memory, 8192, 3) == 0;
  auto* const memory = reinterpret_cast<volatile std::uint64_t*>(boot.memory);
  if (opened) memory[1000] = 42;
  say("memory-usable", opened && memory[1000] == 42);
  say("vdso", *reinterpret_cast<const std::uint32_t*>(boot.vdso) == 0x464c457f);
  std::uint8_t any = 0;
  for (const std::uint8_t b : boot.entropy) any |= b;
  say("entropy", any != 0);
  auto* const signal_stack = reinterpret_cast<volatile std::uint8_t*>(boot.signal_stack);
  signal_stack[0] = 1;
  signal_stack[boot.signal_stack_size - 1] = 1;
  say("signal-stack", true);
  auto* const stack = reinterpret_cast<volatile std::uint8_t*>(boot.stack);
  stack[0] = 1;
  say("stack", true);
  // For the test of address randomization.
  for (const std::uint64_t place : {boot.image_base, boot.memory, boot.stack}) {
    print("place ");
    print_number(static_cast<long>(place));
    print("\n");
  }
}

void write_to(std::string_view place) {
  auto address = static_cast<std::uint64_t>(read_number(place));
  if (place == "code") address = reinterpret_cast<std::uint64_t>(&write_to);
  if (place == "constant") address = reinterpret_cast<std::uint64_t>(&constant);
  if (place == "null") address = 0;
  *reinterpret_cast<volatile char*>(address) = 0;
  print("written\n");
}

struct wanted_event {
  int descriptor;
  short events;
  short returned;
};

/// Sleeps until a device has something or SIGTERM came; SIGTERM is open only meanwhile.
void wait_for(int descriptor) {
  wanted_event event{.descriptor = descriptor, .events = 1, .returned = 0};
  const std::uint64_t open_mask = 0;
  linux_call(__NR_ppoll, &event, descriptor < 0 ? 0 : 1, nullptr, &open_mask, sizeof open_mask);
}

void wait_for_stop() {
  print("waiting\n");
  while (!stopped) wait_for(-1);
  print("stopped\n");
  leave(abi::exit_shutdown);
}

void echo() {
  std::array<char, 2048> frame;
  for (;;) {
    const long size = linux_call(__NR_read, abi::first_device_descriptor, frame.data(), frame.size());
    if (size == 0) leave(0);
    if (size < 0) {
      wait_for(abi::first_device_descriptor);
    } else {
      linux_call(__NR_write, abi::first_device_descriptor, frame.data(), size);
    }
  }
}

/// Submits one entry and returns what came of it.
long through_ring(const abi::sandbox_ring& ring, std::uint8_t opcode, std::uint8_t flags, int descriptor,
                  std::string_view data) {
  auto& tail = *reinterpret_cast<volatile std::uint32_t*>(ring.submission_tail);
  auto& head = *reinterpret_cast<volatile std::uint32_t*>(ring.completion_head);
  const std::uint32_t index = tail & ring.submission_mask;
  auto& entry = reinterpret_cast<io_uring_sqe*>(ring.entries)[index];
  entry = {};
  entry.opcode = opcode;
  entry.flags = flags;
  entry.fd = descriptor;
  entry.addr = reinterpret_cast<std::uint64_t>(data.data());
  entry.len = static_cast<std::uint32_t>(data.size());
  reinterpret_cast<volatile std::uint32_t*>(ring.submission_array)[index] = index;
  tail = tail + 1;
  const long entered = linux_call(__NR_io_uring_enter, abi::ring_descriptor, 1, 0, 0);
  if (head == *reinterpret_cast<volatile std::uint32_t*>(ring.completion_tail))
    return entered < 0 ? entered : -1000;
  const long result = reinterpret_cast<io_uring_cqe*>(ring.completions)[head & ring.completion_mask].res;
  head = head + 1;
  return result;
}

void try_ring(const abi::sandbox_ring& ring) {
  const auto tell = [&](std::string_view what, std::uint8_t opcode, std::uint8_t flags, int descriptor) {
    print(what);
    print(" ");
    print_number(through_ring(ring, opcode, flags, descriptor, "frame"));
    print("\n");
  };
  if (ring.entries == 0) {
    print("none\n");
    return;
  }
  tell("write", IORING_OP_WRITE, IOSQE_FIXED_FILE, 0);
  tell("write-unregistered", IORING_OP_WRITE, IOSQE_FIXED_FILE, 1);
  tell("write-descriptor", IORING_OP_WRITE, 0, 1);
  tell("write-linked", IORING_OP_WRITE, IOSQE_FIXED_FILE | IOSQE_IO_LINK, 0);
  tell("write-by-a-worker", IORING_OP_WRITE, IOSQE_FIXED_FILE | IOSQE_ASYNC, 0);
  for (int opcode = 0; opcode < 64; ++opcode) {
    if (opcode == IORING_OP_READ || opcode == IORING_OP_WRITE) continue;
    const long result = through_ring(ring, static_cast<std::uint8_t>(opcode), IOSQE_FIXED_FILE, 0, "frame");
    print("operation ");
    print_number(result);
    print("\n");
  }
}

void call_32bit() {
  long result;
  asm volatile("int $0x80" : "=a"(result) : "a"(20) : "memory");  // getpid
  print("survived\n");
}

}  // namespace

extern "C" {

void probe_overflow();

[[gnu::visibility("hidden")]] void probe_trap(int, siginfo_t*, void* context) {
  trapped = true;
  static_cast<ucontext*>(context)->uc_mcontext.rax = static_cast<std::uint64_t>(-38);  // ENOSYS
}

[[gnu::visibility("hidden")]] void probe_signal(int signal, siginfo_t*, void*) {
  if (signal == SIGTERM || signal == SIGINT || signal == SIGHUP) {
    stopped = true;
    return;
  }
  print("fault ");
  print_number(signal);
  print("\n");
  leave(abi::exit_panic);
}

[[gnu::visibility("hidden")]] void probe_main(const abi::sandbox_boot* boot, std::uint64_t leftovers,
                                              std::uint64_t stack_pointer) {
  const std::string_view line(reinterpret_cast<const char*>(boot->boot_line), boot->boot_line_size);
  const arguments words(line);
  const std::string_view what = words[1];
  if (what == "call") try_call(words);
  if (what == "state") check_state(*boot, leftovers, stack_pointer);
  if (what == "fault")
    print(*reinterpret_cast<const volatile char*>(read_number(words[2])) != 0 ? "read\n" : "read 0\n");
  if (what == "write") write_to(words[2]);
  if (what == "overflow") probe_overflow();
  if (what == "wait") wait_for_stop();
  if (what == "echo") echo();
  if (what == "ring") try_ring(boot->ring);
  if (what == "int80") call_32bit();
  if (what == "x32") {
    linux_call(0x40000000 | __NR_getpid);
    print("survived\n");
  }
  if (what == "line") {
    print(line);
    print("\n");
  }
  leave(0);
}
}
