// Frames as they are on the wire (RFC 6455 §5.2): what is in front of the payload, and the mask over it.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace aster::websocket {

/// Who speaks: what a client sends is masked, what a server sends is not (§5.1).
enum class side : std::uint8_t { client, server };

enum class opcode : std::uint8_t {
  continuation = 0,
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10,
};

constexpr bool is_control(opcode o) { return static_cast<std::uint8_t>(o) >= 8; }

inline constexpr std::size_t most_control_bytes = 125;  // payload of a control frame (§5.5)
inline constexpr std::size_t most_header_bytes = 14;

using mask_key = std::array<std::uint8_t, 4>;

/// Writes `size` bytes from `from` to `to`, each combined with the byte of the key that `position`, counted
/// from the begin of the payload, falls on (§5.3). The two may be the same, but not overlap otherwise.
void apply_mask(const mask_key& key, std::uint64_t position, const char* from, char* to, std::size_t size);

struct frame_options {
  bool is_last = true;         // of its message
  bool is_compressed = false;  // RSV1 (RFC 7692 §6)
};

/// Appends a server's frame: not masked.
void append_frame(std::string& to, opcode o, std::string_view payload, frame_options options = {});

/// Appends a client's frame, masked with `key`.
void append_masked_frame(std::string& to, opcode o, std::string_view payload, const mask_key& key,
                         frame_options options = {});

}  // namespace aster::websocket
