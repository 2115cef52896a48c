// What becomes of the frames that a capture sees: a file or a pipe that holds all of them, or a ring of the
// last ones, of which a file is made when something went wrong.
//
//   recording r({{.name = "service"}}, {.snap = 128}, recording::to_descriptor(1));
//   r.take(0, pcapng::direction::inbound, header, frame, now);
//   r.write_some();          // before sleeping; and when `wants_room` and the descriptor has room
//   r.finish(now);
//
// A recording never holds the network up: what a slow reader of a pipe does not take waits here, up to
// `backlog_limit`, and is counted as missed beyond. When nothing can be written any more, it says so once and
// forgets the rest.
#pragma once
#include <cstdint>
#include <deque>
#include <filesystem>
#include <string>
#include <vector>

#include "abi/net_device.hpp"
#include "host/capture/pcapng.hpp"

namespace aster::host {

struct recording_limits {
  std::uint32_t snap = 0;  // bytes kept of each frame; 0: all
  std::uint64_t size = 0;  // bytes of the file, its statistics apart; 0: no limit
  std::size_t ring = 0;    // frames kept in memory until `keep`; 0: all go to the file at once
};

class recording {
 public:
  static constexpr std::size_t backlog_limit = 16u << 20;  // bytes
  static constexpr std::size_t ring_limit = 64u << 20;     // bytes

  /// Writes to `output`, which stays the caller's; of a ring, to the file `path` when `keep` is called.
  /// Interfaces in the order of their numbers.
  recording(std::vector<pcapng::interface> interfaces, recording_limits limits, int output,
            std::filesystem::path path, std::int64_t now);

  /// Records one frame. A checksum that its sender has left to the device is completed in what is recorded,
  /// so that readers have nothing to complain about.
  void take(unsigned interface, pcapng::direction way, const abi::net_header& header,
            std::span<const std::byte> frame, std::int64_t now);

  /// Writes what is there, as far as it goes without waiting.
  void write_some();
  /// The descriptor to wait for (POLLOUT) before the next `write_some`; -1: none.
  int wants_room() const { return pending_.size() == sent_ ? -1 : output_; }

  /// Writes the ring to its file. Nothing without one.
  void keep(std::int64_t now);

  /// Writes the statistics and all that is left; waits for a slow reader. Nothing for a ring.
  void finish(std::int64_t now);

 private:
  void begin(std::string& out) const;
  void put_statistics(std::string& out, std::int64_t now) const;
  void add(std::string block, unsigned interface);
  bool write_all(int to, std::string_view bytes);
  void give_up(std::string_view why);

  struct counts {
    std::uint64_t seen = 0, missed = 0;
  };

  std::vector<pcapng::interface> interfaces_;
  recording_limits limits_;
  int output_;
  bool is_file_ = false;
  std::filesystem::path path_;
  std::int64_t start_;
  std::vector<counts> counts_;
  std::string pending_;  // not written yet, behind `sent_`
  std::size_t sent_ = 0;
  std::uint64_t written_ = 0;  // bytes of the file, those pending included
  bool over_ = false;          // nothing more is recorded
  struct kept {
    unsigned interface;
    std::string block;
  };
  std::deque<kept> ring_;
  std::size_t ring_bytes_ = 0;
  std::vector<std::byte> whole_;  // of the frame whose checksum is being completed
};

}  // namespace aster::host
