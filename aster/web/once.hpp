// A callable that is called at most once, owned: see aster/http/once.hpp.
#pragma once
#include "aster/http/once.hpp"

namespace aster::web {

template <class... Arguments>
using once = http::once<Arguments...>;

}  // namespace aster::web
