#include "host/cli/inspection.hpp"

#include <elf.h>

#include <algorithm>
#include <format>
#include <nlohmann/json.hpp>
#include <ranges>

#include "host/run/run_target.hpp"
#include "host/words/quantity.hpp"

namespace aster::host::cli {
namespace {

using json = nlohmann::ordered_json;

constexpr run_target targets[] = {run_target::sandbox, run_target::qemu_microvm, run_target::qemu_q35,
                                  run_target::process};

bool runs_on(const image& image, run_target target) {
  const bool needs_seal = target == run_target::qemu_microvm || target == run_target::qemu_q35;
  return image.sealed || !needs_seal;
}

std::string_view kind_text(abi::device_kind kind) { return kind == abi::device_kind::net ? "net" : "block"; }

std::string protection(std::uint32_t flags) {
  return {(flags & PF_R) != 0 ? 'r' : '-', (flags & PF_W) != 0 ? 'w' : '-', (flags & PF_X) != 0 ? 'x' : '-'};
}

struct named_entry {
  const char* name;
  std::uint64_t address;
};

std::vector<named_entry> entries_of(const image& image) {
  const image_entries& e = image.entries;
  return {{"process", e.process},
          {"sandbox", e.sandbox},
          {"sandbox-trap", e.sandbox_trap},
          {"sandbox-signal", e.sandbox_signal},
          {"sandbox-restorer", e.sandbox_restorer},
          {"pvh", e.pvh}};
}

/// Sections that lie in a segment, in order of address.
std::vector<const elf_section*> sections_in(const image& image, const elf_segment& segment) {
  std::vector<const elf_section*> found;
  for (const elf_section& s : image.file.sections) {
    // .tbss has an address and takes none of the address space.
    const bool is_template = (s.flags & SHF_TLS) != 0 && s.type == SHT_NOBITS;
    if ((s.flags & SHF_ALLOC) != 0 && !is_template && s.size != 0 && segment.holds(s.address))
      found.push_back(&s);
  }
  return found;
}

const elf_segment* relro_of(const image& image) {
  const auto found = std::ranges::find(image.file.segments, std::uint32_t{PT_GNU_RELRO}, &elf_segment::type);
  return found == image.file.segments.end() ? nullptr : &*found;
}

std::string memory_table(const image& image, const terminal& screen) {
  std::string text = screen.paint("In memory           protection        file      memory\n", colour::bold);
  const elf_segment* relro = relro_of(image);
  for (const elf_segment& segment : image.file.segments) {
    if (segment.type != PT_LOAD) continue;
    const bool becomes_constant = relro != nullptr && segment.holds(relro->address);
    text += std::format("  image+{:<#11x} {:<12} {:>9}   {:>9}\n", segment.address,
                        becomes_constant ? "rw-, then r--" : protection(segment.flags),
                        to_bytes_text(segment.file_size), to_bytes_text(segment.memory_size));
    for (const elf_section* s : sections_in(image, segment)) {
      text += screen.paint(
          std::format("    {:<28} {:>11}   {:>9}\n", s->name,
                      s->type == SHT_NOBITS ? "" : to_bytes_text(s->size), to_bytes_text(s->size)),
          colour::dim);
    }
  }
  return text;
}

std::string amount(std::uint64_t bytes) { return bytes == 0 ? "·" : to_bytes_text(bytes); }

std::string library_table(const image& image, const weight& w, const terminal& screen) {
  std::string text =
      screen.paint(std::format("{:<16} {:>9} {:>6} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}\n", "Library",
                               "in file", "", "code", "constants", "data", "unwinding", "linking", "zeroed"),
                   colour::bold);
  for (const library_weight& l : w.libraries) {
    const auto& b = l.bytes;
    text += std::format(
        "  {:<14} {:>9} {:>5.1f}% {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}\n", l.name, to_bytes_text(b.in_file()),
        100.0 * static_cast<double>(b.in_file()) / static_cast<double>(image.file_size), amount(b.code),
        amount(b.constants), amount(b.data), amount(b.unwinding), amount(b.linking), amount(b.zeroed));
  }
  return text + std::format("  {:<14} {:>9} {:>5.1f}%\n", "headers, gaps", to_bytes_text(w.padding),
                            100.0 * static_cast<double>(w.padding) / static_cast<double>(image.file_size));
}

std::string symbol_table(const weight& w, std::size_t count, const terminal& screen) {
  std::string text =
      screen.paint(std::format("{:<16} {:>9}  Largest symbols\n", "Library", "size"), colour::bold);
  for (const symbol_weight& s : w.symbols | std::views::take(count)) {
    text += std::format("  {:<14} {:>9}  {}\n", s.library, to_bytes_text(s.size),
                        fit(s.name, screen.width() - 30));
  }
  return text;
}

std::string hardening_text(const image_hardening& h, const terminal& screen) {
  std::string text;
  const auto add = [&](std::string_view what, bool holds) {
    text += std::format("{}{} {}", text.empty() ? "" : ", ", what,
                        holds ? screen.paint("yes", colour::green) : screen.paint("NO", colour::red));
  };
  add("static PIE", h.static_pie);
  add("W^X", h.write_xor_execute);
  add("RELRO", h.relro);
  add("bound at start", h.bind_now);
  add("no-execute stack", h.no_execute_stack);
  return text;
}

}  // namespace

std::string inspection_text(const image& image, const std::expected<weight, std::string>& weight,
                            std::size_t symbols, const terminal& screen) {
  std::string where, devices, entries;
  for (const run_target t : targets) {
    if (runs_on(image, t)) where += std::format("{}{}", where.empty() ? "" : ", ", to_string(t));
  }
  for (const device& d : image.devices)
    devices += std::format("{}{} ({})", devices.empty() ? "" : ", ", d.name, kind_text(d.kind));
  for (const auto& [name, address] : entries_of(image))
    entries += std::format("{}{} +{:#x}", entries.empty() ? "" : ", ", name, address);

  std::string text =
      std::format("{}  {} ({} bytes), {} in memory\n\n", screen.paint(image.path.string(), colour::bold),
                  to_bytes_text(image.file_size), image.file_size, to_bytes_text(image.span));
  const auto line = [&text](std::string_view name, std::string_view value) {
    text += std::format("{:<11} {}\n", name, value);
  };
  line("Targets", where);
  line("Devices", devices.empty() ? "none" : devices);
  line("Entries", entries);
  line("Hardening", hardening_text(image.hardening, screen));
  line("Interface",
       std::format("{}{}", image.abi_version, image.sealed ? "" : ", not sealed: cannot boot in QEMU"));
  line("Build id", image.build_id.empty() ? "none" : image.build_id);
  line("Debug file",
       image.debug_file ? image.debug_file->string() : "none beside it: panics show addresses only");
  text += "\n" + memory_table(image, screen) + "\n";
  if (weight) {
    text += library_table(image, *weight, screen) + "\n" + symbol_table(*weight, symbols, screen);
  } else {
    text += std::format("What makes it big is not known: {}.\n", weight.error());
  }
  return text;
}

nlohmann::ordered_json inspection_json(const image& image, const std::expected<weight, std::string>& weight,
                                       std::size_t symbols) {
  json out{{"path", image.path.string()},
           {"size", image.file_size},
           {"memory", image.span},
           {"abi", image.abi_version},
           {"sealed", image.sealed},
           {"build_id", image.build_id},
           {"debug_file", nullptr},
           {"targets", json::array()},
           {"devices", json::array()},
           {"entries", json::object()},
           {"hardening",
            {{"static_pie", image.hardening.static_pie},
             {"write_xor_execute", image.hardening.write_xor_execute},
             {"relro", image.hardening.relro},
             {"bind_now", image.hardening.bind_now},
             {"no_execute_stack", image.hardening.no_execute_stack}}},
           {"segments", json::array()},
           {"libraries", json::array()},
           {"symbols", json::array()}};
  if (image.debug_file) out["debug_file"] = image.debug_file->string();
  for (const run_target t : targets) {
    if (runs_on(image, t)) out["targets"].push_back(to_string(t));
  }
  for (const device& d : image.devices)
    out["devices"].push_back({{"name", d.name}, {"kind", kind_text(d.kind)}});
  for (const auto& [name, address] : entries_of(image)) out["entries"][name] = address;
  for (const elf_segment& s : image.file.segments) {
    if (s.type != PT_LOAD) continue;
    json segment{{"address", s.address},
                 {"protection", protection(s.flags)},
                 {"file_size", s.file_size},
                 {"memory_size", s.memory_size},
                 {"sections", json::array()}};
    for (const elf_section* section : sections_in(image, s))
      segment["sections"].push_back(
          {{"name", section->name}, {"address", section->address}, {"size", section->size}});
    out["segments"].push_back(std::move(segment));
  }
  if (!weight) {
    out["weight_unknown"] = weight.error();
    return out;
  }
  for (const library_weight& l : weight->libraries) {
    const auto& b = l.bytes;
    out["libraries"].push_back({{"name", l.name},
                                {"in_file", b.in_file()},
                                {"code", b.code},
                                {"constants", b.constants},
                                {"data", b.data},
                                {"unwinding", b.unwinding},
                                {"linking", b.linking},
                                {"zeroed", b.zeroed}});
  }
  out["headers_and_gaps"] = weight->padding;
  for (const symbol_weight& s : weight->symbols | std::views::take(symbols)) {
    out["symbols"].push_back(
        {{"name", s.name}, {"library", s.library}, {"section", s.section}, {"size", s.size}});
  }
  return out;
}

}  // namespace aster::host::cli
