#include "aster/http/conditional.hpp"

#include "aster/http/date.hpp"
#include "aster/http/grammar.hpp"

namespace aster::http {
namespace {

constexpr bool is_etag_char(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == 0x21 || (byte >= 0x23 && byte != 0x7f);
}

entity_tag current_tag(const validators& current) {
  std::string_view text = current.etag;
  return take_entity_tag(text).value_or(entity_tag{});
}

/// What a list of entity tags says of the current one.
struct verdict {
  bool is_there = false;  // the field
  bool matches = false;
  bool is_malformed = false;
};

void skip_blanks(std::string_view& text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
}

/// `*` or a list with empty elements allowed (RFC 9110 §5.6.1.2), over all lines of the name.
verdict look_up(const field_list& fields, std::string_view name, const validators& current, bool strongly) {
  verdict result;
  const entity_tag mine = current_tag(current);
  for (const auto [each, value] : fields) {
    if (!equals_ignoring_case(each, name)) continue;
    result.is_there = true;
    if (value == "*") {
      result.matches |= current.exists;
      continue;
    }
    for (std::string_view rest = value;;) {
      skip_blanks(rest);
      if (rest.starts_with(',')) {
        rest.remove_prefix(1);
        continue;
      }
      if (rest.empty()) break;
      const auto tag = take_entity_tag(rest);
      skip_blanks(rest);
      if (!tag || (!rest.empty() && !rest.starts_with(','))) {
        result.is_malformed = true;
        break;
      }
      if (current.exists && !mine.opaque.empty())
        result.matches |= strongly ? matches_strongly(*tag, mine) : matches_weakly(*tag, mine);
    }
  }
  return result;
}

std::optional<std::int64_t> date_of(const field_list& fields, std::string_view name, std::int64_t now) {
  const auto text = fields.find(name);
  return text ? parse_date(*text, now) : std::nullopt;
}

constexpr bool has_preconditions(method m) {  // RFC 9110 §13.2.1
  return m != method::connect && m != method::options && m != method::trace;
}

}  // namespace

std::optional<entity_tag> take_entity_tag(std::string_view& text) {
  std::string_view rest = text;
  entity_tag tag;
  if (rest.starts_with("W/")) {  // in this case alone
    tag.is_weak = true;
    rest.remove_prefix(2);
  }
  if (!rest.starts_with('"')) return std::nullopt;
  std::size_t end = 1;
  while (end < rest.size() && is_etag_char(rest[end])) ++end;
  if (end == rest.size() || rest[end] != '"') return std::nullopt;
  tag.opaque = rest.substr(0, end + 1);
  text = rest.substr(end + 1);
  return tag;
}

precondition check_preconditions(method m, const field_list& fields, const validators& current,
                                 std::int64_t now) {
  if (!has_preconditions(m)) return precondition::holds;
  const bool only_reads = m == method::get || m == method::head;

  const verdict if_match = look_up(fields, "if-match", current, true);
  if (if_match.is_there) {
    if (!if_match.matches) return precondition::failed;
  } else if (const auto since = date_of(fields, "if-unmodified-since", now); since && current.last_modified) {
    if (*current.last_modified > *since) return precondition::failed;
  }

  const verdict if_none_match = look_up(fields, "if-none-match", current, false);
  if (if_none_match.is_there) {
    if (if_none_match.matches) return only_reads ? precondition::not_modified : precondition::failed;
    if (if_none_match.is_malformed && !only_reads) return precondition::failed;
  } else if (only_reads) {
    const auto since = date_of(fields, "if-modified-since", now);
    if (since && current.last_modified && *current.last_modified <= *since) return precondition::not_modified;
  }
  return precondition::holds;
}

bool range_applies(const field_list& fields, const validators& current, std::int64_t now) {
  const auto condition = fields.find("if-range");
  if (!condition) return true;
  std::string_view text = *condition;
  if (const auto tag = take_entity_tag(text)) {
    const entity_tag mine = current_tag(current);
    return text.empty() && !mine.opaque.empty() && matches_strongly(*tag, mine);
  }
  const auto date = parse_date(text, now);
  constexpr std::int64_t minute = 60;
  return date && current.last_modified && *date == *current.last_modified && now - *date >= minute;
}

}  // namespace aster::http
