// Whether a text that comes in parts is UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above
// U+10FFFF. A part may end inside of a character; a wrong byte is found when it comes, not at the end.
//
//   utf8_checker text;
//   while (…) if (!text.accepts(part)) return refuse();
//   if (!text.is_complete()) return refuse();
#pragma once
#include <cstdint>
#include <string_view>

namespace aster::websocket {

class utf8_checker {
 public:
  /// False when no continuation can make it valid. After that nothing else is to be asked.
  [[nodiscard]] bool accepts(std::string_view part);

  /// Whether the text may end here.
  [[nodiscard]] bool is_complete() const { return expected_ == 0; }

 private:
  std::uint8_t expected_ = 0;                    // bytes that the character still has
  std::uint8_t lowest_ = 0x80, highest_ = 0xbf;  // of the next one
};

[[nodiscard]] inline bool is_utf8(std::string_view text) {
  utf8_checker checker;
  return checker.accepts(text) && checker.is_complete();
}

}  // namespace aster::websocket
