// Where something is plugged into the switch: a sequenced-packet socket on which each message is a frame,
// with its net_header in front or bare, whatever the other end takes.
//
// Frames go in batches. Those for one plug are gathered with `add`, whose memory has to stay until `flush`,
// which hands them to Linux in one call. What the socket does not take is copied and waits; beyond
// `queue_limit` it is dropped, as on a wire: one that does not keep up harms nobody else.
#pragma once
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "abi/net_device.hpp"
#include "host/fibers/readiness.hpp"
#include "host/run/descriptor.hpp"
#include "host/run/switch_plug.hpp"

namespace aster::host {

/// Memory for one batch of frames that arrive. One is enough for all plugs: nobody parks between a batch's
/// arrival and its leaving.
class frame_room {
 public:
  static constexpr std::size_t batch = 32;
  static constexpr std::size_t frame_limit = 65536 + 64;

 private:
  friend class plug;
  static constexpr std::size_t size = (sizeof(abi::net_header) + frame_limit + 63) / 64 * 64;
  using memory = std::array<std::array<std::byte, size>, batch>;
  std::unique_ptr<memory> memory_ = std::make_unique_for_overwrite<memory>();
};

class plug {
 public:
  static constexpr std::size_t queue_limit = 8u << 20;  // bytes

  /// Whether `received`, what `receive` returned, was all that there is now: then `await_frames`.
  bool has_more(int received) const noexcept { return received == static_cast<int>(asked_); }

  /// Takes a connected SOCK_SEQPACKET socket and makes it non-blocking. Throws std::system_error.
  plug(descriptor socket, frame_form form);

  /// Takes up to a batch of messages and gives each to `take(std::span<std::byte>)`: a net_header that makes
  /// sense and the frame behind it. Returns how many it took, 0 when there are none now, and -1 when the
  /// other end is closed. Does not park.
  template <class Take>
  int receive(frame_room& room, Take&& take) {
    const int count = receive_batch(room);
    for (int i = 0; i < count; ++i) {
      const std::span<std::byte> message = checked(room, static_cast<std::size_t>(i));
      if (message.empty())
        ++malformed_;
      else
        take(message);
    }
    return count;
  }

  /// Gathers a message, which has to stay where it is until `flush`. True: it is the first since then.
  bool add(std::span<std::byte> message);
  /// Sends what was gathered. Does not park.
  void flush();

  /// Sends what waits until nothing does, the other end is closed, or the fiber is cancelled. Parks.
  void carry_queue();

  /// Parks until a `receive` may find something.
  void await_frames() { ready_.await_readable(); }
  bool await_frames(task::time_point deadline) { return ready_.await_readable(deadline); }

  /// Ends it from our side: whoever waits for frames learns of it.
  void close() noexcept;

  int handle() const noexcept { return socket_.get(); }
  std::uint64_t dropped() const noexcept { return dropped_; }      // for which there was no room
  std::uint64_t malformed() const noexcept { return malformed_; }  // that came

 private:
  int receive_batch(frame_room& room);
  std::span<std::byte> checked(frame_room& room, std::size_t which);
  void add_as_on_a_wire(std::span<std::byte> message);
  std::size_t send(std::span<const std::span<const std::byte>> messages);
  void keep(std::span<const std::byte> message);
  bool send_queue();

  descriptor socket_;
  readiness ready_;
  frame_form form_;
  std::size_t asked_ = 0;                    // messages, by the last `receive`
  std::size_t at_once_ = frame_room::batch;  // … by the next
  std::array<mmsghdr, frame_room::batch> in_{};
  std::array<iovec, frame_room::batch> in_pieces_{};
  std::vector<std::span<const std::byte>> gathered_;
  std::vector<std::vector<std::byte>> made_;  // memory of gathered ones that were not the caller's
  std::deque<std::vector<std::byte>> queue_;
  std::size_t queued_bytes_ = 0;
  task::wait_queue queued_{"frames that wait for room"};
  bool closed_ = false;
  std::uint64_t dropped_ = 0, malformed_ = 0;
};

}  // namespace aster::host
