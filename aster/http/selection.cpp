#include "aster/http/selection.hpp"

#include "abi/platform.hpp"

namespace aster::http {

selection select(method m, const field_list& fields, const validators& current, std::uint64_t size) {
  bool is_conditional = false;
  for (const auto [name, value] : fields)
    is_conditional |= (name.size() > 3 && equals_ignoring_case(name.substr(0, 3), "if-")) ||
                      equals_ignoring_case(name, "range");
  if (!is_conditional) return {};

  constexpr std::int64_t second = 1'000'000'000;
  const std::int64_t now = abi::current_platform().wall() / second;
  switch (check_preconditions(m, fields, current, now)) {
    case precondition::holds: break;
    case precondition::not_modified: return {.status = status::not_modified};
    case precondition::failed: return {.status = status::precondition_failed};
  }
  if (m != method::get || !range_applies(fields, current, now)) return {};  // RFC 9110 §14.2
  selection result;
  result.ranges = select_ranges(fields, size);
  switch (result.ranges.outcome) {
    case range_outcome::whole: break;
    case range_outcome::partial: result.status = status::partial_content; break;
    case range_outcome::unsatisfiable: result.status = status::range_not_satisfiable; break;
  }
  return result;
}

}  // namespace aster::http
