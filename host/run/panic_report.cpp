#include "host/run/panic_report.hpp"

#include <format>

#include "host/image/symbolize.hpp"

namespace aster::host {
namespace {

void add_frames(const panic_report& report, const std::filesystem::path& image, std::string& out) {
  std::vector<std::uint64_t> offsets;
  for (const control::frame& f : report.frames) {
    if (!f.absolute) offsets.push_back(f.address);
  }
  const std::vector<frame> names = symbolize(image, offsets);
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
  std::string out = std::format("panic: {}\n", escaped(report.text));
  if (!report.fiber.empty()) out += std::format("  in fiber {}\n", escaped(report.fiber));
  add_frames(report, image, out);
  add_registers(report, out);
  if (report.cut_short) out += "  (the report was cut short)\n";
  return out;
}

}  // namespace aster::host
