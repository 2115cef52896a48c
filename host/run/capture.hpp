// `aster run --pcap`: one `aster-capture` process per file, which stands between devices of the image and
// what they are plugged into.
//
// The frames are recorded on the host and not in the image: the image is the same and behaves the same, it
// cannot lie about what it has sent, and what it did last is known even if it hangs or is killed. On every
// target the wire leads through the same process, so that a capture looks the same everywhere.
#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/run/attachment.hpp"
#include "host/run/child.hpp"
#include "host/run/descriptor.hpp"

namespace aster::host {

/// A file that frames go to.
struct capture_request {
  std::string device;  // of the manifest; empty: all that no other request names
  std::string file;    // "-": standard output
};

/// Reads "[NAME=]FILE". A file whose own name has a '=' is written "./a=b".
std::expected<capture_request, std::string> parse_capture(std::string_view text);

struct capture_settings {
  std::uint32_t snap = 0;   // bytes of each frame; 0: all
  std::uint64_t limit = 0;  // bytes of each file; 0: any
  std::size_t ring = 0;  // keep the last so many frames, and write them only if the image falls; 0: write all
};

/// For each device the request that its frames go to, or -1. An error names a request that fits no device.
std::expected<std::vector<int>, std::string> match_captures(std::span<const capture_request> requests,
                                                            std::span<const attached_device> devices);

/// One device's wire: the end that leads to the image is made here.
struct tapped_wire {
  const attached_device* device = nullptr;
  int network = -1;    // a descriptor of frames, which stays the caller's
  bool bare = false;   // the image's end has no net_header
  descriptor image{};  // filled in: the end for the image
};

class capture {
 public:
  /// Opens the file and starts the process between the ends of `wires`.
  static std::expected<capture, std::string> start(const capture_request& request,
                                                   const capture_settings& settings,
                                                   std::span<tapped_wire> wires);

  child& process() { return process_; }

  /// Awaits that everything is written, the image having ended; `fell`: a ring is to be written as well.
  void finish(bool fell);

 private:
  capture(child process, descriptor orders) : process_(std::move(process)), orders_(std::move(orders)) {}

  child process_;
  descriptor orders_;
};

}  // namespace aster::host
