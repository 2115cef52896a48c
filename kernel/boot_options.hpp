// The boot line, parsed and checked: what the program that runs the image said about this run.
//
// Parsing happens once, before libc runs, into storage of fixed size: the text is copied and decoded in
// place, so every pointer lives as long as the image. Format and meaning: abi/boot_line.hpp.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "abi/boot_line.hpp"
#include "abi/manifest.hpp"

namespace aster::kernel {

struct network_option {
  const char* name = nullptr;
  std::array<std::uint8_t, 6> mac{};
  int descriptor = 0;  // process and sandbox; 0: none
  std::uint16_t mtu = 0;  // 1500 once parsed
  bool checksum = false, tso4 = false, tso6 = false, receive = false;
  const char* configuration = nullptr;  // "ip=…,gateway=…,dns=…"; null for DHCP
};

/// All zero before `parse`, so that it takes no room in the image's file.
struct boot_options {
  static constexpr std::size_t argument_limit = 64;
  static constexpr std::size_t environment_limit = 64;

  std::array<char*, argument_limit + 1> arguments{};  // NUL-terminated strings, then null
  std::size_t argument_count = 0;
  std::array<char*, environment_limit + 1> environment{};
  std::size_t environment_count = 0;
  std::array<network_option, abi::device_limit> networks{};
  std::size_t network_count = 0;
  bool has_control = false;  // somebody listens on the control channel
  int control = 0;           // its descriptor, on a process
  bool strace = false;

  /// The token that could not be used, and why; empty when all is well.
  std::string_view error_token;
  const char* error = nullptr;

  /// Fills this from `line`. False when a token is unknown, malformed or one too many (see `error`).
  bool parse(std::string_view line) noexcept;

 private:
  char* store(std::string_view encoded) noexcept;
  bool parse_network(std::string_view value) noexcept;
  bool fail(std::string_view token, const char* why) noexcept;

  std::array<char, 2 * abi::boot_line_limit> text_{};
  std::size_t used_ = 0;
};

/// The options of this run.
boot_options& options() noexcept;

}  // namespace aster::kernel
