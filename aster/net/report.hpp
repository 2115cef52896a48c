// What a stack tells about itself: to Prometheus, and to `aster stats` (abi/control.hpp).
//
// A report is lines of `KIND NAME=VALUE …`. Values are percent-encoded; a number is a decimal without sign, a
// time is in nanoseconds, an amount in bytes. So whoever reads it needs no list of what there is, and an
// image and a host of different versions understand each other:
//
//   counters frames_received=812 frames_sent=640 …
//   interface name=service mac=52:54:00:12:34:56 mtu=1500 frames_received=812 … address=10.0.2.15/24
//   gateway=10.0.2.2 memory buffers=8192 buffers_limit=67108864 heap=143200 runtime uptime=81200000000
//   fibers=12 connections=3 resting=0 socket protocol=tcp state=ESTABLISHED local=10.0.2.15:80
//   remote=10.0.2.2:41234 receive_queue=0 … fiber name=network scope=network state=running …
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "aster/net/time.hpp"

namespace aster::net {

class engine;

/// A question as it comes from the host: "ID WHAT [NUMBER]".
struct question {
  std::string_view id;
  std::string_view what;     // "stats", "sockets", "fibers"; of anything else there is nothing to tell
  std::size_t limit = 1000;  // most sockets or fibers

  /// Views into `text`, which may be anything: what is not there is empty.
  static question parse(std::string_view text);
};

/// The lines of an answer, each ended by a newline and at most `longest_report_line` bytes long without it.
/// `since`: for how long the stack has been there.
std::string report(engine& e, const question& q, duration since);
inline constexpr std::size_t longest_report_line = 960;

/// Sends `lines` to whoever asked the question `id`, and that this was all. Parks between the lines, so that
/// others run meanwhile.
void answer(std::string_view id, std::string_view lines);

/// All counters and the most important gauges in the text format 0.0.4 of Prometheus:
/// `asterism_net_NAME_total` for counters, `asterism_net_NAME` for what goes up and down.
std::string prometheus(engine& e);

}  // namespace aster::net
