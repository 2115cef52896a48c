#include "host/image/symbolize.hpp"

#include <cxxabi.h>
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <gelf.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <format>
#include <map>
#include <memory>
#include <optional>

#include "host/image/image.hpp"

namespace aster::host {
namespace {

constexpr int nesting_limit = 64;  // of scopes: far above what a compiler writes

/// A file that libelf and libdw have open; closed in the reverse order.
class debug_information {
 public:
  /// Nothing when there is no such file or it is not ELF.
  static std::unique_ptr<debug_information> open(const std::filesystem::path& path) {
    auto result = std::unique_ptr<debug_information>{new debug_information};
    elf_version(EV_CURRENT);
    result->descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (result->descriptor_ < 0) return nullptr;
    result->elf_ = elf_begin(result->descriptor_, ELF_C_READ_MMAP, nullptr);
    if (result->elf_ == nullptr || elf_kind(result->elf_) != ELF_K_ELF) return nullptr;
    result->dwarf_ = dwarf_begin_elf(result->elf_, DWARF_C_READ, nullptr);  // null: symbols only
    result->read_symbols();
    return result;
  }

  ~debug_information() {
    if (dwarf_ != nullptr) dwarf_end(dwarf_);
    if (elf_ != nullptr) elf_end(elf_);
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  void look_up(std::uint64_t offset, std::vector<frame>& out) {
    if (look_up_lines(offset, out)) return;
    out.push_back({.offset = offset, .function = symbol_at(offset)});
  }

 private:
  struct symbol {
    std::uint64_t address, size, section_end;
    const char* name;
  };
  struct range {
    std::uint64_t begin, end;
    Dwarf_Off die;
  };

  debug_information() = default;

  void read_symbols() {
    for (Elf_Scn* section = nullptr; (section = elf_nextscn(elf_, section)) != nullptr;) {
      GElf_Shdr header{};
      if (gelf_getshdr(section, &header) == nullptr || header.sh_type != SHT_SYMTAB || header.sh_entsize == 0)
        continue;
      Elf_Data* data = elf_getdata(section, nullptr);
      const auto count = static_cast<int>(header.sh_size / header.sh_entsize);
      for (int i = 0; i < count; ++i) {
        GElf_Sym entry{};
        if (gelf_getsym(data, i, &entry) == nullptr) break;
        const char* name = elf_strptr(elf_, header.sh_link, entry.st_name);
        if (name == nullptr || *name == '\0') continue;
        if (const std::uint64_t end = end_of_code(entry.st_shndx); entry.st_value < end)
          symbols_.push_back({entry.st_value, entry.st_size, end, name});
      }
    }
    std::ranges::stable_sort(symbols_, {}, &symbol::address);
  }

  /// Where the executable section with this index ends; 0 for any other section.
  std::uint64_t end_of_code(std::size_t index) const {
    GElf_Shdr header{};
    Elf_Scn* section = index == SHN_UNDEF || index >= SHN_LORESERVE ? nullptr : elf_getscn(elf_, index);
    if (section == nullptr || gelf_getshdr(section, &header) == nullptr) return 0;
    return (header.sh_flags & SHF_EXECINSTR) == 0 ? 0 : header.sh_addr + header.sh_size;
  }

  /// The function around `offset`. Assembly has symbols of size 0, which reach to the next symbol.
  std::string symbol_at(std::uint64_t offset) const {
    auto after = std::ranges::upper_bound(symbols_, offset, {}, &symbol::address);
    std::string best;
    for (int steps = 0; after != symbols_.begin() && steps < 16; ++steps) {
      const symbol& s = *--after;
      if (s.size != 0 && offset - s.address < s.size) return demangle(s.name);
      if (s.size == 0 && best.empty() && offset < s.section_end) best = demangle(s.name);
    }
    return best;
  }

  /// clang writes no .debug_aranges by default, so the ranges of all units are gathered once.
  void read_units() {
    if (units_read_ || dwarf_ == nullptr) return;
    units_read_ = true;
    Dwarf_CU* unit = nullptr;
    Dwarf_Half version = 0;
    std::uint8_t type = 0;
    Dwarf_Die die{};
    while (dwarf_get_units(dwarf_, unit, &unit, &version, &type, &die, nullptr) == 0) {
      if (dwarf_tag(&die) == DW_TAG_compile_unit) add_ranges(die, units_);
    }
    std::ranges::sort(units_, {}, &range::begin);
  }

  static void add_ranges(Dwarf_Die& die, std::vector<range>& out) {
    Dwarf_Addr base = 0, begin = 0, end = 0;
    std::ptrdiff_t at = 0;
    while ((at = dwarf_ranges(&die, at, &base, &begin, &end)) > 0) {
      // The linker sets the ranges of functions it dropped to 0, where no code lies.
      if (begin != 0 && begin < end) out.push_back({begin, end, dwarf_dieoffset(&die)});
    }
  }

  /// The entry of the range around `offset`; nothing when there is none.
  std::optional<Dwarf_Die> find(const std::vector<range>& ranges, std::uint64_t offset) {
    const auto after = std::ranges::upper_bound(ranges, offset, {}, &range::begin);
    if (after == ranges.begin() || offset >= std::prev(after)->end) return std::nullopt;
    Dwarf_Die die{};
    if (dwarf_offdie(dwarf_, std::prev(after)->die, &die) == nullptr) return std::nullopt;
    return die;
  }

  /// Gathers the functions below `parent`. clang nests their definitions in namespaces, where libdw's own
  /// dwarf_getscopes does not look.
  static void add_functions(Dwarf_Die& parent, std::vector<range>& out, int depth) {
    Dwarf_Die child{};
    if (depth > nesting_limit || dwarf_child(&parent, &child) != 0) return;
    do {
      switch (dwarf_tag(&child)) {
        case DW_TAG_subprogram: add_ranges(child, out); break;
        case DW_TAG_namespace:
        case DW_TAG_class_type:
        case DW_TAG_structure_type: add_functions(child, out, depth + 1); break;
        default: break;
      }
    } while (dwarf_siblingof(&child, &child) == 0);
  }

  /// The function around `offset` and what is inlined there, innermost first.
  std::vector<Dwarf_Die> scopes_at(Dwarf_Die& unit, std::uint64_t offset) {
    const auto [functions, is_new] = functions_.try_emplace(dwarf_dieoffset(&unit));
    if (is_new) {
      add_functions(unit, functions->second, 0);
      std::ranges::sort(functions->second, {}, &range::begin);
    }
    std::vector<Dwarf_Die> scopes;
    auto scope = find(functions->second, offset);
    for (int depth = 0; scope && depth < nesting_limit; ++depth) {
      if (dwarf_tag(&*scope) != DW_TAG_lexical_block) scopes.insert(scopes.begin(), *scope);
      scope = inner_scope(*scope, offset);
    }
    return scopes;
  }

  static std::optional<Dwarf_Die> inner_scope(Dwarf_Die& parent, std::uint64_t offset) {
    Dwarf_Die child{};
    if (dwarf_child(&parent, &child) != 0) return std::nullopt;
    do {
      const int tag = dwarf_tag(&child);
      const bool is_scope = tag == DW_TAG_inlined_subroutine || tag == DW_TAG_lexical_block;
      if (is_scope && dwarf_haspc(&child, offset) == 1) return child;
    } while (dwarf_siblingof(&child, &child) == 0);
    return std::nullopt;
  }

  std::optional<Dwarf_Die> unit_at(std::uint64_t offset) {
    read_units();
    return find(units_, offset);
  }

  static std::string function_name(Dwarf_Die& die) {
    Dwarf_Attribute attribute{};
    for (const unsigned kind : {unsigned{DW_AT_linkage_name}, unsigned{DW_AT_MIPS_linkage_name}}) {
      if (const char* name = dwarf_formstring(dwarf_attr_integrate(&die, kind, &attribute)))
        return demangle(name);
    }
    const char* name = dwarf_diename(&die);
    return name == nullptr ? std::string{} : name;
  }

  static unsigned number(Dwarf_Die& die, unsigned kind) {
    Dwarf_Attribute attribute{};
    Dwarf_Word value = 0;
    if (dwarf_formudata(dwarf_attr(&die, kind, &attribute), &value) != 0) return 0;
    return static_cast<unsigned>(value);
  }

  static std::string call_file(Dwarf_Die& unit, Dwarf_Die& die) {
    Dwarf_Files* files = nullptr;
    std::size_t count = 0;
    if (dwarf_getsrcfiles(&unit, &files, &count) != 0) return {};
    const char* name = dwarf_filesrc(files, number(die, DW_AT_call_file), nullptr, nullptr);
    return name == nullptr ? std::string{} : name;
  }

  bool look_up_lines(std::uint64_t offset, std::vector<frame>& out) {
    auto unit = unit_at(offset);
    if (!unit) return false;
    frame here{.offset = offset};
    if (Dwarf_Line* line = dwarf_getsrc_die(&*unit, offset)) {
      int number = 0, column = 0;
      const char* file = dwarf_linesrc(line, nullptr, nullptr);
      dwarf_lineno(line, &number);
      dwarf_linecol(line, &column);
      here.file = file == nullptr ? "" : file;
      here.line = static_cast<unsigned>(number);
      here.column = static_cast<unsigned>(column);
    }

    std::vector<Dwarf_Die> scopes = scopes_at(*unit, offset);
    for (Dwarf_Die& scope : scopes) {
      here.function = function_name(scope);
      here.inlined = dwarf_tag(&scope) == DW_TAG_inlined_subroutine;
      out.push_back(here);
      if (!here.inlined) continue;
      here.file = call_file(*unit, scope);
      here.line = number(scope, DW_AT_call_line);
      here.column = number(scope, DW_AT_call_column);
    }
    if (!scopes.empty()) return true;
    // A unit that has lines and no functions, as assembly has: the symbol names it.
    if (here.line == 0) return false;
    here.function = symbol_at(offset);
    out.push_back(here);
    return true;
  }

  int descriptor_ = -1;
  Elf* elf_ = nullptr;
  Dwarf* dwarf_ = nullptr;
  bool units_read_ = false;
  std::vector<symbol> symbols_;                        // code, by address
  std::vector<range> units_;                           // by address
  std::map<Dwarf_Off, std::vector<range>> functions_;  // of each unit looked at, by address
};

/// The side file when it belongs to this build, else the image itself.
std::filesystem::path debug_path(const std::filesystem::path& path) {
  const auto image = read_image(path, seal_state::either);
  if (!image || !image->debug_file) return path;
  if (image->build_id.empty()) return *image->debug_file;
  const auto side = file_source::open(*image->debug_file);
  if (!side) return path;
  const auto side_elf = read_elf(*side);
  return side_elf && build_id(*side_elf) == image->build_id ? *image->debug_file : path;
}

/// `mangled`, which the C++ ABI may have made of a function's or of a type's name, as the source has it.
std::string plain_name(std::string_view mangled) {
  std::string text{mangled};
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> plain{
      ::abi::__cxa_demangle(text.c_str(), nullptr, nullptr, &status), &std::free};
  if (status == 0) text = plain.get();
  return text;
}

/// Without what is of interest to libc++ alone.
std::string without_versions(std::string text) {
  // libc++'s inline namespace and ABI tags are of no interest to a reader.
  for (std::size_t at = 0; (at = text.find("std::__1::", at)) != std::string::npos;) text.erase(at + 5, 5);
  for (std::size_t at = 0; (at = text.find("[abi:", at)) != std::string::npos;) {
    const std::size_t end = text.find(']', at);
    if (end == std::string::npos) break;  // the name is no compiler's
    text.erase(at, end - at + 1);
  }
  return text;
}

}  // namespace

std::string demangle(std::string_view name) {
  return without_versions(name.starts_with("_Z") ? plain_name(name) : std::string{name});
}

std::string demangle_type(std::string_view name) {
  // The name may come from an image that nobody should trust. References to what stands before, each ended by
  // '_', can double a name again and again: 230 bytes become 23 MB.
  constexpr std::size_t longest = 512;
  constexpr std::ptrdiff_t most_references = 24;
  if (name.size() > longest || std::ranges::count(name, '_') > most_references) return std::string{name};
  return without_versions(plain_name(name));
}

std::string to_string(const frame& f) {
  std::string where;
  if (!f.file.empty()) where = f.line == 0 ? f.file : std::format("{}:{}", f.file, f.line);
  if (f.line != 0 && f.column != 0) where += std::format(":{}", f.column);
  if (f.function.empty() && where.empty()) return std::format("image+{:#x}", f.offset);
  if (f.function.empty()) return std::format("image+{:#x} at {}", f.offset, where);
  return where.empty() ? f.function : std::format("{} at {}", f.function, where);
}

std::vector<frame> symbolize(const std::filesystem::path& image, std::span<const std::uint64_t> offsets) {
  std::vector<frame> frames;
  frames.reserve(offsets.size());
  const auto information = debug_information::open(debug_path(image));
  for (const std::uint64_t offset : offsets) {
    if (information != nullptr) {
      information->look_up(offset, frames);
    } else {
      frames.push_back({.offset = offset});
    }
  }
  return frames;
}

}  // namespace aster::host
