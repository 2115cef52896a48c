// What makes an image big: its bytes by library, and by symbol.
//
//   if (auto w = weigh(*image)) for (const auto& l : w->libraries) …
#pragma once
#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "host/image/image.hpp"
#include "host/image/link_map.hpp"

namespace aster::host {

/// Bytes by what they are for. All but `zeroed` take room in the file.
struct bytes_by_use {
  std::uint64_t code = 0;
  std::uint64_t constants = 0;  // read-only data, and what is read-only once relocated
  std::uint64_t data = 0;       // writable, with a value
  std::uint64_t unwinding = 0;  // tables for exceptions and backtraces
  std::uint64_t linking = 0;    // relocations, symbols, notes
  std::uint64_t zeroed = 0;     // memory only

  std::uint64_t in_file() const { return code + constants + data + unwinding + linking; }
};

struct library_weight {
  std::string name;
  bytes_by_use bytes;
};

struct symbol_weight {
  std::string name;  // demangled; for bytes without a symbol, their section in parentheses
  std::string library;
  std::string section;  // output section
  std::uint64_t size;
};

struct weight {
  std::vector<library_weight> libraries;  // largest in the file first
  std::vector<symbol_weight> symbols;     // largest first; memory-only ones included
  std::uint64_t padding;                  // headers and gaps: the file's size less all of the above
};

/// Adds up the pieces of `map`, which must be that of `image`.
weight add_up(const link_map& map, const image& image);

/// Reads the map beside the image; the error says why there is none to trust (not there, unreadable, or
/// written by another link).
std::expected<weight, std::string> weigh(const image& image);

}  // namespace aster::host
