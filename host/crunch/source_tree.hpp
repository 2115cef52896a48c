// The directory that is crunched: read as a whole, before anything is written.
//
// The same tree gives the same result: files are ordered by their path, byte by byte, whatever order the file
// system lists them in, and nothing but names and contents counts.
#pragma once
#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>
#include <vector>

namespace aster::host::crunch {

struct source_file {
  std::string path;             // below the tree, with '/' between and in front: "/css/style.css"
  std::filesystem::path place;  // where it lies
  std::string content;
};

struct source_tree {
  std::vector<source_file> files;                  // by path
  std::vector<std::filesystem::path> directories;  // every one that was looked into, the tree's own first
};

inline constexpr std::size_t file_limit = 65'535;
inline constexpr std::uint64_t byte_limit = std::uint64_t{1} << 30;

/// Reads all files below `directory`. Hidden files and editors' backups (aster/crunch/file_name.hpp) are left
/// out unless `with_hidden`. Links are followed as long as they stay inside of the tree. The error is one
/// line with the thing, the cause and the mend: what cannot be read, is no file, has a name that is not UTF-8
/// or holds control characters, leads out of the tree or back into itself, or is too much; or that there is
/// no file at all.
std::expected<source_tree, std::string> read_source_tree(const std::filesystem::path& directory,
                                                         bool with_hidden);

/// The content of a file; the error says which and why.
std::expected<std::string, std::string> read_file(const std::filesystem::path& path);

/// Whether the bytes are UTF-8 (RFC 3629).
bool is_utf8(std::string_view text);

}  // namespace aster::host::crunch
