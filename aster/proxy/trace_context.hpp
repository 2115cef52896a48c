// The ids by which one request is found again in every service that it passes: W3C Trace Context.
//
//   traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
//                   trace id                         parent id        sampled
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace aster::proxy {

/// The trace id in a traceparent (W3C Trace Context §3.2), 32 hexadecimal digits; empty when it is none.
std::string_view trace_id(std::string_view traceparent);

/// Whether somebody else's X-Request-Id may stand in our fields and logs: 1 to 64 letters, digits, '-', '_'
/// and '.'.
bool is_request_id(std::string_view text);

/// Makes traceparents, no two alike. Unique, and no secret.
class trace_source {
 public:
  /// Begins at a place that the platform draws.
  trace_source();
  explicit trace_source(std::uint64_t seed) : state_{seed, ~seed} {}

  /// 55 characters, of which the trace id is where these say.
  std::string next();
  static constexpr std::size_t id_begin = 3, id_size = 32;

 private:
  std::uint64_t draw();
  std::array<std::uint64_t, 2> state_;
};

}  // namespace aster::proxy
