// The tender's command line and environment.
//
// `aster run` starts the tender with everything said; a person may as well:
//
//   aster-sandbox -m 64M hello world          arguments follow the image
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string_view>

#include "abi/boot_line.hpp"
#include "abi/manifest.hpp"
#include "host/sandbox/complaint.hpp"

namespace aster::host::sandbox {

struct options {
  const char* image = nullptr;
  std::uint64_t budget = 64u << 20;              // bytes of memory
  int control = -1;                              // descriptor that becomes abi::control_descriptor, or none
  std::array<int, abi::device_limit> devices{};  // … and those from abi::first_device_descriptor on
  std::size_t device_count = 0;
  bool debug = false;  // let a debugger attach
  bool help = false;
  // From ASTER_BOOT; without it, made of the image's name and the arguments behind it.
  std::array<char, abi::boot_line_limit> boot_line{};
  std::size_t boot_line_size = 0;
};

/// Why, and the word of the command line that it is about.
struct option_complaint {
  std::string_view word;
  complaint reason;
};

/// Reads the command line (the program's own name first) and ASTER_BOOT out of `environment` into `out`.
std::expected<void, option_complaint> read_options(std::span<char* const> arguments, char* const* environment,
                                                   options& out);

/// Bytes, with an optional suffix K, M or G (powers of 1024); nothing when malformed or past 64 TiB.
constexpr std::expected<std::uint64_t, complaint> read_bytes(std::string_view text) {
  const auto malformed = std::unexpected(complaint{"is not an amount of memory", "write it as in 64M"});
  std::uint64_t value = 0;
  std::size_t digits = 0;
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
    value = value * 10 + static_cast<std::uint64_t>(text[digits] - '0');
    if (value > 1ull << 46) return malformed;
  }
  if (digits == 0 || text.size() - digits > 1) return malformed;
  if (digits < text.size()) {
    switch (text[digits]) {
      case 'k':
      case 'K': value <<= 10; break;
      case 'm':
      case 'M': value <<= 20; break;
      case 'g':
      case 'G': value <<= 30; break;
      default: return malformed;
    }
    if (value > 1ull << 46) return malformed;
  }
  return value;
}

}  // namespace aster::host::sandbox
