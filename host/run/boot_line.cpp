#include "host/run/boot_line.hpp"

#include <format>

#include "abi/boot_line.hpp"

namespace aster::host {

std::string encode_boot_value(std::string_view value) {
  std::string encoded;
  for (const char c : value) {
    if (abi::is_boot_literal(c)) {
      encoded += c;
    } else {
      encoded += std::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

std::string to_string(const std::array<std::uint8_t, 6>& mac) {
  return std::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", mac[0], mac[1], mac[2], mac[3], mac[4],
                     mac[5]);
}

void boot_line::network(const attached_device& device, int frames, std::string_view offload) {
  std::string token = std::format("net={},mac={}", device.name, to_string(device.mac));
  if (frames >= 0) token += std::format(",fd={}", frames);
  if (device.mtu != 1500) token += std::format(",mtu={}", device.mtu);
  if (!offload.empty()) token += std::format(",offload={}", offload);
  if (!device.configuration.empty()) token += "," + device.configuration;
  add(token);
}

std::expected<std::string, std::string> boot_line::finish() const {
  if (line_.size() <= abi::boot_line_limit) return line_;
  return std::unexpected(
      std::format("arguments, environment and devices take {} bytes, and an image takes {}; pass less, or "
                  "pass it on standard input",
                  line_.size(), abi::boot_line_limit));
}

}  // namespace aster::host
