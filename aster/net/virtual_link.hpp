// A wire in memory between two network devices, in virtual time, with all the faults that wires have. For
// tests: the same seed gives the same faults.
//
//   virtual_link link{seed, {.loss = 0.05, .delay = 10ms}};
//   engine a{link.left(), …}, b{link.right(), …};
//   link.deliver(now);        // moves what has arrived by now to the devices' receive queues
#pragma once
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "abi/net_device.hpp"
#include "aster/net/siphash.hpp"
#include "aster/net/time.hpp"

namespace aster::net {

/// Probabilities in [0, 1], each frame for itself.
struct link_faults {
  double loss = 0;
  double duplication = 0;
  double corruption = 0;  // one bit flipped inside an IP packet with a complete checksum: on the wire itself
                          // Ethernet's check sequence notices, and ARP trusts it
  double marking = 0;     // of packets whose sender understands marks (RFC 3168)
  double reordering = 0;  // held back by up to `held_back`
  duration delay{};
  duration jitter{};
  duration held_back = std::chrono::milliseconds{20};
  double rate = 0;                 // bytes a second in each direction; 0: no limit
  std::size_t buffer = 0;          // bytes that wait for it; beyond they are dropped
  std::size_t queue_limit = 1000;  // frames under way in each direction; beyond they are dropped
};

/// What the devices at both ends can do.
struct link_ends {
  std::uint16_t mtu = 1500;
  bool checksum_offload = false;
  bool tso = false;                 // large frames are cut on the link, as a network card does
  bool receive_offload = false;     // … or arrive whole and without checksum
  std::size_t transmit_depth = 64;  // frames taken between two flushes
  const char* left_configuration = "";
  const char* right_configuration = "";
};

class virtual_link {
 public:
  virtual_link(std::uint64_t seed, const link_faults& faults, const link_ends& ends = {});
  ~virtual_link();

  abi::net_device& left();
  abi::net_device& right();

  /// Returns whether anything arrived.
  bool deliver(time_point now);
  time_point next_arrival() const { return under_way_.empty() ? never : under_way_.begin()->first; }

  /// While cut, every frame is lost.
  void set_cut(bool cut) { cut_ = cut; }
  void set_faults(const link_faults& faults) { faults_ = faults; }

  /// Sees every frame that is sent, before its fate is decided.
  std::function<void(bool from_left, const abi::net_header&, std::span<const std::byte>)> tap;

  /// Called whenever a frame has been put on the wire (for `task::raise_event`).
  std::function<void()> sent;

  std::size_t frames() const { return frames_; }
  std::size_t unreleased() const;  // received frames that nobody gave back

 private:
  class end;
  struct frame {
    bool from_left;
    abi::net_header header;
    std::vector<std::byte> bytes;
  };
  void send(bool from_left, const abi::net_header& header, std::vector<std::byte> bytes);
  void segment(bool from_left, const abi::net_header& header, std::span<const std::byte> bytes);
  void launch(frame f);
  /// How long a frame waits for those before it at the narrowest place; nothing: there is no room.
  std::optional<duration> wait(bool from_left, std::size_t size);
  static void mark(std::span<std::byte> frame);
  bool chance(double probability);

  link_faults faults_;
  link_ends ends_;
  random_source random_;
  std::unique_ptr<end> left_, right_;
  std::multimap<time_point, frame> under_way_;
  std::size_t count_[2] = {};   // under way, by direction
  time_point free_at_[2] = {};  // when the narrowest place has sent what waits there
  time_point now_{};
  std::size_t frames_ = 0;
  bool cut_ = false;
};

}  // namespace aster::net
