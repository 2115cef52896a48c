#include "host/image/sample_image.hpp"

#include <elf.h>

#include <cstring>
#include <string_view>

namespace aster::host::sample {
namespace {

// Layout in the file, which is also the layout in memory: headers and notes, a page of code, a page of data
// with the PVH note in it, then sections' names and headers.
constexpr std::uint64_t notes_at = 0x400;
constexpr std::uint64_t code_at = 0x1000;
constexpr std::uint64_t data_at = 0x2000;
constexpr std::uint64_t dynamic_at = 0x2100;
constexpr std::uint64_t sections_at = 0x2200;

void put(std::vector<std::byte>& out, std::uint64_t at, const void* data, std::size_t size) {
  if (out.size() < at + size) out.resize(at + size);
  std::memcpy(out.data() + at, data, size);
}

template <class T>
void put(std::vector<std::byte>& out, std::uint64_t at, const T& value) {
  put(out, at, &value, sizeof value);
}

std::uint64_t put_note(std::vector<std::byte>& out, std::uint64_t at, const note& n) {
  const auto align = [](std::uint64_t size) { return (size + 3) & ~std::uint64_t{3}; };
  const Elf64_Nhdr header{static_cast<std::uint32_t>(n.name.size() + 1),
                          static_cast<std::uint32_t>(n.description.size()), n.type};
  put(out, at, header);
  put(out, at + sizeof header, n.name.c_str(), n.name.size() + 1);
  const std::uint64_t description = at + sizeof header + align(n.name.size() + 1);
  if (out.size() < description) out.resize(description);
  put(out, description, n.description.data(), n.description.size());
  const std::uint64_t end = description + align(n.description.size());
  if (out.size() < end) out.resize(end);
  return end;
}

}  // namespace

std::vector<std::byte> bytes_of(const void* data, std::size_t size) {
  const auto* first = static_cast<const std::byte*>(data);
  return {first, first + size};
}

note image_note(std::uint32_t version) {
  // The fields' own addresses: the note stands first, its header and name take 24 bytes.
  const auto to_code = [](std::uint64_t field) {
    return static_cast<std::int32_t>(code_at - (notes_at + 24 + 4 * field));
  };
  return {abi::note_name, 1,
          bytes_of(abi::image_note{version, to_code(1), to_code(2), to_code(3), to_code(4)})};
}

note device(std::string name, abi::device_kind kind) {
  abi::device_note record{kind, {}};
  std::memcpy(record.name, name.data(), std::min(name.size(), sizeof record.name));
  return {abi::note_name, 2, bytes_of(record)};
}

plan good() {
  plan p;
  p.notes = {image_note(), device("service"), {"GNU", NT_GNU_BUILD_ID, bytes_of("\xab\xcd\xef", 3)}};
  return p;
}

std::vector<std::byte> build(const plan& what) {
  std::vector<std::byte> out(sections_at);
  std::uint64_t notes_end = notes_at;
  for (const note& n : what.notes) notes_end = put_note(out, notes_end, n);
  const std::uint64_t pvh_end =
      put_note(out, data_at, {"Xen", 18, bytes_of(what.pvh_entry + what.physical_base)});
  std::vector<Elf64_Dyn> dynamic;
  if (what.needs_library) dynamic.push_back({DT_NEEDED, {1}});
  dynamic.push_back({DT_FLAGS, {DF_BIND_NOW}});
  dynamic.push_back({DT_NULL, {0}});
  put(out, dynamic_at, dynamic.data(), dynamic.size() * sizeof(Elf64_Dyn));

  std::vector<Elf64_Phdr> segments;
  const auto segment = [&](std::uint32_t type, std::uint32_t flags, std::uint64_t at, std::uint64_t size,
                           std::uint64_t memory, std::uint64_t alignment) {
    segments.push_back({type, flags, at, at, at + what.physical_base, size, memory, alignment});
  };
  segment(PT_LOAD, PF_R, 0, notes_end, notes_end, 0x1000);
  segment(PT_LOAD, what.code_flags, code_at, 0x100, 0x100, 0x1000);
  segment(PT_LOAD, PF_R | PF_W, data_at, 0x200, 0x200 + what.bss, 0x1000);
  segment(PT_NOTE, PF_R, notes_at, notes_end - notes_at, notes_end - notes_at, 4);
  segment(PT_NOTE, PF_R, data_at, pvh_end - data_at, pvh_end - data_at, 4);
  segment(PT_DYNAMIC, PF_R, dynamic_at, dynamic.size() * sizeof(Elf64_Dyn),
          dynamic.size() * sizeof(Elf64_Dyn), 8);
  segment(PT_GNU_RELRO, PF_R, data_at, 0x200, 0x200, 1);
  segment(PT_GNU_STACK, PF_R | PF_W, 0, 0, 0, 0);
  if (what.interpreter) segment(PT_INTERP, PF_R, notes_at, 8, 8, 1);
  put(out, sizeof(Elf64_Ehdr), segments.data(), segments.size() * sizeof(Elf64_Phdr));

  // Names in the order of the headers below.
  constexpr std::string_view names{"\0.text\0.shstrtab\0.gnu_debuglink\0", 32};
  std::vector<Elf64_Shdr> sections(3);
  sections[1] = {1,
                 what.text_without_bytes ? Elf64_Word{SHT_NOBITS} : Elf64_Word{SHT_PROGBITS},
                 SHF_ALLOC | SHF_EXECINSTR,
                 code_at,
                 code_at,
                 0x100,
                 0,
                 0,
                 1,
                 0};
  sections[2] = {7, SHT_STRTAB, 0, 0, sections_at, names.size(), 0, 0, 1, 0};
  put(out, sections_at, names.data(), names.size());
  if (!what.debug_link.empty()) {
    std::vector<char> link(what.debug_link.begin(), what.debug_link.end());
    link.resize((link.size() / 4 + 1) * 4 + 4);  // NUL, padding, checksum
    const std::uint64_t at = out.size();
    put(out, at, link.data(), link.size());
    sections.push_back({17, SHT_PROGBITS, 0, 0, at, link.size(), 0, 0, 4, 0});
  }
  const std::uint64_t headers_at = (out.size() + 7) & ~std::uint64_t{7};
  out.resize(headers_at);
  put(out, headers_at, sections.data(), sections.size() * sizeof(Elf64_Shdr));

  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = what.type;
  header.e_machine = what.machine;
  header.e_version = EV_CURRENT;
  header.e_entry = code_at;
  header.e_phoff = sizeof header;
  header.e_shoff = headers_at;
  header.e_ehsize = sizeof header;
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = static_cast<std::uint16_t>(segments.size());
  header.e_shentsize = sizeof(Elf64_Shdr);
  header.e_shnum = static_cast<std::uint16_t>(sections.size());
  header.e_shstrndx = 2;
  put(out, 0, header);
  return out;
}

}  // namespace aster::host::sample
