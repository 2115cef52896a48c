// A panic, gathered from the control channel and printed for a person.
//
//   panic: null pointer: write to 0x0
//     in fiber main
//     #0 write_null() at crash.cpp:7:8
//     #1 main at crash.cpp:12:3
//     rip=…
#pragma once
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "host/run/control_record.hpp"

namespace aster::host {

struct panic_report {
  std::string text;
  std::string fiber;
  std::vector<std::pair<std::string, std::uint64_t>> registers;
  std::vector<control::frame> frames;
  bool cut_short = false;  // the image ended before the report did
};

/// The report as lines, each ended by a newline. Frames are looked up in the image's debug information.
std::string render(const panic_report& report, const std::filesystem::path& image);

}  // namespace aster::host
