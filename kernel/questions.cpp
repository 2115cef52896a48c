#include "kernel/questions.hpp"

#include <algorithm>
#include <string_view>

#include "kernel/boot_options.hpp"
#include "kernel/target.hpp"
#include "kernel/text.hpp"

namespace aster::kernel {

question_channel& questions() noexcept {
  static constinit question_channel one;
  return one;
}

void answer(const char* text, std::size_t size) noexcept {
  if (!options().has_control) return;
  text_line line;  // one piece, so that no other line comes between
  line.add(std::string_view{text, std::min(size, abi::control_line_limit - 2)}).add('\n');
  target.control(line.data(), line.size());
}

void question_channel::read_more() noexcept {
  pending_ = false;  // before the look: what arrives behind it says so again
  const long got = target.hear(bytes_.data() + size_, bytes_.size() - size_);
  if (got > 0) size_ += static_cast<std::size_t>(got);
  if (got < 0) watched_ = false;
}

std::size_t question_channel::take(char* out) noexcept {
  if (!announced_) {
    announced_ = true;
    if (!options().has_control || !target.hear) return 0;
    watched_ = true;
    if (target.listen) target.listen();
    constexpr std::string_view word = "answers\n";
    target.control(word.data(), word.size());
  }
  while (pending_ || size_ > 0) {
    if (pending_) read_more();
    const auto end = bytes_.begin() + static_cast<std::ptrdiff_t>(size_);
    const auto newline = std::find(bytes_.begin(), end, '\n');
    if (newline == end) {
      if (size_ == bytes_.size()) {
        overlong_ = true;
        size_ = 0;
      }
      if (!pending_) return 0;
      continue;
    }
    constexpr std::string_view asks = "ask ";
    std::string_view line{bytes_.data(), static_cast<std::size_t>(newline - bytes_.begin())};
    std::size_t taken = 0;
    if (!overlong_ && line.starts_with(asks) && line.size() - asks.size() <= abi::question_limit) {
      line.remove_prefix(asks.size());
      std::copy(line.begin(), line.end(), out);
      taken = line.size();
    }
    overlong_ = false;
    size_ = static_cast<std::size_t>(std::copy(newline + 1, end, bytes_.begin()) - bytes_.begin());
    if (taken > 0) return taken;
  }
  return 0;
}

}  // namespace aster::kernel
