// What one seed stands for: a wire with its faults, two hosts with their settings, streams between them, and
// when which of it breaks. Everything is drawn here, so a seed says the same wherever it is read.
#pragma once
#include <cstdint>
#include <vector>

#include "aster/net/engine.hpp"
#include "aster/net/virtual_link.hpp"

namespace aster::net::simulation {

struct plan {
  /// One stream, opened by the left host; both ends write and then close.
  struct stream {
    duration opens_at{};
    std::size_t up = 0, down = 0;                   // bytes from left to right, and back
    bool may_fail = false;                          // something breaks while it may be open
    bool slow_client = false, slow_server = false;  // reads little, and seldom
  };
  enum class happening : std::uint8_t { cut, mended, left_stops, left_starts, right_stops, right_starts };
  struct event {
    duration at{};
    happening what = happening::cut;
  };

  link_faults faults;
  link_ends ends;
  bool ipv6 = false;  // which family the streams speak
  engine_options left, right;
  ip_address left_address, right_address;
  std::vector<stream> streams;
  std::vector<event> events;  // in order of time
  bool keep_alive = false;    // an end may be gone without a word: only a probe finds out
};

plan make_plan(std::uint64_t seed);

}  // namespace aster::net::simulation
