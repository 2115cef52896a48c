// Fuzz target: whatever stands in Range, If-Match, If-None-Match, If-Range, dates and Accept, what is made of
// it keeps to the rules.
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <string>
#include <string_view>

#include "aster/http/accept.hpp"
#include "aster/http/conditional.hpp"
#include "aster/http/date.hpp"
#include "aster/http/grammar.hpp"
#include "aster/http/range.hpp"
#include "aster/http/test/fields.hpp"

namespace http = aster::http;

extern const std::initializer_list<std::string_view> fuzz_seeds, fuzz_pieces;
const std::initializer_list<std::string_view> fuzz_seeds = {
    "bytes=0-0",
    "bytes=-5",
    "bytes=10-",
    "bytes=0-9,20-29, 40-",
    "bytes=5-1",
    "bytes=18446744073709551615-",
    "\"v2\"",
    "W/\"v2\"",
    "\"v1\", \"v2\"",
    "*",
    "\"a,b\" , W/\"\"",
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "Sunday, 06-Nov-94 08:49:37 GMT",
    "Sun Nov  6 08:49:37 1994",
    "gzip, br;q=0.5, *;q=0",
    "identity;q=0, gzip;q=1.000",
    "text/*;q=0.3, text/html;level=\"1,2\";q=0.7, */*",
};
const std::initializer_list<std::string_view> fuzz_pieces = {
    ",", ";",  "-", "=",   "\"", "\\",     "W/", "*",      "q=",     "0",    "9", "18446744073709551616",
    " ", "\t", ":", "GMT", "/",  "bytes=", "br", "\"v2\"", "29 Feb", "\xff",
};

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
  const std::string_view value{reinterpret_cast<const char*>(data), size};
  if (http::find_control(value, 0) != value.size()) return 0;  // the parser lets none through
  for (const std::uint64_t bytes :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{30}, std::uint64_t{5000}, ~std::uint64_t{0}})
    try_ranges(value, bytes);
  try_date(value);
  try_conditions(value);
  try_choices(value);
  return 0;
}
