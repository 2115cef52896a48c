// What the linker put where: the map file that `asterism_image` writes next to the image as `NAME.map`.
//
// It is the one exact answer to "what makes it big": every input section with the archive member it came
// from, every symbol with its size. Lines of lld's map have four numbers (address, load address, size in
// hex, alignment) and a name whose indentation says what it is: an output section, an input section, or a
// symbol.
#pragma once
#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace aster::host {

struct map_symbol {
  std::uint64_t address, size;
  std::string name;
};

/// A piece of an output section.
struct map_input {
  std::uint64_t address, size;
  std::string output;   // ".text"
  std::string file;     // "/lib/libc.a", "main.cpp.o", or "<internal>" for what the linker made itself
  std::string member;   // "vfprintf-internal.o"; empty when `file` is no archive
  std::string section;  // ".text"
  std::vector<map_symbol> symbols;
};

struct map_output {
  std::uint64_t address, size;
  std::string name;
};

struct link_map {
  std::vector<map_output> outputs;
  std::vector<map_input> inputs;
};

/// Reads the text of a map; lines that make no sense are skipped, so that another linker's map is empty.
link_map parse_link_map(std::string_view text);

/// The library that a piece belongs to, as a person thinks of it: "libc", "libc++", "aster/net", "kernel",
/// "program", "linker", or an archive's own name.
std::string library_of(const map_input& input);

}  // namespace aster::host
