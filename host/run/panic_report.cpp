#include "host/run/panic_report.hpp"

#include <algorithm>
#include <format>
#include <optional>
#include <string_view>

#include "host/image/symbolize.hpp"

namespace aster::host {
namespace {

std::vector<frame> names_of(const panic_report& report, const std::filesystem::path& image) {
  std::vector<std::uint64_t> offsets;
  for (const control::frame& f : report.frames) {
    if (!f.absolute) offsets.push_back(f.address);
  }
  return symbolize(image, offsets);
}

/// A check of libc++'s ends in an invalid instruction; what it checked is the name of a function that clang
/// made up for it: "__clang_trap_msg$libc++$FILE:LINE: assertion … failed: vector[] index out of bounds\n".
/// Takes it out of `names`, since nobody wrote that function.
std::optional<std::string> take_failed_check(std::vector<frame>& names) {
  constexpr std::string_view made_up = "__clang_trap_msg$", before = "failed: ";
  if (names.empty() || !names.front().function.starts_with(made_up)) return std::nullopt;
  std::string text = std::move(names.front().function);
  names.erase(names.begin());
  if (const auto found = text.rfind(before); found != std::string::npos) text.erase(0, found + before.size());
  text.resize(std::min(text.size(), text.find('\n')));
  return "libc++: " + text;
}

/// The kernel leaves the type of an exception mangled, so that images need no demangler.
std::string with_type_demangled(std::string_view text) {
  constexpr std::string_view before = "uncaught exception ";
  if (!text.starts_with(before)) return std::string(text);
  const std::string_view rest = text.substr(before.size());
  const std::string_view type = rest.substr(0, rest.find(": "));
  return std::format("{}{}{}", before, demangle_type(type), rest.substr(type.size()));
}

void add_frames(const panic_report& report, const std::vector<frame>& names,
                const std::filesystem::path& image, std::string& out) {
  auto name = names.begin();
  bool named = false;
  for (std::size_t i = 0; i < report.frames.size(); ++i) {
    out += std::format("  #{} ", i);
    if (report.frames[i].absolute) {
      out += std::format("{:#x} outside the image\n", report.frames[i].address);
      continue;
    }
    // One address gives several functions where the compiler put one into another, innermost first.
    for (bool last = false; !last && name != names.end(); ++name) {
      last = !name->inlined;
      named = named || !name->function.empty();
      out += to_string(*name) + (last ? "\n" : ", inlined in\n     ");
    }
  }
  if (!named && !report.frames.empty()) {
    out +=
        std::format("  (functions' names come from {}.debug, which is missing or belongs to another build)\n",
                    image.filename().string());
  }
}

void add_registers(const panic_report& report, std::string& out) {
  for (std::size_t i = 0; i < report.registers.size(); ++i) {
    const auto& [name, value] = report.registers[i];
    out += std::format("{}{:>6}={:016x}", i % 4 == 0 ? "  " : " ", escaped(name), value);
    if (i % 4 == 3 || i + 1 == report.registers.size()) out += '\n';
  }
}

}  // namespace

std::string render(const panic_report& report, const std::filesystem::path& image) {
  std::vector<frame> names = names_of(report, image);
  // Without a name of the innermost frame, as of code outside of the image, the first one is another's.
  const bool has_place = !report.frames.empty() && !report.frames.front().absolute;
  const auto check = has_place ? take_failed_check(names) : std::nullopt;
  std::string out = std::format("panic: {}\n", escaped(check ? *check : with_type_demangled(report.text)));
  if (!report.fiber.empty()) out += std::format("  in fiber {}\n", escaped(report.fiber));
  add_frames(report, names, image, out);
  add_registers(report, out);
  if (report.cut_short) out += "  (the report was cut short)\n";
  return out;
}

}  // namespace aster::host
