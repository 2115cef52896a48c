#include "host/run/run_target.hpp"

#include <cpuid.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>

#include "host/run/descriptor.hpp"

namespace aster::host {
namespace {

bool seccomp_offers(std::uint32_t action) {
  return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

/// Whether the processor has the extensions that run a whole virtual machine (Intel VMX, AMD SVM). A host
/// that is itself paravirtualized can offer /dev/kvm without them, for guests that know; ours boots as on
/// hardware.
bool has_hardware_virtualization() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  const bool vmx = __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_VMX) != 0;
  const bool svm = __get_cpuid(0x80000001, &a, &b, &c, &d) != 0 && (c & 1u << 2) != 0;
  return vmx || svm;
}

/// Whether a virtual machine can really be made: the device may exist where nesting is off.
bool kvm_works() {
  if (!has_hardware_virtualization()) return false;
  const descriptor kvm(open("/dev/kvm", O_RDWR | O_CLOEXEC));
  if (!kvm || ioctl(kvm.get(), KVM_GET_API_VERSION, 0) != KVM_API_VERSION) return false;
  const descriptor vm(ioctl(kvm.get(), KVM_CREATE_VM, 0));
  return static_cast<bool>(vm);
}

std::optional<std::filesystem::path> find_on_path(std::string_view program) {
  const char* const variable = std::getenv("PATH");
  std::string_view folders = variable != nullptr ? variable : "/usr/local/bin:/usr/bin:/bin";
  while (!folders.empty()) {
    const std::string_view folder = folders.substr(0, folders.find(':'));
    folders.remove_prefix(std::min(folders.size(), folder.size() + 1));
    std::filesystem::path candidate = std::filesystem::path(folder.empty() ? "." : folder) / program;
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return std::nullopt;
}

}  // namespace

std::expected<run_target, std::string> parse_run_target(std::string_view text) {
  if (text == "auto") return run_target::automatic;
  if (text == "process") return run_target::process;
  if (text == "sandbox") return run_target::sandbox;
  if (text == "qemu" || text == "qemu-microvm") return run_target::qemu_microvm;
  if (text == "qemu-q35") return run_target::qemu_q35;
  return std::unexpected("--on " + std::string(text) +
                         ": no such target; choose auto, process, sandbox, qemu, qemu-microvm or qemu-q35");
}

std::string_view to_string(run_target target) {
  switch (target) {
    case run_target::automatic: return "auto";
    case run_target::process: return "process";
    case run_target::sandbox: return "sandbox";
    case run_target::qemu_microvm: return "qemu-microvm";
    case run_target::qemu_q35: return "qemu-q35";
  }
  return "unknown";
}

machine machine::examine() { return examine(run_target::qemu_microvm); }  // which looks at everything

machine machine::examine(run_target asked) {
  machine found;
  found.seccomp = seccomp_offers(SECCOMP_RET_TRAP) && seccomp_offers(SECCOMP_RET_KILL_PROCESS);
  // Making a virtual machine to see whether one can be made takes milliseconds, more than starting an image.
  const bool may_be_qemu = asked == run_target::qemu_microvm || asked == run_target::qemu_q35 ||
                           (asked == run_target::automatic && !found.seccomp);
  if (may_be_qemu) {
    found.qemu = find_on_path("qemu-system-x86_64");
    found.kvm = kvm_works();
  }
  return found;
}

std::expected<run_target, std::string> choose_target(run_target asked, const machine& offers) {
  switch (asked) {
    case run_target::automatic:
      if (offers.seccomp) return run_target::sandbox;
      return offers.qemu ? run_target::qemu_microvm : run_target::process;
    case run_target::process: return asked;
    case run_target::sandbox:
      if (offers.seccomp) return asked;
      return std::unexpected(
          "--on sandbox: this kernel has no seccomp filters; choose --on qemu or --on process");
    case run_target::qemu_microvm:
    case run_target::qemu_q35:
      if (offers.qemu) return asked;
      return std::unexpected("--on " + std::string(to_string(asked)) +
                             ": qemu-system-x86_64 is not installed; install the Debian package "
                             "qemu-system-x86, or choose --on sandbox");
  }
  return std::unexpected("no such target");
}

}  // namespace aster::host
