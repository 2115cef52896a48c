#include "host/image/elf.hpp"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <format>
#include <optional>

namespace aster::host {
namespace {

// Far above what a linker writes, far below what would cost memory or time.
constexpr std::size_t segment_limit = 128;
constexpr std::size_t section_limit = 4096;
constexpr std::uint64_t names_limit = std::uint64_t{1} << 20;
constexpr std::uint64_t note_segment_limit = std::uint64_t{1} << 16;

std::unexpected<image_error> fault(image_fault kind, std::string text) {
  return std::unexpected{image_error{kind, std::move(text)}};
}

std::unexpected<image_error> cut_short(std::uint64_t have, std::uint64_t need) {
  return fault(image_fault::cut_short, std::format("cut short: has {} bytes of at least {}; build or copy it "
                                                   "again",
                                                   have, need));
}

std::unexpected<image_error> malformed(std::string_view what) {
  return fault(image_fault::malformed, std::format("corrupt ELF file: {}; build or copy it again", what));
}

std::unexpected<image_error> vanished() {
  return fault(image_fault::unreadable, "changed while it was being read; try again");
}

/// The end of a range; nothing when it does not fit into 64 bits.
std::optional<std::uint64_t> end_of(std::uint64_t offset, std::uint64_t size) {
  std::uint64_t end = 0;
  if (__builtin_add_overflow(offset, size, &end)) return std::nullopt;
  return end;
}

template <class T>
bool read_object(const byte_source& file, std::uint64_t offset, T& out) {
  return file.read(offset, std::as_writable_bytes(std::span{&out, 1}));
}

template <class T>
bool read_table(const byte_source& file, std::uint64_t offset, std::vector<T>& out) {
  return file.read(offset, std::as_writable_bytes(std::span{out}));
}

std::expected<Elf64_Ehdr, image_error> read_header(const byte_source& file) {
  const std::uint64_t size = file.size();
  if (size == 0) return fault(image_fault::not_elf, "empty file; build it again");
  Elf64_Ehdr header{};
  const std::size_t there = std::min<std::uint64_t>(size, sizeof header);
  if (!file.read(0, std::as_writable_bytes(std::span{&header, 1}).first(there))) return vanished();
  if (std::memcmp(header.e_ident, ELFMAG, std::min<std::size_t>(there, SELFMAG)) != 0) {
    return fault(image_fault::not_elf,
                 there >= 2 && std::memcmp(&header, "#!", 2) == 0
                     ? "a script, not an ELF file; give the image that 'aster build' made"
                     : "not an ELF file; give the image that 'aster build' made");
  }
  if (there < sizeof header) return cut_short(there, sizeof header);
  if (header.e_ident[EI_CLASS] == ELFCLASS32) {
    return fault(image_fault::wrong_machine, "a 32-bit program; images are built for 64-bit x86");
  }
  if (header.e_ident[EI_CLASS] != ELFCLASS64) return malformed("its class is neither 32 nor 64 bits");
  if (header.e_ident[EI_DATA] != ELFDATA2LSB || header.e_machine != EM_X86_64) {
    return fault(image_fault::wrong_machine,
                 std::format("built for another machine (ELF machine {}); images are built for 64-bit x86",
                             header.e_ident[EI_DATA] == ELFDATA2LSB ? header.e_machine
                                                                    : __builtin_bswap16(header.e_machine)));
  }
  if (header.e_version != EV_CURRENT || header.e_ident[EI_VERSION] != EV_CURRENT)
    return malformed("unknown ELF version");
  if (header.e_ehsize != sizeof header) return malformed("the header gives a wrong size of itself");
  return header;
}

std::expected<std::vector<elf_segment>, image_error> read_segments(const byte_source& file,
                                                                   const Elf64_Ehdr& header) {
  if (header.e_phnum == 0) return std::vector<elf_segment>{};
  if (header.e_phentsize != sizeof(Elf64_Phdr)) return malformed("program headers of a wrong size");
  if (header.e_phnum > segment_limit) return malformed("too many program headers");
  const auto end = end_of(header.e_phoff, header.e_phnum * sizeof(Elf64_Phdr));
  if (!end) return malformed("program headers outside of the file");
  if (*end > file.size()) return cut_short(file.size(), *end);
  std::vector<Elf64_Phdr> table(header.e_phnum);
  if (!read_table(file, header.e_phoff, table)) return vanished();

  std::vector<elf_segment> segments;
  segments.reserve(table.size());
  for (const Elf64_Phdr& entry : table) {
    const auto file_end = end_of(entry.p_offset, entry.p_filesz);
    if (!file_end) return malformed("a segment outside of the file");
    if (*file_end > file.size()) return cut_short(file.size(), *file_end);
    if (!end_of(entry.p_vaddr, entry.p_memsz) || !end_of(entry.p_paddr, entry.p_memsz))
      return malformed("a segment outside of the address space");
    if (entry.p_type == PT_LOAD && entry.p_filesz > entry.p_memsz)
      return malformed("a segment larger in the file than in memory");
    if ((entry.p_align & (entry.p_align - 1)) != 0) return malformed("a segment aligned to no power of two");
    segments.push_back({entry.p_type, entry.p_flags, entry.p_offset, entry.p_vaddr, entry.p_paddr,
                        entry.p_filesz, entry.p_memsz, entry.p_align});
  }
  return segments;
}

std::expected<std::vector<elf_section>, image_error> read_sections(const byte_source& file,
                                                                   const Elf64_Ehdr& header) {
  if (header.e_shnum == 0) return std::vector<elf_section>{};
  if (header.e_shentsize != sizeof(Elf64_Shdr)) return malformed("section headers of a wrong size");
  if (header.e_shnum > section_limit) return malformed("too many sections");
  const auto end = end_of(header.e_shoff, header.e_shnum * sizeof(Elf64_Shdr));
  if (!end) return malformed("section headers outside of the file");
  if (*end > file.size()) return cut_short(file.size(), *end);
  std::vector<Elf64_Shdr> table(header.e_shnum);
  if (!read_table(file, header.e_shoff, table)) return vanished();

  for (const Elf64_Shdr& entry : table) {
    if (entry.sh_type == SHT_NULL || entry.sh_type == SHT_NOBITS) continue;
    const auto section_end = end_of(entry.sh_offset, entry.sh_size);
    if (!section_end) return malformed("a section outside of the file");
    if (*section_end > file.size()) return cut_short(file.size(), *section_end);
  }
  if (header.e_shstrndx >= table.size() || table[header.e_shstrndx].sh_type != SHT_STRTAB)
    return malformed("no table of section names");
  if (table[header.e_shstrndx].sh_size > names_limit) return malformed("too long a table of section names");
  std::vector<char> names(table[header.e_shstrndx].sh_size);
  if (!read_table(file, table[header.e_shstrndx].sh_offset, names)) return vanished();

  std::vector<elf_section> sections;
  sections.reserve(table.size());
  for (const Elf64_Shdr& entry : table) {
    if (entry.sh_type == SHT_NULL) continue;
    if (entry.sh_name >= names.size()) return malformed("a section without a name");
    const auto begin = names.begin() + static_cast<std::ptrdiff_t>(entry.sh_name);
    const auto nul = std::find(begin, names.end(), '\0');
    if (nul == names.end()) return malformed("a section name without an end");
    sections.push_back({std::string{begin, nul}, entry.sh_type, entry.sh_flags, entry.sh_addr,
                        entry.sh_offset, entry.sh_size});
  }
  return sections;
}

/// Notes of one segment. The gABI wants 8-byte alignment in ELF-64, but everybody aligns to 4 bytes unless
/// the segment says 8, as .note.gnu.property does.
std::expected<void, image_error> read_notes(const byte_source& file, const elf_segment& segment,
                                            std::vector<elf_note>& notes) {
  if (segment.file_size > note_segment_limit) return malformed("too long a segment of notes");
  std::vector<std::byte> bytes(segment.file_size);
  if (!read_table(file, segment.offset, bytes)) return vanished();
  const std::uint64_t alignment = segment.alignment == 8 ? 8 : 4;
  const auto align = [alignment](std::uint64_t n) { return (n + alignment - 1) & ~(alignment - 1); };

  std::uint64_t at = 0;
  while (at < bytes.size()) {
    Elf64_Nhdr header{};
    if (bytes.size() - at < sizeof header) return malformed("a note that is cut off");
    std::memcpy(&header, bytes.data() + at, sizeof header);
    const std::uint64_t name = at + sizeof header;
    const std::uint64_t description = align(name + header.n_namesz);
    const std::uint64_t end = description + header.n_descsz;
    if (end > bytes.size()) return malformed("a note that is cut off");
    const char* text = reinterpret_cast<const char*>(bytes.data() + name);
    notes.push_back({std::string{text, strnlen(text, header.n_namesz)}, header.n_type,
                     std::vector<std::byte>{bytes.begin() + static_cast<std::ptrdiff_t>(description),
                                            bytes.begin() + static_cast<std::ptrdiff_t>(end)},
                     segment.offset + description, segment.address + description});
    at = align(end);
  }
  return {};
}

}  // namespace

const elf_segment* elf::segment_at(std::uint64_t address) const {
  const auto found = std::ranges::find_if(
      segments, [address](const elf_segment& s) { return s.type == PT_LOAD && s.holds(address); });
  return found == segments.end() ? nullptr : &*found;
}

const elf_section* elf::section(std::string_view name) const {
  const auto found = std::ranges::find(sections, name, &elf_section::name);
  return found == sections.end() ? nullptr : &*found;
}

std::expected<elf, image_error> read_elf(const byte_source& file) {
  const auto header = read_header(file);
  if (!header) return std::unexpected{header.error()};
  auto segments = read_segments(file, *header);
  if (!segments) return std::unexpected{segments.error()};
  auto sections = read_sections(file, *header);
  if (!sections) return std::unexpected{sections.error()};
  elf result{header->e_type,       header->e_entry,      header->e_phoff,
             std::move(*segments), std::move(*sections), {}};
  for (const elf_segment& segment : result.segments) {
    if (segment.type != PT_NOTE) continue;
    if (auto read = read_notes(file, segment, result.notes); !read) return std::unexpected{read.error()};
  }
  return result;
}

}  // namespace aster::host
