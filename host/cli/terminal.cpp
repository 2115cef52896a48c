#include "host/cli/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

namespace aster::host::cli {

terminal::terminal(int descriptor) : descriptor_{descriptor}, interactive_{::isatty(descriptor) == 1} {
  const char* no_colour = std::getenv("NO_COLOR");
  const char* kind = std::getenv("TERM");
  const bool dumb = kind != nullptr && std::string_view{kind} == "dumb";
  interactive_ = interactive_ && !dumb;
  colours_ = interactive_ && (no_colour == nullptr || *no_colour == '\0');
}

std::size_t terminal::width() const {
  winsize size{};
  if (interactive_ && ::ioctl(descriptor_, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20) return size.ws_col;
  return 80;
}

std::string terminal::paint(std::string_view text, colour c) const {
  if (!colours_ || c == colour::plain) return std::string{text};
  const char* code = "";
  switch (c) {
    case colour::plain: break;
    case colour::bold: code = "1"; break;
    case colour::dim: code = "2"; break;
    case colour::red: code = "1;31"; break;
    case colour::green: code = "32"; break;
    case colour::yellow: code = "33"; break;
    case colour::blue: code = "34"; break;
    case colour::magenta: code = "35"; break;
    case colour::cyan: code = "36"; break;
  }
  return "\x1b[" + std::string{code} + "m" + std::string{text} + "\x1b[0m";
}

std::string fit(std::string_view text, std::size_t width) {
  std::size_t columns = 0;
  std::size_t last_start = 0;  // where the last character that leaves room for "…" ends
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) == 0x80) continue;  // inside a character
    if (columns + 1 == width) last_start = i;
    if (columns++ == width) return std::string{text.substr(0, last_start)} + "…";
  }
  return std::string{text};
}

}  // namespace aster::host::cli
