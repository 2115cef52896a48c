// An ELF-64 file whose tables have been checked: what every reader of images starts from.
//
// Each byte of the file is untrusted. `read_elf` bounds every table and every range against the file once;
// a value of type `elf` cannot point outside of it, so that nobody checks twice. It does not judge what the
// file is for: `read_image` (image.hpp) does.
#pragma once
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "host/image/byte_source.hpp"

namespace aster::host {

/// What is wrong with a file, by what its owner can do about it.
enum class image_fault {
  unreadable,      // cannot be opened or read
  not_elf,         // something else altogether
  cut_short,       // the beginning of an ELF file, the rest is missing
  malformed,       // an ELF file that contradicts itself
  wrong_machine,   // an ELF file of another architecture or word size
  not_static_pie,  // a relocatable, dynamic or fixed-address file
  no_note,         // a program that is no image of ours
  solo5,           // an image, but of Solo5's
  other_version,   // an image of an Asterism that this one does not know
  bad_manifest,    // an image whose notes are corrupt
  not_sealed,      // linked, but the step after the link is missing
};

struct image_error {
  image_fault fault;
  std::string text;  // one line without a newline: cause and mend; `read_image` puts the file's name first
};

struct elf_segment {
  std::uint32_t type, flags;
  std::uint64_t offset, address, physical, file_size, memory_size, alignment;

  bool holds(std::uint64_t where) const { return where >= address && where - address < memory_size; }
};

struct elf_section {
  std::string name;
  std::uint32_t type;
  std::uint64_t flags, address, offset, size;
};

/// `offset` is where the description lies in the file, `address` where it lies in memory.
struct elf_note {
  std::string name;  // without its NUL
  std::uint32_t type;
  std::vector<std::byte> description;
  std::uint64_t offset, address;
};

struct elf {
  std::uint16_t type;  // ET_DYN, …
  std::uint64_t entry;
  std::uint64_t segments_offset;  // of the program headers in the file
  std::vector<elf_segment> segments;
  std::vector<elf_section> sections;  // empty when the file has none; the null section is left out
  std::vector<elf_note> notes;        // of all PT_NOTE segments, in file order

  /// The first PT_LOAD segment whose memory holds `address`; null when none does.
  const elf_segment* segment_at(std::uint64_t address) const;
  /// Null when there is none of that name.
  const elf_section* section(std::string_view name) const;
};

/// Reads and checks the tables of `file`: x86-64, little endian, with every segment, section and note
/// inside the file. Reads a few kilobytes whatever the size of the file.
std::expected<elf, image_error> read_elf(const byte_source& file);

}  // namespace aster::host
