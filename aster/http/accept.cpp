#include "aster/http/accept.hpp"

#include "aster/http/grammar.hpp"

namespace aster::http {
namespace {

constexpr unsigned full_weight = 1000;

/// Takes what stands before the next `mark` that is not within a quoted string, trimmed. False at the end.
bool take_until(char mark, std::string_view& rest, bool& more, std::string_view& part) {
  if (!more) return false;
  std::size_t at = 0;
  for (bool quoted = false; at < rest.size() && (quoted || rest[at] != mark); ++at) {
    if (rest[at] == '"') quoted = !quoted;
    if (quoted && rest[at] == '\\') ++at;
  }
  more = at < rest.size();
  part = trim(rest.substr(0, at));
  rest.remove_prefix(more ? at + 1 : rest.size());
  return true;
}

/// One element of an Accept field: what is meant, its parameters but the weight, and the weight.
struct preference {
  std::string_view what;
  std::string_view parameters;
  unsigned weight = full_weight;
};

/// Nothing for an element that is malformed, which is as good as not there.
std::optional<preference> read_preference(std::string_view element) {
  preference result;
  bool more = true;
  take_until(';', element, more, result.what);
  result.parameters = more ? element : std::string_view{};
  std::string_view parameter, rest = result.parameters;
  while (take_until(';', rest, more, parameter)) {
    if (parameter.size() < 2 || to_lower(parameter[0]) != 'q' || parameter[1] != '=') continue;
    const auto weight = parse_weight(parameter.substr(2));
    if (!weight) return std::nullopt;
    result.weight = *weight;
    // Behind the weight there once were extensions (RFC 7231 §5.3.2); nobody used them.
    result.parameters = trim(
        result.parameters.substr(0, static_cast<std::size_t>(parameter.data() - result.parameters.data())));
    if (result.parameters.ends_with(';')) result.parameters.remove_suffix(1);
    break;
  }
  return result;
}

/// Calls `use(preference)` for every element of all lines of the name. False when there is no such line.
template <class Use>
bool each_preference(const field_list& fields, std::string_view name, Use use) {
  bool is_there = false;
  for (const auto [each, value] : fields) {
    if (!equals_ignoring_case(each, name)) continue;
    is_there = true;
    std::string_view rest = value, element;
    for (bool more = true; take_until(',', rest, more, element);)
      if (const auto found = read_preference(element); found && !found->what.empty()) use(*found);
  }
  return is_there;
}

bool has_parameter(std::string_view parameters, std::string_view wanted) {
  std::string_view each;
  for (bool more = true; take_until(';', parameters, more, each);)
    if (equals_ignoring_case(each, wanted)) return true;
  return false;
}

/// How closely a media range names a type: 0 not at all, up to 4 for one with parameters (RFC 9110 §12.5.1).
unsigned precision(const preference& range, std::string_view offered) {
  const std::string_view type = trim(offered.substr(0, offered.find(';')));
  if (range.what == "*/*") return 1;
  if (range.what.ends_with("/*")) {
    const std::size_t size = range.what.size() - 1;
    return equals_ignoring_case(type.substr(0, size), range.what.substr(0, size)) ? 2 : 0;
  }
  if (!equals_ignoring_case(type, range.what)) return 0;
  unsigned result = 3;
  const std::size_t semicolon = offered.find(';');
  const std::string_view mine =
      semicolon == std::string_view::npos ? std::string_view{} : offered.substr(semicolon + 1);
  std::string_view rest = range.parameters, each;
  for (bool more = true; take_until(';', rest, more, each);) {
    if (each.empty()) continue;
    if (!has_parameter(mine, each)) return 0;
    result = 4;
  }
  return result;
}

}  // namespace

std::optional<unsigned> parse_weight(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
  if (text.size() > 1 && text[1] != '.') return std::nullopt;
  unsigned value = text[0] == '1' ? full_weight : 0, unit = 100;
  for (std::size_t i = 2; i < text.size(); ++i, unit /= 10) {
    if (!is_digit(text[i])) return std::nullopt;
    value += static_cast<unsigned>(text[i] - '0') * unit;
  }
  if (value > full_weight) return std::nullopt;
  return value;
}

content_coding choose_coding(const field_list& fields, codings available) {
  std::optional<unsigned> gzip, brotli, identity, others;
  each_preference(fields, "accept-encoding", [&](const preference& p) {
    std::optional<unsigned>* const which =
        equals_ignoring_case(p.what, "br")                                               ? &brotli
        : equals_ignoring_case(p.what, "gzip") || equals_ignoring_case(p.what, "x-gzip") ? &gzip
        : equals_ignoring_case(p.what, "identity")                                       ? &identity
        : p.what == "*"                                                                  ? &others
                                                                                         : nullptr;
    if (which != nullptr && !*which) *which = p.weight;
  });
  const unsigned for_brotli = available.brotli ? brotli.value_or(others.value_or(0)) : 0;
  const unsigned for_gzip = available.gzip ? gzip.value_or(others.value_or(0)) : 0;
  const unsigned for_identity = identity.value_or(0);  // unless it is named, whatever is accepted is better
  if (for_brotli > 0 && for_brotli >= for_gzip && for_brotli >= for_identity) return content_coding::brotli;
  if (for_gzip > 0 && for_gzip >= for_identity) return content_coding::gzip;
  return content_coding::identity;
}

std::optional<std::size_t> choose_type(const field_list& fields, std::span<const std::string_view> offered) {
  std::optional<std::size_t> best;
  unsigned best_weight = 0;
  bool asks = false;
  for (std::size_t i = 0; i < offered.size(); ++i) {
    unsigned closest = 0, weight = 0;
    each_preference(fields, "accept", [&](const preference& p) {
      asks = true;
      const unsigned how = precision(p, offered[i]);
      if (how <= closest) return;
      closest = how;
      weight = p.weight;
    });
    if (weight > best_weight) {
      best = i;
      best_weight = weight;
    }
  }
  if (!asks && !offered.empty()) return 0;
  return best;
}

}  // namespace aster::http
