#include "aster/http/request.hpp"

#include "aster/http/grammar.hpp"

namespace aster::http {
namespace {

/// Whether an element of a list field (RFC 9110 §5.6.1), over all its lines, is `wanted` in any case.
bool lists(const field_list& fields, std::string_view name, std::string_view wanted) {
  for (const auto [each, value] : fields) {
    if (!equals_ignoring_case(each, name)) continue;
    std::string_view rest = value, element;
    for (bool more = true; next_element(rest, more, element);)
      if (equals_ignoring_case(element, wanted)) return true;
  }
  return false;
}

}  // namespace

bool request::offers_upgrade(std::string_view protocol) const {
  return head_.minor_version > 0 && lists(head_.fields, "connection", "upgrade") &&
         lists(head_.fields, "upgrade", protocol);
}

}  // namespace aster::http
