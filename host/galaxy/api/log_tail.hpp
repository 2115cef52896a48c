// The end of a file that another program writes to, and what it writes from then on.
//
//   log_tail log{logs / "paste-1.log"};
//   print(log.history(100));
//   for (;;) { print(log.more()); task::sleep(100ms); }
//
// Files cannot be waited for as sockets can, so who follows one looks again and again. Each look is one
// fstat.
#pragma once
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "host/run/descriptor.hpp"

namespace aster::host::galaxy {

class log_tail {
 public:
  static constexpr std::size_t history_limit = 1u << 20;  // bytes
  static constexpr std::size_t read_limit = 64u << 10;    // bytes that `more` returns at once

  /// The file need not be there yet.
  explicit log_tail(std::filesystem::path file) : path_(std::move(file)) {}

  /// The last `lines` lines, as far as `history_limit` goes, with what stands behind the last newline. `more`
  /// goes on behind it.
  std::string history(std::size_t lines);

  /// What was written since; empty: nothing. A file that was made anew under the name is read from its
  /// beginning.
  std::string more();

 private:
  bool open();
  std::string read(std::uint64_t from, std::size_t size) const;

  std::filesystem::path path_;
  descriptor file_;
  ino_t inode_ = 0;
  std::uint64_t position_ = 0;
};

/// Cuts what comes in pieces into lines. A line longer than the limit becomes several.
class line_splitter {
 public:
  static constexpr std::size_t line_limit = 8u << 10;

  void feed(std::string_view text, const std::function<void(std::string_view line)>& take);

 private:
  std::string rest_;
};

}  // namespace aster::host::galaxy
