// A wire between an image and its network that somebody may look at: what comes out of one end goes into the
// other, and each frame is shown on its way.
//
// The image's end is a socket, as the user-mode network's is; the network's end is that, or a tap. It is the
// host that carries the frames, so what is shown is what was on the wire, whatever the image is or does. No
// frame waits here while others arrive: one that an end does not take stops its direction, until there is
// room, as a full queue would.
#pragma once
#include <poll.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "abi/net_device.hpp"
#include "host/capture/pcapng.hpp"

namespace aster::host {

class wire {
 public:
  /// One end. `bare`: a message is the frame alone, without the net_header in front (a socket of QEMU's).
  struct end {
    int descriptor;
    bool bare = false;
  };
  using look = std::function<void(pcapng::direction, const abi::net_header&, std::span<const std::byte>)>;

  /// Takes over both descriptors, which are non-blocking.
  wire(end image, end network, look look);
  ~wire();
  wire(const wire&) = delete;

  /// Appends what to poll for: two entries.
  void watch(std::vector<pollfd>& watched) const;

  /// Carries what can be carried, some frames of each direction at most.
  void carry(std::span<const pollfd> polled);

  /// An end was closed by whoever is there: then both are, and there is nothing left to carry.
  bool is_over() const { return over_; }

 private:
  static constexpr std::size_t frame_limit = 65536 + 64;
  static constexpr int turn = 64;

  struct lane {
    pcapng::direction way;
    std::array<std::byte, sizeof(abi::net_header) + frame_limit> bytes;
    std::size_t held = 0;  // bytes of a frame that could not be passed on yet, its header included
  };

  /// False: `from` has nothing now, or `to` no room, or one of them is closed.
  bool pass(lane& l, const end& from, const end& to);
  bool put(lane& l, const end& to);
  void close_both();

  end image_, network_;
  look look_;
  std::unique_ptr<lane> in_, out_;  // to the image, from the image
  bool over_ = false;
};

}  // namespace aster::host
