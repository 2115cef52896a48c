// Several functions at once, and all of their results.
//
//   auto [user, orders] = task::all([&] { return find_user(id); }, [&] { return find_orders(id); });
//
// Each function runs in a fiber of its own. The first exception of any cancels the others and is rethrown
// here, after all have ended.
#pragma once
#include <concepts>
#include <cstddef>
#include <functional>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

#include "aster/task/first_of.hpp"
#include "aster/task/scope.hpp"

namespace aster::task {

/// Parks until all of `functions` have returned. Results by value, in the order of the functions; `void`
/// gives std::monostate. Throws `cancelled`.
template <class... Functions>
  requires((std::invocable<std::remove_reference_t<Functions>&> && ...))
std::tuple<kept_result<Functions>...> all(Functions&&... functions) {
  std::tuple<std::optional<kept_result<Functions>>...> results;
  std::tuple<std::remove_reference_t<Functions>&...> each{functions...};
  scope work{"all"};
  const auto start = [&]<std::size_t Index>() {
    work.spawn("all", [&] {
      auto& function = std::get<Index>(each);
      if constexpr (std::is_void_v<std::invoke_result_t<decltype(function)>>) {
        std::invoke(function);
        std::get<Index>(results).emplace();
      } else {
        std::get<Index>(results).emplace(std::invoke(function));
      }
    });
  };
  return [&]<std::size_t... Index>(std::index_sequence<Index...>) {
    (start.template operator()<Index>(), ...);
    work.join();
    if (!(std::get<Index>(results) && ...)) throw cancelled{};  // one ended by throwing it
    return std::tuple<kept_result<Functions>...>{std::move(*std::get<Index>(results))...};
  }(std::index_sequence_for<Functions...>{});
}

}  // namespace aster::task
