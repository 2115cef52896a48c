// Lines both ways over a stream: what is said never waits for who reads, and what is heard comes line by
// line.
//
//   line_link link{*stream, most};
//   …link.say("{\"do\":\"traffic\"}\n");                          // from any fiber
//   link.serve([&](std::string_view line) { … return true; });    // parks until it has ended
#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "aster/net/byte_stream.hpp"
#include "aster/task/wait_queue.hpp"

namespace aster::host::galaxy {

class line_link {
 public:
  /// The stream must outlive it. `most`: bytes of a line; a longer one ends the link.
  line_link(net::byte_stream& stream, std::size_t most) : stream_(stream), most_(most) {}
  line_link(const line_link&) = delete;
  line_link& operator=(const line_link&) = delete;

  /// `line` ends with a line feed. Whoever does not read for so long that 64 MiB are waiting is left.
  void say(std::string_view line);
  /// Calls `hear` for each line, without its line feed, until the stream has ended, `hear` returns false, or
  /// nothing comes for `silence`. Parks; throws task::cancelled.
  void serve(const std::function<bool(std::string_view)>& hear,
             task::duration silence = task::duration::max());
  void end() noexcept { stream_.abort(); }

 private:
  void write_what_is_said();

  static constexpr std::size_t most_waiting = 64u << 20;
  net::byte_stream& stream_;
  std::size_t most_;
  std::string said_;
  bool over_ = false;
  task::wait_queue something_{"something to say"};
};

}  // namespace aster::host::galaxy
