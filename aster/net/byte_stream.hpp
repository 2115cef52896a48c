// A reliable, ordered, two-way stream of bytes, whatever carries it: TCP, TLS over TCP, a test's memory.
//
// Protocols above (HTTP, …) are written against this and never against a transport.
#pragma once
#include <cstddef>
#include <expected>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

#include "aster/task/deadline.hpp"

namespace aster::net {

/// Why a stream cannot go on, by what the caller can do about it.
enum class error {
  closed,        // this side has closed or shut down the stream already: a bug, or an orderly end
  reset,         // the other side aborted, or forgot the connection (RST)
  timed_out,     // no answer within the time given, or retransmission gave up
  refused,       // nobody listens there
  unreachable,   // no route, no neighbour, or ICMP says so
  exhausted,     // no memory, port or table entry left: try again later
  invalid,       // an argument cannot be used (address family, length)
  unknown_name,  // no host of that name, or none with an address
};

constexpr const char* to_string(error e) {
  switch (e) {
    case error::closed: return "stream closed";
    case error::reset: return "connection reset by peer";
    case error::timed_out: return "timed out";
    case error::refused: return "connection refused";
    case error::unreachable: return "host unreachable";
    case error::exhausted: return "out of memory or ports";
    case error::invalid: return "invalid argument";
    case error::unknown_name: return "no such host";
  }
  return "unknown error";
}

class byte_stream {
 public:
  virtual ~byte_stream() = default;

  /// Reads at least one byte into `out`; returns how many, or 0 at the orderly end of the stream (or when
  /// `out` is empty). Parks the fiber until something is there. Cancellation unwinds from here.
  [[nodiscard]] virtual std::expected<std::size_t, error> read(std::span<std::byte> out) = 0;

  /// `read` by `deadline`; when nothing is there by then, nullopt, and nothing was taken. A stream that can
  /// wait with a deadline does so itself: being late is then a return and no exception, whose unwinding costs
  /// microseconds and more of the fiber's stack than most that goes before it.
  [[nodiscard]] virtual std::optional<std::expected<std::size_t, error>> read_until(
      std::span<std::byte> out, task::time_point deadline) {
    auto result = task::until(deadline, [&] { return read(out); });
    if (!result) return std::nullopt;
    return *result;
  }

  /// Writes all bytes of all pieces, in order, as one unit where the transport can. Parks the fiber while
  /// the send buffer is full. On error some bytes may have been sent. The pieces need to live only until
  /// this returns.
  [[nodiscard]] virtual std::expected<void, error> write(
      std::span<const std::span<const std::byte>> pieces) = 0;

  /// Says that no more will be written (TCP FIN, TLS close_notify); reading goes on. Does not block.
  virtual void shutdown_write() noexcept = 0;

  /// Drops the stream at once without delivering what is queued (TCP RST). Does not block.
  virtual void abort() noexcept = 0;

  /// `write` of one piece.
  [[nodiscard]] std::expected<void, error> write(std::span<const std::byte> piece) {
    return write(std::span<const std::span<const std::byte>>{&piece, 1});
  }
  [[nodiscard]] std::expected<void, error> write(std::string_view text) {
    return write(std::as_bytes(std::span{text}));
  }
};

}  // namespace aster::net
