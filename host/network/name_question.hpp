// The small part of the DNS (RFC 1035) that a network of services needs: one question for an address, and its
// answer.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace aster::host {

struct name_question {
  std::uint16_t id = 0;
  bool recursion_desired = false;
  std::string name;  // lower case, without the last dot
  std::uint16_t type = 0;
  std::vector<std::byte> question;  // as asked: the answer repeats it byte for byte, also its case (0x20)

  static constexpr std::uint16_t type_a = 1;

  /// Nothing when it is no query of one question of class IN, or its name has an impossible form.
  static std::optional<name_question> of(std::span<const std::byte> datagram);
};

enum class name_verdict : std::uint8_t {
  found,    // with the addresses, maybe none of this type (NODATA)
  unknown,  // no such name (NXDOMAIN)
  failed,   // not now (SERVFAIL)
  refused,  // not for you
};

/// The datagram that answers. `addresses`: IPv4, host byte order; those that do not fit into 512 bytes are
/// left out.
std::vector<std::byte> answer(const name_question& question, name_verdict verdict,
                              std::span<const std::uint32_t> addresses, std::chrono::seconds lifetime);

}  // namespace aster::host
