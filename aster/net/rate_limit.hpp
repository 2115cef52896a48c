// A token bucket: so many at once, so many a second after that. For answers that an attacker could make us
// send without end.
#pragma once
#include <algorithm>
#include <cstdint>

#include "aster/net/time.hpp"

namespace aster::net {

class rate_limit {
 public:
  constexpr rate_limit(std::uint32_t burst, duration refill)
      : burst_(burst), tokens_(burst), refill_(refill) {}

  /// Takes a token; false when there is none. Tokens come back one per `refill`.
  constexpr bool take(time_point now) {
    if (now > last_) {
      const auto earned = (now - last_) / refill_;
      if (earned > 0) {
        tokens_ = static_cast<std::uint32_t>(std::min<std::int64_t>(burst_, tokens_ + earned));
        last_ = tokens_ == burst_ ? now : last_ + earned * refill_;
      }
    }
    if (tokens_ == 0) return false;
    --tokens_;
    return true;
  }

 private:
  std::uint32_t burst_;
  std::uint32_t tokens_;
  duration refill_;
  time_point last_{};
};

}  // namespace aster::net
