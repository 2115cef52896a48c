// The sandbox tender: turns its own process into the room that one image lives in, and enters it.
//
// It has no libc: what it does takes some 35 system calls and a handful of page faults, where a libc's
// start-up alone takes 30 faults, which would be most of the time to start an image. So it may have no
// relocations either (a test holds that), and no thread-local data: the thread pointer will be the image's.
#include <asm-generic/errno.h>
#include <asm/stat.h>
#include <elf.h>
#include <linux/fcntl.h>
#include <linux/uio.h>

#include <array>
#include <cstring>
#include <span>
#include <string_view>

#include "abi/sandbox.hpp"
#include "host/sandbox/confinement.hpp"
#include "host/sandbox/image_layout.hpp"
#include "host/sandbox/linux_call.hpp"
#include "host/sandbox/options.hpp"
#include "host/sandbox/place.hpp"
#include "host/sandbox/ring.hpp"

namespace aster::host::sandbox {
namespace {

constexpr int exit_refused = 125;  // the tender itself could not run the image

constexpr std::string_view help_text =
    "Usage: aster-sandbox [OPTIONS] IMAGE [ARGUMENTS…]\n"
    "\n"
    "Runs an Asterism image in this process, confined by seccomp. `aster run` starts it for you.\n"
    "\n"
    "  -m BYTES         memory the image may use, as in 64M (the default)\n"
    "  --control FD     open descriptor of the control channel (abi/control.hpp)\n"
    "  --device FD      open descriptor of a network device, in the order of descriptors 4, 5, …\n"
    "  --debug          let a debugger attach\n"
    "  -h, --help       print this\n"
    "\n"
    "The environment variable ASTER_BOOT holds the boot line (abi/boot_line.hpp); without it, one is made "
    "of\n"
    "IMAGE and ARGUMENTS. Exit status: the image's own; 125 when it was not started.\n"
    "\n"
    "  aster-sandbox -m 16M hello world\n";

void write_all(int descriptor, std::string_view text) {
  linux_call(__NR_write, descriptor, text.data(), text.size());
}

[[noreturn]] void exit_with(int code) {
  for (;;) linux_call(__NR_exit_group, code);
}

/// `value` in decimal, in the last characters of `digits`.
std::string_view decimal(unsigned value, std::array<char, 12>& digits) {
  std::size_t begin = digits.size();
  do {
    digits[--begin] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0 && begin > 0);
  return {digits.data() + begin, digits.size() - begin};
}

/// What the kernel's usual reasons mean; empty for the unusual.
std::string_view describe(int error) {
  switch (error) {
    case EACCES:
    case EPERM: return "permission denied";
    case ENOENT: return "no such file";
    case ENOTDIR: return "no such folder";
    case EISDIR: return "it is a folder";
    case ENOMEM: return "out of memory";
    case EBADF: return "it is closed";
    case ENOSYS: return "this kernel cannot do it";
    default: return {};
  }
}

/// One line that names the thing, the cause and the mend; one system call, so that it is not torn apart.
[[noreturn]] void refuse(std::string_view thing, const complaint& reason) {
  std::array<iovec, 10> pieces;
  std::size_t count = 0;
  const auto add = [&](std::string_view text) {
    pieces[count++] = {.iov_base = const_cast<char*>(text.data()), .iov_len = text.size()};
  };
  add("aster-sandbox: ");
  add(thing);
  add(" ");
  add(reason.cause);
  std::array<char, 12> digits;
  if (reason.error != 0) {
    const std::string_view words = describe(reason.error);
    add(words.empty() ? " (errno " : " (");
    add(words.empty() ? decimal(static_cast<unsigned>(reason.error), digits) : words);
    add(")");
  }
  add("; ");
  add(reason.mend);
  add("\n");
  linux_call(__NR_writev, 2, pieces.data(), count);
  exit_with(exit_refused);
}

/// The way up the initial stack: argc, argv…, 0, environment…, 0, auxiliary vector.
struct initial_stack {
  std::span<char* const> arguments;
  char* const* environment;
  const Elf64_auxv_t* auxiliary;

  explicit initial_stack(const std::uint64_t* stack)
      : arguments(reinterpret_cast<char* const*>(stack + 1), stack[0]),
        environment(reinterpret_cast<char* const*>(stack + 1 + stack[0] + 1)) {
    char* const* end = environment;
    while (*end != nullptr) ++end;
    auxiliary = reinterpret_cast<const Elf64_auxv_t*>(end + 1);
  }
};

/// An image file, open and read as far as its headers.
struct image_file {
  int descriptor;
  std::uint64_t size;
  std::array<std::byte, page_size> head;
  std::size_t head_size;
};

void open_image(const char* path, image_file& out) {
  const long opened = linux_call(__NR_open, path, O_RDONLY | O_CLOEXEC);
  if (opened < 0) {
    refuse(path, {"cannot be opened", "check the name and that you may read it", static_cast<int>(-opened)});
  }
  out.descriptor = static_cast<int>(opened);
  struct stat status;
  if (const long result = linux_call(__NR_fstat, out.descriptor, &status); result < 0) {
    refuse(path, {"cannot be examined", "check the file", static_cast<int>(-result)});
  }
  out.size = static_cast<std::uint64_t>(status.st_size);
  const long head = linux_call(__NR_pread64, out.descriptor, out.head.data(), out.head.size(), 0);
  if (head < 0) refuse(path, {"cannot be read", "check that it is a file", static_cast<int>(-head)});
  out.head_size = static_cast<std::size_t>(head);
}

bool read_from_file(void* context, std::uint64_t offset, std::span<std::byte> out) {
  const int descriptor = static_cast<image_file*>(context)->descriptor;
  return linux_call(__NR_pread64, descriptor, out.data(), out.size(), offset) ==
         static_cast<long>(out.size());
}

void fill_random(void* data, std::size_t size) {
  if (linux_call(__NR_getrandom, data, size, 0) != static_cast<long>(size)) {
    refuse("this machine", {"gave no random numbers", "an image needs them: see random(7)"});
  }
}

bool wants_strace(std::string_view boot_line) {
  while (const auto token = abi::next_boot_token(boot_line)) {
    if (token->key == "strace") return true;
  }
  return false;
}

void complete_boot(abi::sandbox_boot& boot, char* boot_line, const options& given, std::uint64_t base,
                   const image_layout& layout, const initial_stack& stack) {
  boot.version = abi::abi_version;
  boot.size = sizeof boot;
  boot.image_base = base;
  boot.image_size = layout.span;
  for (const Elf64_auxv_t* entry = stack.auxiliary; entry->a_type != AT_NULL; ++entry) {
    switch (entry->a_type) {
      case AT_SYSINFO_EHDR: boot.vdso = entry->a_un.a_val; break;
      case AT_HWCAP: boot.hwcap = entry->a_un.a_val; break;
      case AT_HWCAP2: boot.hwcap2 = entry->a_un.a_val; break;
      default: break;
    }
  }
  std::memcpy(boot_line, given.boot_line.data(), given.boot_line_size);
  boot.boot_line = reinterpret_cast<std::uint64_t>(boot_line);
  boot.boot_line_size = given.boot_line_size;
  fill_random(boot.entropy, sizeof boot.entropy);  // no copy of it stays behind in the tender
}

extern "C" [[noreturn]] void aster_sandbox_enter(const abi::sandbox_boot* boot, std::uint64_t entry,
                                                 std::uint64_t stack_top);

extern "C" [[noreturn]] void aster_sandbox_tender(const std::uint64_t* stack_pointer) {
  const initial_stack stack(stack_pointer);
  options given;
  if (const auto read = read_options(stack.arguments, stack.environment, given); !read) {
    refuse(read.error().word, read.error().reason);
  }
  if (given.help) {
    write_all(1, help_text);
    exit_with(0);
  }

  // Nothing of the file is trusted before this check; everything after it is.
  image_file file;
  open_image(given.image, file);
  const auto layout = check_image(std::span(file.head).first(file.head_size), file.size, given.budget,
                                  {read_from_file, &file});
  if (!layout) refuse(given.image, layout.error());

  std::array<std::uint64_t, 2> random;
  fill_random(random.data(), sizeof random);
  const auto base = place_image(file.descriptor, *layout, random[0]);
  if (!base) refuse(given.image, base.error());
  linux_call(__NR_close, file.descriptor);
  const auto workplace = make_workplace(given.budget, random[1]);
  if (!workplace) refuse(given.image, workplace.error());
  complete_boot(*workplace->boot, workplace->boot_line, given, *base, *layout, stack);

  const auto settled = settle_descriptors(given.control, std::span(given.devices).first(given.device_count));
  if (!settled) {
    std::array<char, 12> digits;
    refuse(decimal(static_cast<unsigned>(settled.error().descriptor), digits), settled.error().reason);
  }
  make_ring(given.device_count, workplace->boot->ring);
  // From here on a fault or SIGTERM would run the image's handlers: there must be none before its first
  // instruction.
  const auto handled = install_handlers(*workplace->boot, *layout);
  if (!handled) refuse(given.image, handled.error());
  const auto shed = shed_privileges(given.debug);
  if (!shed) refuse(given.image, shed.error());
  const auto filtered = install_filter(wants_strace({given.boot_line.data(), given.boot_line_size}));
  if (!filtered) refuse(given.image, filtered.error());
  aster_sandbox_enter(workplace->boot, *base + layout->entry,
                      workplace->boot->stack + workplace->boot->stack_size);
}

}  // namespace
}  // namespace aster::host::sandbox
