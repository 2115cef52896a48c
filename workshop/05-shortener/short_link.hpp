// A short link and what is known of it.
#pragma once
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

/// Seconds are fine enough for everything here.
using instant = std::chrono::sys_seconds;

/// Visits of the last days, one number each; the days before are only in the total.
class daily_visits {
 public:
  static constexpr std::size_t days = 30;

  void count(instant at) {
    move_to(day_of(at));
    ++counts_[static_cast<std::size_t>(last_ % days)];
  }
  /// Visits on the day that lies `ago` days before `now`.
  std::uint32_t on(instant now, std::size_t ago) const {
    const std::int64_t day = day_of(now) - static_cast<std::int64_t>(ago);
    if (day > last_ || day <= last_ - static_cast<std::int64_t>(days) || day < 0) return 0;
    return counts_[static_cast<std::size_t>(day) % days];
  }

 private:
  static std::int64_t day_of(instant at) {
    return std::chrono::floor<std::chrono::days>(at).time_since_epoch().count();
  }
  /// Clears the days on which nobody came. A clock that went back counts for the last day it had.
  void move_to(std::int64_t day) {
    if (day - last_ >= static_cast<std::int64_t>(days)) counts_ = {};
    for (std::int64_t d = last_ + 1; d <= day && d - last_ < static_cast<std::int64_t>(days); ++d)
      counts_[static_cast<std::size_t>(d) % days] = 0;
    if (day > last_) last_ = day;
  }

  std::array<std::uint32_t, days> counts_{};
  std::int64_t last_ = 0;
};

struct short_link {
  std::string id;
  std::string target;
  std::string secret;  // who has it may edit and delete
  instant created{};
  std::uint64_t number = 0;  // counts up, in the order in which links were made
  std::optional<instant> last_visit{};
  std::uint64_t visits = 0;
  daily_visits daily{};
};
