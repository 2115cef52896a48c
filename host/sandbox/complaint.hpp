// Why the tender does not start an image, in words for the person who typed the command.
#pragma once
#include <string_view>

namespace aster::host::sandbox {

/// Printed as one line, "aster-sandbox: THING: CAUSE; MEND", so both read on from the thing named.
struct complaint {
  std::string_view cause;
  std::string_view mend;
  int error = 0;  // errno, when the kernel said no
};

}  // namespace aster::host::sandbox
