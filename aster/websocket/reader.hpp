// What the other side sends, as messages: bytes go in as they come, and out come whole messages and control
// frames, or the reason to fail the connection (RFC 6455 §5, §7.1.7, RFC 7692 §6.2). It reads no stream and
// answers nobody.
//
//   reader in{side::client, limits{}};
//   for (std::string_view rest = bytes;;) {
//     switch (in.read(rest)) {
//       case reader::event::nothing: return;                      // `rest` is used up: come again with more
//       case reader::event::message: use(in.type(), in.take()); break;
//       …
//
// It is strict: what the RFC forbids fails at the first byte that shows it. What it says depends on the bytes
// alone, never on how they were cut (but for a compressed message that refers back beyond its window:
// deflate.hpp).
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "aster/websocket/close_code.hpp"
#include "aster/websocket/deflate.hpp"
#include "aster/websocket/frame.hpp"
#include "aster/websocket/limits.hpp"
#include "aster/websocket/utf8.hpp"

namespace aster::websocket {

enum class message_type : std::uint8_t { text, binary };

/// How messages of one direction are compressed.
struct compression {
  window_bits window = largest_window;
  bool keeps_context = true;  // a message may refer to those before it
  bool operator==(const compression&) const = default;
};

class reader {
 public:
  /// `from`: who sends what is read. `limits` must outlive the reader. With `compressed` the other side may
  /// send compressed messages.
  reader(side from, const websocket::limits& limits, std::optional<compression> compressed = {})
      : from_(from), limits_(limits), compressed_(compressed) {}

  enum class event : std::uint8_t {
    nothing,  // all bytes are used up
    message,  // `type` and `take`
    ping,     // `control` is to be sent back
    pong,     // `control`
    close,    // `closing_code` and `control`, the reason. Nothing is read any more.
    failure,  // `failure_code` and `failure` say why. Nothing is read any more.
  };

  /// Goes on through `bytes` up to the next event, and takes what it has read off their front. What an event
  /// brings lives until the next call. Throws std::bad_alloc.
  event read(std::string_view& bytes);

  message_type type() const { return type_; }
  std::string take() { return std::exchange(message_, {}); }

  std::string_view control() const { return {control_.data() + control_begin_, control_size_}; }
  /// close_code::none when the frame had no code.
  close_code closing_code() const { return code_; }

  close_code failure_code() const { return code_; }
  const char* failure() const { return failure_; }

 private:
  event fail(close_code code, const char* why);
  bool read_header(std::string_view& bytes);
  bool check_start();
  bool check_size();
  bool begin_frame();
  bool read_payload(std::string_view piece);
  bool read_compressed(std::string_view piece);
  bool check_inflated(inflater::result r, std::size_t before);
  event end_frame();
  event end_message();
  event end_close();

  std::size_t header_size() const;
  bool is_masked() const { return from_ == side::client; }
  websocket::opcode opcode() const { return static_cast<websocket::opcode>(header_[0] & 0x0f); }
  bool is_last() const { return (header_[0] & 0x80) != 0; }
  bool has_rsv1() const { return (header_[0] & 0x40) != 0; }

  side from_;
  message_type type_ = message_type::text;
  bool is_in_payload_ = false;
  bool is_in_message_ = false;  // it has begun, and its last frame has not
  bool is_compressed_ = false;  // the message is
  bool ended_ = false;          // by a close frame or a failure
  std::uint8_t header_got_ = 0;
  std::uint8_t control_begin_ = 0, control_size_ = 0;
  std::array<std::uint8_t, most_header_bytes> header_{};
  std::array<char, most_control_bytes> control_{};
  mask_key key_{};
  close_code code_ = close_code::none;
  const char* failure_ = "";
  std::uint64_t size_ = 0;  // of the frame's payload
  std::uint64_t got_ = 0;   // of it
  std::uint64_t message_wire_size_ = 0;
  const websocket::limits& limits_;
  std::optional<compression> compressed_;
  std::optional<inflater> inflater_;
  utf8_checker utf8_;
  std::string message_;
};

}  // namespace aster::websocket
