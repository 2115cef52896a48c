// A small image made in memory, for tests and fuzzers: three segments, the notes, sections, and whatever a
// test wants to be wrong with it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "abi/manifest.hpp"

namespace aster::host::sample {

struct note {
  std::string name;
  std::uint32_t type = 0;
  std::vector<std::byte> description;
};

/// What the image says; a test changes one thing and calls `build`.
struct plan {
  std::uint16_t machine = 62;  // EM_X86_64
  std::uint16_t type = 3;      // ET_DYN
  std::uint32_t code_flags = 5;
  std::uint64_t physical_base = 0x20'0000;
  std::uint64_t pvh_entry = 0x1000;  // before physical_base is added
  std::uint64_t bss = 0x100;
  bool interpreter = false;
  bool needs_library = false;
  bool text_without_bytes = false;
  std::string debug_link;
  std::vector<note> notes;
};

std::vector<std::byte> bytes_of(const void* data, std::size_t size);

template <class T>
std::vector<std::byte> bytes_of(const T& value) {
  return bytes_of(&value, sizeof value);
}

/// The image note whose four entries all lie at the code's first byte, for a note that stands first.
note image_note(std::uint32_t version = abi::abi_version);
note device(std::string name, abi::device_kind kind = abi::device_kind::net);

/// A plan of a good image with one network device "service".
plan good();

std::vector<std::byte> build(const plan& what);

}  // namespace aster::host::sample
