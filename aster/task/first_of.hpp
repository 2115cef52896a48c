// The first of several functions that comes to its end, and the others cancelled.
//
//   auto result = task::first_of([&] { return primary.ask(q); },
//                                [&] { task::sleep(20ms); return backup.ask(q); });
//   std::visit(use, result);             // result.index() says who it was
//
// Each function runs in a fiber of its own. The first to return wins; then the others are cancelled and
// awaited. An exception of any of them, also of one that loses and throws while it unwinds, cancels all and
// is rethrown here.
#pragma once
#include <concepts>
#include <cstddef>
#include <functional>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include "aster/task/scope.hpp"

namespace aster::task {

/// What a function's result is kept as: by value, `void` as std::monostate.
template <class Function>
using kept_result = std::conditional_t<std::is_void_v<std::invoke_result_t<Function&>>, std::monostate,
                                       std::remove_cvref_t<std::invoke_result_t<Function&>>>;

/// Parks until the first of `functions` has returned and the others have unwound. Throws `cancelled`.
template <class... Functions>
  requires(sizeof...(Functions) > 0 && (std::invocable<std::remove_reference_t<Functions>&> && ...))
std::variant<kept_result<Functions>...> first_of(Functions&&... functions) {
  std::optional<std::variant<kept_result<Functions>...>> winner;
  std::tuple<std::remove_reference_t<Functions>&...> each{functions...};
  scope race{"first_of"};
  const auto start = [&]<std::size_t Index>() {
    race.spawn("first_of", [&] {
      auto& function = std::get<Index>(each);
      if constexpr (std::is_void_v<std::invoke_result_t<decltype(function)>>) {
        std::invoke(function);
        if (!winner) winner.emplace(std::in_place_index<Index>);
      } else {
        decltype(auto) value = std::invoke(function);
        if (!winner) winner.emplace(std::in_place_index<Index>, std::forward<decltype(value)>(value));
      }
      race.cancel();
    });
  };
  [&]<std::size_t... Index>(std::index_sequence<Index...>) {
    (start.template operator()<Index>(), ...);
  }(std::index_sequence_for<Functions...>{});
  race.join();
  if (!winner) throw cancelled{};  // every function ended by throwing it
  return std::move(*winner);
}

}  // namespace aster::task
