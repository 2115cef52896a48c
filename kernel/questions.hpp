// Questions of whoever runs the image, as they arrive on the control channel (abi/control.hpp): bytes become
// lines here.
#pragma once
#include <array>
#include <cstddef>

#include "abi/control.hpp"

namespace aster::kernel {

class question_channel {
 public:
  /// What abi::platform::question promises. The first call announces that questions are answered.
  std::size_t take(char* out) noexcept;

  /// Whether the target's `idle` shall watch the channel. False before somebody wants to answer, and once the
  /// other side has gone.
  bool is_watched() const noexcept { return watched_; }
  /// Something has arrived: by a poll or an interrupt.
  void arrived() noexcept { pending_ = true; }

 private:
  void read_more() noexcept;

  bool announced_ = false;
  bool watched_ = false;
  volatile bool pending_ = false;
  bool overlong_ = false;  // the rest of a line that is no question
  std::size_t size_ = 0;
  std::array<char, 256> bytes_{};
};

/// What abi::platform::answer promises.
void answer(const char* text, std::size_t size) noexcept;

/// The one of this image.
question_channel& questions() noexcept;

}  // namespace aster::kernel
