// F-RTO (RFC 5682): was the timer right? When a path becomes slow all at once, the timer expires though
// nothing is lost; sending everything again would only add to the load.
//
// After the timer has sent the first segment again, the first acknowledgement that moves on may be of either
// copy. So what goes out next is new; the acknowledgement after that can only stem from what was sent before
// the timer expired, or from what is new, and tells. With timestamps (RFC 3522) the first one tells already:
// it echoes the clock of the first copy or of the second.
#pragma once
#include <cstdint>
#include <optional>

#include "aster/net/tcp/sequence.hpp"
#include "aster/net/time.hpp"

namespace aster::net::tcp {

class timeout_doubt {
 public:
  enum class verdict : std::uint8_t {
    open,      // not known yet, or there is no doubt
    needless,  // nothing was lost
    needed,    // go on repairing
  };

  /// The timer has expired and something was lost, it seems; the first segment goes out again.
  void begin() { step_ = step::first_answer; }
  void end() { step_ = step::none; }
  void sent_again(time_point now) {
    if (step_ == step::first_answer) again_at_ = now;
  }

  /// Now only what is new is sent, two segments; `wants_new` says whether that still holds.
  bool wants_new() const { return step_ == step::second_answer; }

  /// An acknowledgement; `recover`: what had been sent when the timer expired. `advanced`: it is cumulative
  /// and moves on; `once`: the foremost of what it brings that was sent only once; `echoed`: the round trip
  /// by its timestamp.
  verdict acknowledged(bool advanced, sequence snd_una, sequence recover, std::optional<sequence> once,
                       bool reports, std::optional<duration> echoed, time_point now) {
    if (step_ == step::none) return verdict::open;
    if (step_ == step::first_answer) {
      if (!advanced) return reports ? verdict::open : decide(verdict::needed);
      if (echoed && *echoed > now - again_at_ + std::chrono::milliseconds{1})
        return decide(verdict::needless);
      if (snd_una >= recover) return decide(verdict::needed);
      step_ = step::second_answer;
      return verdict::open;
    }
    return decide(once && *once < recover ? verdict::needless : verdict::needed);
  }

 private:
  enum class step : std::uint8_t { none, first_answer, second_answer };
  verdict decide(verdict v) {
    step_ = step::none;
    return v;
  }

  time_point again_at_{};
  step step_ = step::none;
};

}  // namespace aster::net::tcp
