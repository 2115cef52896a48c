// aster version
#include <nlohmann/json.hpp>
#include <print>
#include <string>
#include <vector>

#include "abi/manifest.hpp"
#include "host/cli/perform.hpp"
#include "host/cli/terminal.hpp"
#include "host/project/build_project.hpp"
#include "host/project/subprocess.hpp"
#include "host/run/run_target.hpp"

namespace aster::host::cli {
namespace {

/// The first number with a dot in what `program --version` says; empty when it is not there.
std::string version_of(const std::string& program) {
  std::string version;
  const std::string words[] = {program, "--version"};
  const auto code = run_tool(words, {}, [&](std::string_view line) {
    if (!version.empty()) return;
    const std::size_t begin = line.find_first_of("0123456789");
    if (begin == std::string_view::npos) return;
    version = line.substr(begin, std::min(line.find_first_not_of("0123456789.", begin), line.size()) - begin);
  });
  return code == 0 ? version : std::string{};
}

struct target_report {
  run_target target;
  bool available;
  std::string detail;
};

std::vector<target_report> examine_targets(const machine& offers, const std::string& qemu_version) {
  const std::string qemu =
      offers.qemu ? "QEMU " + qemu_version + (offers.kvm ? ", KVM" : ", emulated: no usable /dev/kvm")
                  : "qemu-system-x86_64 is not installed";
  return {{run_target::sandbox, offers.seccomp,
           offers.seccomp ? "seccomp" : "this kernel has no seccomp filters"},
          {run_target::qemu_microvm, offers.qemu.has_value(), qemu},
          {run_target::qemu_q35, offers.qemu.has_value(), qemu},
          {run_target::process, true, "Linux, without isolation: for gdb and the sanitizers"}};
}

}  // namespace

int perform(const version_command& c) {
  const machine offers = machine::examine();
  const std::string qemu = offers.qemu ? version_of(offers.qemu->string()) : std::string{};
  const auto best = choose_target(run_target::automatic, offers);
  const auto targets = examine_targets(offers, qemu);

  if (c.json) {
    nlohmann::ordered_json out{{"version", ASTERISM_VERSION}, {"abi", abi::abi_version}, {"kvm", offers.kvm},
                               {"seccomp", offers.seccomp},   {"qemu", nullptr},         {"clang", nullptr}};
    if (!qemu.empty()) out["qemu"] = qemu;
    if (const std::string clang = version_of("clang++-19"); !clang.empty()) out["clang"] = clang;
    for (const auto& t : targets)
      out["targets"].push_back(
          {{"name", to_string(t.target)}, {"available", t.available}, {"detail", t.detail}});
    if (best) out["default_target"] = to_string(*best);
    std::println("{}", out.dump(2));
    return 0;
  }

  const terminal screen{1};
  std::println("aster {} (image interface {})\n", ASTERISM_VERSION, abi::abi_version);
  for (const auto& t : targets) {
    const std::string mark =
        t.available ? screen.paint("yes", colour::green) : screen.paint("no ", colour::yellow);
    const bool is_best = best && *best == t.target;
    std::println("  {:<13} {}  {}{}", to_string(t.target), mark, t.detail,
                 is_best ? " (chosen by 'aster run')" : "");
  }
  const std::string clang = version_of("clang++-19");
  std::println("\n  compiler      {}",
               clang.empty() ? "clang++-19 is not installed: 'aster build' needs it" : "clang " + clang);
  const auto libraries = find_asterism();
  std::println("  libraries     {}", libraries ? libraries->string() : "not found beside this program");
  return 0;
}

}  // namespace aster::host::cli
