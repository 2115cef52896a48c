// What may be done to the stream that a person looks at: colour and rewriting a line only on a terminal.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace aster::host::cli {

enum class colour { plain, bold, dim, red, green, yellow, blue, magenta, cyan };

class terminal {
 public:
  /// Describes `descriptor`. NO_COLOR (https://no-color.org), when set to anything, forbids colour.
  explicit terminal(int descriptor);

  /// Whether a person looks at it: a line may be rewritten in place.
  bool interactive() const { return interactive_; }
  bool colours() const { return colours_; }
  /// Columns; 80 where there is no terminal.
  std::size_t width() const;

  /// `text` in that colour, or as it is where there is none.
  std::string paint(std::string_view text, colour c) const;

 private:
  int descriptor_;
  bool interactive_;
  bool colours_;
};

/// `text` cut to `width` columns with "…" at the end; counts UTF-8 characters.
std::string fit(std::string_view text, std::size_t width);

}  // namespace aster::host::cli
