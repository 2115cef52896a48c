// Conditional requests (RFC 9110 §13): whether a request is to be answered at all, given what the client has.
//
//   const http::validators current{.etag = "\"v7\"", .last_modified = changed_at};
//   switch (http::check_preconditions(req.method(), req.headers(), current, now)) {
//     case http::precondition::holds: …answer…
//     case http::precondition::not_modified: …304 with the same ETag…
//     case http::precondition::failed: …412; nothing was done…
//   }
//
// They are checked before a method is applied, and only where the answer without them would be a 2xx
// (§13.2.1).
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "aster/http/field.hpp"
#include "aster/http/method.hpp"

namespace aster::http {

/// An entity tag (RFC 9110 §8.8.3) as a view.
struct entity_tag {
  std::string_view opaque;  // with its quotes
  bool is_weak = false;
};

/// Reads one off the front of `text`: `"abc"` or `W/"abc"`. Nothing, and `text` as it was, for all else.
std::optional<entity_tag> take_entity_tag(std::string_view& text);

/// The two comparisons of RFC 9110 §8.8.3.2. The strong one is for what will be put together from parts.
constexpr bool matches_strongly(entity_tag a, entity_tag b) {
  return !a.is_weak && !b.is_weak && a.opaque == b.opaque;
}
constexpr bool matches_weakly(entity_tag a, entity_tag b) { return a.opaque == b.opaque; }

/// What is known of the representation that would be sent or changed.
struct validators {
  std::string_view etag{};                      // with quotes, maybe W/ in front; empty: none
  std::optional<std::int64_t> last_modified{};  // seconds since 1970-01-01 UTC
  bool exists = true;                           // there is one at all: what "*" asks
};

enum class precondition : std::uint8_t { holds, not_modified, failed };

/// The fields If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since in the order of RFC 9110
/// §13.2.2; without any of them it holds. A list of entity tags that cannot be read ends where it cannot:
/// what stands behind is not there, and for a method that changes something it does not hold, for the client
/// cannot have meant that. `now`, in the same seconds, is for dates of two-digit years.
precondition check_preconditions(method, const field_list&, const validators&, std::int64_t now);

/// If-Range (RFC 9110 §13.1.5): whether the client's part is of the representation that is there now, so that
/// Range is to be obeyed. True without the field. A date is compared for equality and believed to be strong
/// only when it is a minute older than `now` (§8.8.2.2).
bool range_applies(const field_list&, const validators&, std::int64_t now);

}  // namespace aster::http
