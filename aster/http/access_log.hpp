// What a server tells of each request that it answered, and the usual ways to write that down.
//
//   http::serve(stack.listen(80), handler, {.access_log = http::print_combined});
//
//   .access_log = [&](const http::access_record& r) { if (r.status >= 500) alarms.raise(r.target); }
//
// A client chooses most of what stands in a record. The formats below escape it so that one request is one
// line, whatever bytes it has.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "aster/net/address.hpp"

namespace aster::http {

/// One request and its answer. The views live as long as the call that hands it over.
struct access_record {
  net::endpoint remote{};
  std::int64_t time = 0;                // when the answer was made, in nanoseconds since 1970-01-01 UTC
  std::chrono::nanoseconds duration{};  // from the end of the request's head to the end of the answer

  // Empty for a request that could not be read.
  std::string_view method{};
  std::string_view target{};
  int minor_version = 1;

  int status = 0;
  std::uint64_t bytes = 0;  // of the body, as far as it was sent
  bool is_whole = true;     // false: the connection broke, or the handler gave up in the middle of it

  // Empty where there is none.
  std::string_view referer{};
  std::string_view user_agent{};
  std::string_view request_id{};  // X-Request-Id of the response
};

// Lines without their end. What is no printable ASCII is \xHH in the first two (as Apache and nginx have it),
// and in JSON \u00HH: a byte of a field is a character of ISO 8859-1.

/// `10.0.0.1 - - [06/Nov/1994:08:49:37 +0000] "GET / HTTP/1.1" 200 6`
std::string to_common_line(const access_record&);
/// And `"referer" "user agent"` behind it.
std::string to_combined_line(const access_record&);
/// An object with the names of the record; `duration` in microseconds, `time` as RFC 3339 has it.
std::string to_json_line(const access_record&);

// To standard output, each with one write.
void print_common(const access_record&);
void print_combined(const access_record&);
void print_json(const access_record&);

}  // namespace aster::http
