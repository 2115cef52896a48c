// Where an exception came from, with the lines of source: for the error page of development. As a plain
// process under `aster run`, which tells where its command is, the program asks that to name the places;
// nowhere else is there anything to ask, and nothing is noted.
#pragma once
#include <string>
#include <vector>

namespace aster::web {

struct source_line {
  unsigned number = 0;
  std::string text;
};

struct source_frame {
  std::string function;
  std::string file;  // empty when it is not known
  unsigned line = 0;
  std::vector<source_line> around{};  // of the program's own files: the line and its neighbours
};

/// From now on throws are noted, if the places can be named later.
void begin_source_traces();

/// The call chain of the exception that was thrown last, innermost first: the program's own frames, without
/// those of the libraries between and below. Empty where nothing is noted. Takes a moment: a program is run.
std::vector<source_frame> last_source_trace();

}  // namespace aster::web
