// The words of a script (see script.hpp): lines, segments as they are written, and the bytes that a script's
// payload stands for. What plays them, against our host or against Linux, is not its business.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "aster/net/address.hpp"
#include "aster/net/wire/tcp.hpp"

namespace aster::net::tcp {

/// Who the two ends are. The peer's first number lies just below zero, so that every script crosses it.
constexpr ipv4_address script_ours{10, 0, 0, 2}, script_theirs{10, 0, 0, 1};
constexpr std::uint16_t script_port = 80;
constexpr std::uint32_t script_their_isn = 0xfffffff0;
/// Peer `@N` has this port.
constexpr std::uint16_t script_port_of(std::uint32_t n) { return static_cast<std::uint16_t>(40000 + n); }

/// A script did not go as written, or cannot be read.
struct script_failed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// `size` bytes of the stream from an offset on; each direction has its own.
std::vector<std::byte> script_pattern(std::uint32_t begin, std::uint32_t size, bool from_us);

/// Words of a line, taken one after another. An option list is one word. Empty at the end.
class script_words {
 public:
  explicit script_words(std::string_view text) : text_(text) {}
  std::string_view next();
  std::string_view peek() const { return script_words{*this}.next(); }

 private:
  std::string_view text_;
};

double script_decimal(std::string_view text);
inline std::uint32_t script_number(std::string_view text) {
  return static_cast<std::uint32_t>(script_decimal(text));
}

/// A segment as a script writes it; what is left out is nothing.
struct script_segment {
  wire::tcp_flags flags;
  std::uint32_t begin = 0, end = 0, length = 0;
  std::optional<std::uint32_t> ack, window;
  std::optional<wire::tcp_options> options;
  std::optional<std::uint8_t> congestion_bits;

  /// From the bits or flags on to the end of the line.
  static script_segment parse(script_words& w);
};
std::string script_flags(wire::tcp_flags f);

/// Calls `play` for each line that says something, without comment and blanks; what it throws is given the
/// line. Empty when nothing was thrown.
std::string for_each_script_line(std::string_view text, const std::function<void(std::string_view)>& play);

}  // namespace aster::net::tcp
