// Fuzz target: whatever stands in Range, If-Match, If-None-Match, If-Range, dates and Accept, what is made of
// it keeps to the rules.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "aster/http/accept.hpp"
#include "aster/http/conditional.hpp"
#include "aster/http/date.hpp"
#include "aster/http/grammar.hpp"
#include "aster/http/range.hpp"
#include "aster/http/test/fields.hpp"

namespace http = aster::http;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

http::test::fields line(std::string_view name, std::string_view value) {
  return http::test::fields{std::string{name}.append(": ").append(value).append("\r\n")};
}

void try_ranges(std::string_view value, std::uint64_t size) {
  const auto wanted = http::select_ranges(value, size);
  require((wanted.outcome == http::range_outcome::partial) == !wanted.parts().empty());
  require(wanted.parts().size() <= http::selected_ranges::most);
  std::uint64_t sum = 0;
  for (const http::byte_range& part : wanted.parts()) {
    require(part.size > 0 && part.first < size && part.size <= size - part.first);
    sum += part.size;
  }
  require(sum <= size);  // never more than the whole
  const http::multipart_ranges body{wanted.parts(), size, "a/b", "SEPARATOR"};
  std::uint64_t total = sum;
  for (std::size_t i = 0; i <= wanted.parts().size(); ++i) total += body.separator(i).size();
  require(total == body.body_size());
}

void try_date(std::string_view value) {
  constexpr std::int64_t now = 1'700'000'000;
  const auto seconds = http::parse_date(value, now);
  if (!seconds) return;
  const http::date_text text = http::format_date(*seconds);
  require(http::parse_date({text.data(), text.size()}, now) == seconds);
}

void try_conditions(std::string_view value) {
  constexpr std::int64_t now = 1'700'000'000;
  const http::validators current{.etag = "\"v2\"", .last_modified = 784111777};
  const auto match = line("If-Match", value), none_match = line("If-None-Match", value);
  const bool matches =
      http::check_preconditions(http::method::put, match.list(), current, now) == http::precondition::holds;
  const auto none = http::check_preconditions(http::method::get, none_match.list(), current, now);
  require(none != http::precondition::failed);
  if (matches)
    require(none == http::precondition::not_modified);  // the strong comparison implies the weak one
  const auto change = http::check_preconditions(http::method::put, none_match.list(), current, now);
  if (none == http::precondition::not_modified) require(change == http::precondition::failed);
  const auto condition = line("If-Range", value);
  if (http::range_applies(condition.list(), {}, now)) require(false);  // nothing is known to be the same
}

void try_choices(std::string_view value) {
  const auto coding = line("Accept-Encoding", value);
  require(http::choose_coding(coding.list(), {}) == http::content_coding::identity);
  require(http::choose_coding(coding.list(), {.gzip = true}) != http::content_coding::brotli);
  const auto type = line("Accept", value);
  if (const auto chosen = http::choose_type(type.list(), {"text/html", "text/plain; a=b"}))
    require(*chosen < 2);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::uint64_t bytes = data[0] % 4 == 0 ? ~std::uint64_t{data[1]} : data[0] * 256u + data[1];
  const std::string_view value{reinterpret_cast<const char*>(data + 2), size - 2};
  if (http::find_control(value, 0) != value.size()) return 0;  // the parser lets none through
  try_ranges(value, bytes);
  try_date(value);
  try_conditions(value);
  try_choices(value);
  return 0;
}
