// A TCP connection as a fiber sees it: read, write, close.
//
//   net::stream s = listener.accept();
//   std::array<std::byte, 512> buffer;
//   while (auto n = s.read(buffer)) {            // an error ends the loop, and so does …
//     if (*n == 0) break;                        // … the orderly end
//     if (!s.write(std::span{buffer}.first(*n))) break;
//   }
//                                                // destruction closes orderly: FIN after what was written
#pragma once
#include <chrono>
#include <memory>

#include "aster/net/address.hpp"
#include "aster/net/byte_stream.hpp"
#include "aster/net/tcp/info.hpp"

namespace aster::net {

class stream_socket;  // the fiber-facing half of a connection (stream.cpp)

/// One reader and one writer at a time, which may be different fibers. A fiber that is cancelled while it
/// reads loses nothing; one that is cancelled while it writes has sent a prefix of its bytes.
class stream final : public byte_stream {
 public:
  explicit stream(std::unique_ptr<stream_socket>) noexcept;
  stream(stream&&) noexcept;
  stream& operator=(stream&&) noexcept;

  /// Closes orderly: everything written is delivered, then FIN, while the program goes on. Does not block.
  /// If the other side has sent bytes that were never read, it learns of that by RST (RFC 2525 §2.17).
  ~stream() override;

  using byte_stream::write;
  [[nodiscard]] std::expected<std::size_t, error> read(std::span<std::byte> out) override;
  [[nodiscard]] std::optional<std::expected<std::size_t, error>> read_until(
      std::span<std::byte> out, task::time_point deadline) override;
  [[nodiscard]] std::expected<void, error> write(std::span<const std::span<const std::byte>> pieces) override;
  void shutdown_write() noexcept override;
  void abort() noexcept override;

  endpoint local() const noexcept;
  endpoint remote() const noexcept;

  /// Whether small writes go out at once (the default) or wait for the acknowledgement of what is under
  /// way (Nagle, RFC 896). The stack already gathers everything that is written between two looks at the
  /// network into full segments, so waiting would only add a round trip.
  void set_no_delay(bool on) noexcept;

  /// Probes a connection that was silent for `idle` and drops it when nothing answers; zero turns it off
  /// (the default, RFC 9293 §3.8.4).
  void set_keep_alive(std::chrono::nanoseconds idle) noexcept;

  /// How long written bytes may stay unacknowledged before the connection is dropped with
  /// `error::timed_out` (RFC 5482 names the option; nothing is told to the peer). Zero: the default of two
  /// minutes.
  void set_user_timeout(std::chrono::nanoseconds limit) noexcept;

  /// While corked only full segments leave; what is left over goes when the cork is drawn, or with the FIN.
  /// For an answer that is written in pieces over several looks at the network.
  void set_cork(bool on) noexcept;

  /// What the connection knows about its path (tcp/info.hpp).
  tcp::info info() const noexcept;

 private:
  std::unique_ptr<stream_socket> socket_;  // null after a move
};

}  // namespace aster::net
