#include "host/image/weight.hpp"

#include <elf.h>

#include <algorithm>
#include <array>
#include <format>
#include <map>

#include "host/image/symbolize.hpp"

namespace aster::host {
namespace {

std::uint64_t& use_of(bytes_by_use& bytes, const elf_section& section) {
  if (section.type == SHT_NOBITS) return bytes.zeroed;
  if (section.name.starts_with(".eh_frame") || section.name.starts_with(".gcc_except_table"))
    return bytes.unwinding;
  switch (section.type) {
    case SHT_RELA:
    case SHT_RELR:
    case SHT_DYNSYM:
    case SHT_DYNAMIC:
    case SHT_STRTAB:
    case SHT_HASH:
    case SHT_GNU_HASH:
    case SHT_NOTE: return bytes.linking;
    default: break;
  }
  if ((section.flags & SHF_EXECINSTR) != 0) return bytes.code;
  if ((section.flags & SHF_WRITE) == 0 || section.name.starts_with(".data.rel.ro")) return bytes.constants;
  return bytes.data;
}

/// The name of bytes that no symbol claims: their section, and the file where there is one.
std::string unnamed(const map_input& input) {
  const std::string_view section = std::string_view{input.section}.substr(0, input.section.find('+'));
  const std::string_view file = input.member.empty() ? input.file : input.member;
  if (file == "<internal>") return std::format("({})", section);
  return std::format("({} of {})", section, file.substr(file.rfind('/') + 1));
}

using named_bytes = std::map<std::array<std::string, 3>, std::uint64_t>;  // by name, library, output section

/// Counts each byte of a piece once: aliases share an address, and a label of size 0 owns nothing.
void add_symbols(const map_input& input, const std::string& library, named_bytes& out) {
  std::uint64_t claimed = 0;
  std::uint64_t claimed_end = input.address;
  for (const map_symbol& s : input.symbols) {
    if (s.size == 0 || s.address < claimed_end || s.address + s.size > input.address + input.size) continue;
    out[{demangle(s.name), library, input.output}] += s.size;
    claimed += s.size;
    claimed_end = s.address + s.size;
  }
  if (claimed < input.size) out[{unnamed(input), library, input.output}] += input.size - claimed;
}

}  // namespace

weight add_up(const link_map& map, const image& image) {
  std::map<std::string, bytes_by_use> libraries;
  named_bytes symbols;
  weight result{};
  std::uint64_t counted = 0;
  for (const map_input& input : map.inputs) {
    const elf_section* section = image.file.section(input.output);
    if (section == nullptr || (section->flags & SHF_ALLOC) == 0 || input.size == 0) continue;
    const std::string library = library_of(input);
    use_of(libraries[library], *section) += input.size;
    if (section->type != SHT_NOBITS) counted += input.size;
    add_symbols(input, library, symbols);
  }
  for (const auto& [key, size] : symbols) result.symbols.push_back({key[0], key[1], key[2], size});
  for (const auto& [name, bytes] : libraries) result.libraries.push_back({name, bytes});
  std::ranges::stable_sort(result.libraries, std::greater{},
                           [](const library_weight& l) { return l.bytes.in_file(); });
  std::ranges::stable_sort(result.symbols, std::greater{}, &symbol_weight::size);
  result.padding = image.file_size > counted ? image.file_size - counted : 0;
  return result;
}

std::expected<weight, std::string> weigh(const image& image) {
  std::filesystem::path path = image.path;
  path += ".map";
  const auto file = file_source::open(path);
  if (!file)
    return std::unexpected{
        std::format("{} is not there; build the image again for its link map", path.string())};
  constexpr std::uint64_t limit = std::uint64_t{256} << 20;
  std::string text;
  text.resize(std::min(file->size(), limit));
  if (!file->read(0, std::as_writable_bytes(std::span{text})))
    return std::unexpected{std::format("{} cannot be read", path.string())};

  const link_map map = parse_link_map(text);
  // A map of another link would give wrong answers: it must agree on every section that is loaded.
  for (const elf_section& section : image.file.sections) {
    if ((section.flags & SHF_ALLOC) == 0) continue;
    const auto same = std::ranges::find(map.outputs, section.name, &map_output::name);
    if (same == map.outputs.end() || same->address != section.address || same->size != section.size)
      return std::unexpected{
          std::format("{} was written by another link; build the image again", path.string())};
  }
  return add_up(map, image);
}

}  // namespace aster::host
