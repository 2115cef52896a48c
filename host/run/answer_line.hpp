// One line of an image's answer: "KIND NAME=VALUE …" (abi/control.hpp). It comes from an image, so it is
// checked before anything is done with it, and what it says is shown escaped.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aster::host {

struct answer_line {
  std::string kind;
  std::vector<std::pair<std::string, std::string>> values;  // in their order, decoded

  /// The value of that name; empty when there is none.
  std::string_view operator[](std::string_view name) const;
  /// … as a number; 0 when it is none.
  std::uint64_t number(std::string_view name) const;
};

/// Nothing when the line is not what abi/control.hpp says.
std::optional<answer_line> parse_answer_line(std::string_view line);

}  // namespace aster::host
