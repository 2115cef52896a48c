// Compression of messages (RFC 7692) by zlib: DEFLATE without a frame of its own, each message flushed to a
// byte and without the four bytes that every flush ends with (§7.2.1).
//
// A few kilobytes from outside can inflate to gigabytes; so what comes out is counted while it comes out.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct z_stream_s;

namespace aster::websocket {

/// Bits of a window's size: 2^bits bytes that a message may refer back to (§7.1.2).
using window_bits = int;
inline constexpr window_bits least_window = 8, largest_window = 15;
/// What zlib can compress with: its windows are of 512 bytes or more.
inline constexpr window_bits least_deflate_window = 9;

class inflater {
 public:
  /// `keeps_context`: a message may refer to those before it. Takes some 10 KiB, and the window once it is
  /// needed. Throws std::bad_alloc.
  inflater(window_bits window, bool keeps_context);
  ~inflater();
  inflater(inflater&&) noexcept;
  inflater& operator=(inflater&&) noexcept;

  enum class result : std::uint8_t {
    ok,
    malformed,  // this is no DEFLATE, or one made to be slow
    too_large,  // `out` has `limit` + 1 bytes: there is more than that
  };

  /// Appends to `out` what a part of a message inflates to, while `out` has no more than `limit` bytes.
  /// After anything but `ok` nothing else is to be asked.
  /// Data that refers farther back than its window is malformed; zlib finds that out only when what it refers
  /// to is not there any more, which depends on how the data was cut.
  [[nodiscard]] result inflate(std::string_view part, std::string& out, std::size_t limit);

  /// The message ends here: appends the rest of it.
  [[nodiscard]] result finish(std::string& out, std::size_t limit);

 private:
  struct end {
    void operator()(z_stream_s* s) const;
  };
  bool go_on_behind_last_block();

  std::unique_ptr<z_stream_s, end> stream_;
  bool keeps_context_;
  bool is_empty_ = true;  // nothing of the message has come
  bool ended_ = false;    // by a block that says that it is the last
  int restarts_ = 0;      // in this message
};

class deflater {
 public:
  /// Takes some 32 KiB for a window of 12 bits, and four bytes more for each byte that a window has more.
  /// `window` is least_deflate_window or more. Throws std::bad_alloc.
  deflater(window_bits window, bool keeps_context);
  ~deflater();
  deflater(deflater&&) noexcept;
  deflater& operator=(deflater&&) noexcept;

  /// Appends a whole message, compressed.
  void deflate(std::string_view message, std::string& out);

 private:
  struct end {
    void operator()(z_stream_s* s) const;
  };
  std::unique_ptr<z_stream_s, end> stream_;
  bool keeps_context_;
};

}  // namespace aster::websocket
