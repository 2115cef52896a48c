// Where an image can run, and what of it this machine offers.
#pragma once
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace aster::host {

enum class run_target { automatic, process, sandbox, qemu_microvm, qemu_q35 };

/// As `--on` spells them: "auto", "process", "sandbox", "qemu" (a microvm), "qemu-microvm", "qemu-q35".
std::expected<run_target, std::string> parse_run_target(std::string_view text);
std::string_view to_string(run_target target);

/// What this machine can do, as far as it matters for one run.
struct machine {
  bool seccomp = false;  // filters that trap and kill
  bool kvm = false;      // /dev/kvm, usable by us
  std::optional<std::filesystem::path> qemu;

  /// Looks at all of it.
  static machine examine();

  /// Looks at what could be needed for the target asked for; the rest stays false.
  static machine examine(run_target asked);
};

/// The target asked for, or the best one: the sandbox, then QEMU, then a plain process. An error says what is
/// missing for the target asked for, and how to get it.
std::expected<run_target, std::string> choose_target(run_target asked, const machine& offers);

}  // namespace aster::host
