// "Did you mean": the known word nearest to a mistyped one.
#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace aster::host {

/// Edits (insert, delete, replace, swap neighbours) that turn `a` into `b`.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The nearest of `known`, if it is near enough that somebody may have meant it; the first of equals.
std::optional<std::string> suggestion(std::string_view word, std::span<const std::string> known);

}  // namespace aster::host
