// The image's end of the user-mode network: a sequenced-packet socket on which each message is one frame with
// its net_header in front.
//
// Both directions go in batches: one system call takes or gives up to `batch` frames. What the image does not
// take at once is queued here, so that a burst of the network is not lost; beyond `queue_limit` it is, as on
// a wire.
#pragma once
#include <array>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "abi/net_device.hpp"

namespace aster::host {

class frame_socket {
 public:
  static constexpr std::size_t batch = 32;
  static constexpr std::size_t frame_limit = 65536;     // bytes of one frame, Ethernet header included
  static constexpr std::size_t queue_limit = 8u << 20;  // bytes waiting for the image

  /// `descriptor` is a connected SOCK_SEQPACKET socket, which stays the caller's.
  explicit frame_socket(int descriptor);

  /// Gives each frame that has arrived to `take`, up to some batches; frames with an impossible header are
  /// dropped. False when the image has closed its end.
  bool receive(const std::function<void(std::span<const std::byte>)>& take);

  /// Queues a frame for the image.
  void send(std::span<const std::byte> frame);

  /// Passes the queue on as far as the image takes it. False when it has closed its end.
  bool flush();

  /// Whether `flush` stopped because the image was not fast enough: poll for POLLOUT.
  bool congested() const { return congested_; }

  /// Frames that nobody could take.
  std::size_t dropped() const { return dropped_; }

 private:
  int descriptor_;
  std::unique_ptr<std::array<std::array<std::byte, sizeof(abi::net_header) + frame_limit>, batch>> incoming_;
  std::deque<std::vector<std::byte>> queue_;
  std::vector<std::vector<std::byte>> spare_;  // memory of frames sent, for the next ones
  std::size_t queued_bytes_ = 0;
  std::size_t dropped_ = 0;
  bool congested_ = false;
};

}  // namespace aster::host
