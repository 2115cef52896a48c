#include "host/sandbox/image_layout.hpp"

#include <elf.h>

#include <cstring>

#include "abi/manifest.hpp"

namespace aster::host::sandbox {
namespace {

using bytes = std::span<const std::byte>;

constexpr std::uint64_t note_bytes_limit = 4096;  // of one PT_NOTE; a full manifest takes less than 1 KiB
constexpr std::size_t program_header_limit = 32;

constexpr std::string_view rebuild = "build it with asterism_image() or `aster build`";
constexpr std::string_view damaged = "the file is damaged or was cut short: build or copy it again";

std::unexpected<complaint> wrong(std::string_view cause, std::string_view mend) {
  return std::unexpected(complaint{cause, mend});
}

/// Copies a record out of `from`, whose size the caller has checked.
template <class Record>
Record record_at(bytes from, std::uint64_t offset) {
  Record record;
  std::memcpy(&record, from.subspan(offset, sizeof(Record)).data(), sizeof(Record));
  return record;
}

std::expected<Elf64_Ehdr, complaint> check_header(bytes head) {
  // Nothing below may read past the bytes there are.
  if (head.size() < SELFMAG || std::memcmp(head.data(), ELFMAG, SELFMAG) != 0) {
    return wrong("is not an ELF file", rebuild);
  }
  if (head.size() < sizeof(Elf64_Ehdr)) return wrong("ends within its ELF header", damaged);
  const auto header = record_at<Elf64_Ehdr>(head, 0);
  // Another class, byte order or machine could not run on this CPU, or only through another system call ABI.
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
      header.e_ident[EI_VERSION] != EV_CURRENT || header.e_machine != EM_X86_64) {
    return wrong("is not for x86-64", "build it for this machine");
  }
  // Only position-independent files may be put at a random base.
  if (header.e_type != ET_DYN) return wrong("is not position independent", rebuild);
  // The table is read with our own idea of an entry's size, and has to lie in the bytes at hand.
  if (header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phnum == 0 ||
      header.e_phnum > program_header_limit) {
    return wrong("has a program header table of an impossible shape", damaged);
  }
  if (header.e_phoff > head.size() || header.e_phnum * sizeof(Elf64_Phdr) > head.size() - header.e_phoff) {
    return wrong("has its program headers outside the first page of the file", damaged);
  }
  return header;
}

/// Checks one PT_LOAD against the file and against the segment before it, and adds it to `layout`.
std::expected<void, complaint> add_segment(image_layout& layout, const Elf64_Phdr& load,
                                           std::uint64_t file_size) {
  if (load.p_memsz == 0) return {};  // occupies nothing
  if (layout.segment_count == segment_limit) return wrong("has more segments than an image has", damaged);
  // The kernel would map bytes past the end as zeros or raise SIGBUS later: refuse now.
  if (load.p_offset > file_size || load.p_filesz > file_size - load.p_offset) {
    return wrong("has a segment beyond the end of the file", damaged);
  }
  // From here on no sum of two fields can wrap around.
  if (load.p_vaddr > span_limit || load.p_memsz > span_limit - load.p_vaddr) {
    return wrong("has a segment beyond the first gigabyte", damaged);
  }
  if (load.p_filesz > load.p_memsz) return wrong("has a segment larger in the file than in memory", damaged);
  // A page of the file is mapped as it is, so that address and offset must agree within the page.
  if (load.p_vaddr % page_size != load.p_offset % page_size) {
    return wrong("has a segment that is not page-congruent", damaged);
  }
  const bool writable = (load.p_flags & PF_W) != 0;
  const bool executable = (load.p_flags & PF_X) != 0;
  // W^X: no page of an image can be changed and run.
  if (writable && executable) return wrong("has a segment both writable and executable", rebuild);
  // Zeros are put behind the file's bytes, which needs a private page.
  if (load.p_filesz < load.p_memsz && !writable) return wrong("has zeros in a read-only segment", damaged);
  // Sorted and apart, so that no mapping replaces part of another one.
  if (page_down(load.p_vaddr) < layout.span)
    return wrong("has segments that overlap or are out of order", damaged);
  // The ELF header has to lie at the base: the image finds its own program headers there.
  if (layout.segment_count == 0 && (load.p_vaddr != 0 || load.p_offset != 0)) {
    return wrong("does not begin with a segment at address 0", rebuild);
  }
  layout.segment_storage[layout.segment_count++] = {.address = load.p_vaddr,
                                                    .memory_size = load.p_memsz,
                                                    .offset = load.p_offset,
                                                    .file_size = load.p_filesz,
                                                    .writable = writable,
                                                    .executable = executable};
  layout.span = page_up(load.p_vaddr + load.p_memsz);
  return {};
}

bool is_code(const image_layout& layout, std::uint64_t address) {
  for (const segment& s : layout.segments()) {
    if (s.executable && address >= s.address && address < s.address + s.file_size) return true;
  }
  return false;
}

/// Takes the four addresses out of the image note whose first byte will lie at `address`.
std::expected<void, complaint> take_image_note(image_layout& layout, const abi::image_note& note,
                                               std::uint64_t address) {
  // Another version of the contract would make image and tender misunderstand each other.
  if (note.version != abi::abi_version) {
    return wrong("was built for another version of Asterism", "build it again with this version");
  }
  const auto target = [&](std::size_t field, std::int32_t distance) {
    return address + field + static_cast<std::uint64_t>(static_cast<std::int64_t>(distance));
  };
  layout.entry = target(offsetof(abi::image_note, sandbox_entry), note.sandbox_entry);
  layout.trap = target(offsetof(abi::image_note, sandbox_trap), note.sandbox_trap);
  layout.signal = target(offsetof(abi::image_note, sandbox_signal), note.sandbox_signal);
  layout.restorer = target(offsetof(abi::image_note, sandbox_restorer), note.sandbox_restorer);
  // The tender jumps there and gives these addresses to the kernel: they must be the image's code. A wrap
  // around gives a huge number, which is no code either.
  for (const std::uint64_t code : {layout.entry, layout.trap, layout.signal, layout.restorer}) {
    if (!is_code(layout, code)) return wrong("has an image note that points outside its code", damaged);
  }
  return {};
}

/// Reads one PT_NOTE; `found` counts image notes over all of them.
std::expected<void, complaint> read_notes(image_layout& layout, const Elf64_Phdr& header, bytes head,
                                          std::uint64_t file_size, const file_reader& reader, int& found) {
  if (header.p_filesz < sizeof(Elf64_Nhdr)) return {};  // empty
  if (header.p_filesz > note_bytes_limit) return {};    // somebody else's: ours are small
  if (header.p_offset > file_size || header.p_filesz > file_size - header.p_offset) {
    return wrong("has notes beyond the end of the file", damaged);
  }
  std::array<std::byte, note_bytes_limit> storage;
  bytes notes = std::span(storage).first(header.p_filesz);
  if (header.p_offset <= head.size() && header.p_filesz <= head.size() - header.p_offset) {
    notes = head.subspan(header.p_offset, header.p_filesz);
  } else if (!reader.read(reader.context, header.p_offset, std::span(storage).first(header.p_filesz))) {
    return wrong("has notes that cannot be read", damaged);
  }
  const std::uint64_t alignment = header.p_align == 8 ? 8 : 4;
  const auto aligned = [&](std::uint64_t n) { return (n + alignment - 1) & ~(alignment - 1); };
  std::uint64_t at = 0;
  while (notes.size() - at >= sizeof(Elf64_Nhdr)) {
    const auto note = record_at<Elf64_Nhdr>(notes, at);
    // 32-bit sizes in 64-bit sums: no wrap around; then both parts have to fit into what is left.
    const std::uint64_t description = aligned(sizeof(Elf64_Nhdr) + note.n_namesz);
    const std::uint64_t size = aligned(description + note.n_descsz);  // with what separates it from the next
    if (description + note.n_descsz > notes.size() - at) return wrong("has a note cut short", damaged);
    const bool ours = note.n_namesz == abi::note_name_size &&
                      std::memcmp(notes.subspan(at + sizeof(Elf64_Nhdr), abi::note_name_size).data(),
                                  abi::note_name, abi::note_name_size) == 0;
    if (ours && note.n_type == static_cast<std::uint32_t>(abi::note_type::image)) {
      // Two image notes would leave open which entry is meant.
      if (++found > 1) return wrong("has two image notes", damaged);
      if (note.n_descsz != sizeof(abi::image_note))
        return wrong("has an image note of the wrong size", damaged);
      if (header.p_vaddr > span_limit) return wrong("has notes beyond the first gigabyte", damaged);
      const auto taken = take_image_note(layout, record_at<abi::image_note>(notes, at + description),
                                         header.p_vaddr + at + description);
      if (!taken) return taken;
    }
    if (size > notes.size() - at) break;  // padding of the last note is not part of the segment
    at += size;
  }
  return {};
}

}  // namespace

std::expected<image_layout, complaint> check_image(bytes head, std::uint64_t file_size, std::uint64_t budget,
                                                   const file_reader& reader) {
  const auto header = check_header(head);
  if (!header) return std::unexpected(header.error());
  image_layout layout;
  std::array<Elf64_Phdr, program_header_limit> table;
  for (std::size_t i = 0; i < header->e_phnum; ++i) {
    table[i] = record_at<Elf64_Phdr>(head, header->e_phoff + i * sizeof(Elf64_Phdr));
    switch (table[i].p_type) {
      case PT_LOAD:
        if (const auto added = add_segment(layout, table[i], file_size); !added)
          return std::unexpected(added.error());
        break;
      case PT_INTERP:  // ld.so would be needed, and there is no file system to find it in
        return wrong("is dynamically linked", rebuild);
      case PT_GNU_STACK:  // the stack is never executable, so that the program would fail later
        if ((table[i].p_flags & PF_X) != 0) return wrong("asks for an executable stack", rebuild);
        break;
      default: break;
    }
  }
  if (layout.segment_count == 0) return wrong("has nothing to load", damaged);
  // Notes last: their targets are checked against all segments.
  int found = 0;
  for (std::size_t i = 0; i < header->e_phnum; ++i) {
    if (table[i].p_type != PT_NOTE) continue;
    if (const auto read = read_notes(layout, table[i], head, file_size, reader, found); !read) {
      return std::unexpected(read.error());
    }
  }
  if (found == 0) return wrong("is not an Asterism image (it has no Asterism note)", rebuild);
  // The segments count towards the memory given.
  if (layout.span > budget) return wrong("needs more memory than -m gives it", "give it more, as in -m 64M");
  return layout;
}

}  // namespace aster::host::sandbox
