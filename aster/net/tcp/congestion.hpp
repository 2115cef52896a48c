// How much may be under way: the congestion window.
//
// The sender tells what happened and asks for the window; which segment to send again is the loss recovery's
// business, and how the window comes down during a recovery that of `proportional_rate`. Two algorithms:
// `cubic` (the default) and `new_reno`; `congestion_control` is the whole interface, another algorithm is
// another class that has it and another alternative of `congestion`.
#pragma once
#include <concepts>
#include <cstdint>
#include <variant>

#include "aster/net/tcp/cubic.hpp"
#include "aster/net/tcp/new_reno.hpp"
#include "aster/net/tcp/settings.hpp"

namespace aster::net::tcp {

/// Bytes throughout. `in_flight`: sent and not acknowledged when the event happened.
template <typename Algorithm>
concept congestion_control = requires(Algorithm a, const Algorithm c, std::uint32_t n, bool limited,
                                      duration round_trip, time_point now) {
  Algorithm{n /* segment size */};
  { c.window() } -> std::same_as<std::uint32_t>;
  { c.slow_start_threshold() } -> std::same_as<std::uint32_t>;
  a.acknowledged(n /* bytes */, limited /* the window was the limit */, round_trip /* smoothed */, now);
  a.reduce(n /* in_flight */, now);  // a loss was noticed, or a mark of congestion: once for each window
  a.timed_out(n /* in_flight */, limited /* first expiry for this data */, now);
  a.was_idle();     // longer than a retransmission timeout
  a.restore(n, n);  // the last reduction was needless: window and threshold as they were
  a.shrink_to(n);   // the window is no more than this from now on
  { c.first_slow_start() } -> std::same_as<bool>;  // no loss has told yet how much the path takes
  a.leave_slow_start();
  a.segment_size_changed(n);
};
static_assert(congestion_control<new_reno>);
static_assert(congestion_control<cubic>);

class congestion {
  using choice = std::variant<cubic, new_reno>;
  template <typename Function>
  auto visit(Function&& f) {
    if (auto* c = std::get_if<cubic>(&chosen_)) return f(*c);
    return f(*std::get_if<new_reno>(&chosen_));
  }
  template <typename Function>
  auto visit(Function&& f) const {
    if (const auto* c = std::get_if<cubic>(&chosen_)) return f(*c);
    return f(*std::get_if<new_reno>(&chosen_));
  }

 public:
  congestion(congestion_algorithm which, std::uint32_t segment_size)
      : chosen_(which == congestion_algorithm::cubic ? choice{cubic{segment_size}}
                                                     : choice{new_reno{segment_size}}) {}

  std::uint32_t window() const {
    return visit([](const auto& a) { return a.window(); });
  }
  std::uint32_t slow_start_threshold() const {
    return visit([](const auto& a) { return a.slow_start_threshold(); });
  }
  bool slow_start() const { return window() < slow_start_threshold(); }
  void acknowledged(std::uint32_t bytes, bool limited, duration round_trip, time_point now) {
    visit([&](auto& a) { a.acknowledged(bytes, limited, round_trip, now); });
  }
  void reduce(std::uint32_t in_flight, time_point now) {
    visit([&](auto& a) { a.reduce(in_flight, now); });
  }
  void timed_out(std::uint32_t in_flight, bool first, time_point now) {
    visit([&](auto& a) { a.timed_out(in_flight, first, now); });
  }
  void was_idle() {
    visit([](auto& a) { a.was_idle(); });
  }
  void restore(std::uint32_t window, std::uint32_t threshold) {
    visit([&](auto& a) { a.restore(window, threshold); });
  }
  void shrink_to(std::uint32_t window) {
    visit([&](auto& a) { a.shrink_to(window); });
  }
  bool first_slow_start() const {
    return visit([](const auto& a) { return a.first_slow_start(); });
  }
  void leave_slow_start() {
    visit([](auto& a) { a.leave_slow_start(); });
  }
  void segment_size_changed(std::uint32_t size) {
    visit([&](auto& a) { a.segment_size_changed(size); });
  }

 private:
  choice chosen_;
};

}  // namespace aster::net::tcp
