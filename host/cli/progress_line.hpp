// One line on standard error that is rewritten on a terminal, and left out elsewhere: a log has no use for it.
#pragma once
#include <cstdio>
#include <print>
#include <string>

#include "host/cli/terminal.hpp"

namespace aster::host::cli {

class progress_line {
 public:
  progress_line() = default;
  progress_line(const progress_line&) = delete;
  ~progress_line() { clear(); }

  void show(const std::string& text) {
    if (!screen_.interactive()) return;
    std::print(stderr, "\r\x1b[K{}", fit(text, screen_.width() - 1));
    std::fflush(stderr);
    shown_ = true;
  }

  void clear() {
    if (!shown_) return;
    std::print(stderr, "\r\x1b[K");
    std::fflush(stderr);
    shown_ = false;
  }

 private:
  terminal screen_{2};
  bool shown_ = false;
};

}  // namespace aster::host::cli
