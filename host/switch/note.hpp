// A line of the switch's log.
#pragma once
#include <string_view>

#include "abi/platform.hpp"

namespace aster::host {

inline void note(std::string_view text) { abi::current_platform().note(text.data(), text.size()); }

}  // namespace aster::host
