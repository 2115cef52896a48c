#include "aster/task/ready.hpp"

#include <string_view>

#include "abi/platform.hpp"

namespace aster::platform {

void ready() noexcept {
  static constinit bool is_said = false;
  if (is_said) return;
  is_said = true;
  constexpr std::string_view word = "ready";
  abi::current_platform().answer(word.data(), word.size());
}

}  // namespace aster::platform
