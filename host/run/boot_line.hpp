// Writes the boot line (abi/boot_line.hpp) that tells an image about this run.
#pragma once
#include <expected>
#include <string>
#include <string_view>

#include "host/run/attachment.hpp"

namespace aster::host {

/// `value` with every byte that does not stand for itself percent-encoded.
std::string encode_boot_value(std::string_view value);

/// Builds a line token by token.
class boot_line {
 public:
  void argument(std::string_view value) { add("arg=" + encode_boot_value(value)); }
  void variable(std::string_view name_and_value) { add("env=" + encode_boot_value(name_and_value)); }
  void flag(std::string_view name) { add(std::string(name)); }
  void number(std::string_view key, int value) { add(std::string(key) + "=" + std::to_string(value)); }

  /// `frames` is the descriptor that carries frames, or -1 where the target finds the device by its MAC
  /// address; `offload` as the boot line has it, or empty.
  void network(const attached_device& device, int frames, std::string_view offload);

  /// The line, or why it is too long for an image.
  std::expected<std::string, std::string> finish() const;

 private:
  void add(const std::string& token) {
    if (!line_.empty()) line_ += ' ';
    line_ += token;
  }
  std::string line_;
};

/// "52:54:00:12:34:56".
std::string to_string(const std::array<std::uint8_t, 6>& mac);

}  // namespace aster::host
