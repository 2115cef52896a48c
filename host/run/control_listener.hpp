// Listens to an image's control channel: prints what is for a person, remembers what decides the exit code.
#pragma once
#include <cstdio>
#include <filesystem>
#include <functional>
#include <optional>
#include <string_view>

#include "host/run/control_record.hpp"
#include "host/run/panic_report.hpp"

namespace aster::host {

class control_listener {
 public:
  /// Prints to `out`; `image` is for the names of functions.
  control_listener(std::filesystem::path image, std::FILE* out);

  void feed(std::string_view bytes) { splitter_.feed(bytes); }

  /// The channel is closed: an unfinished report is printed as far as it goes.
  void finish();

  std::optional<int> exit_code() const { return exit_code_; }
  bool panicked() const { return panicked_; }
  /// Whether the image has said that it reads its console.
  bool wants_input() const { return wants_input_; }

  /// Called when the image says that it can be used. May be empty.
  std::function<void()> on_ready;
  /// Called when the image says that it answers questions, and for each line of an answer. May be empty.
  std::function<void()> on_answers;
  std::function<void(const control::answer&)> on_answer;

 private:
  void take_line(std::string_view line);
  void print_report();

  std::filesystem::path image_;
  std::FILE* out_;
  control_splitter splitter_;
  std::optional<panic_report> report_;
  std::optional<int> exit_code_;
  bool panicked_ = false;
  bool wants_input_ = false;
  unsigned malformed_ = 0;
};

}  // namespace aster::host
