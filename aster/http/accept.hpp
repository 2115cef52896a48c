// Content negotiation (RFC 9110 §12): which of several representations a client likes best.
//
//   switch (http::choose_coding(req.headers(), {.gzip = true, .brotli = true})) …
//   const auto type = http::choose_type(req.headers(), {"text/html", "application/json"});
//   if (!type) throw http::failure{http::status::not_acceptable};
//
// What was chosen this way depends on the request, so the response says `Vary: Accept-Encoding` or
// `Vary: Accept`.
#pragma once
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

#include "aster/http/field.hpp"

namespace aster::http {

/// Content codings that are served (RFC 9110 §8.4.1, RFC 7932).
enum class content_coding : std::uint8_t { identity, gzip, brotli };

/// For Content-Encoding; of `identity`, which is never sent, the empty text.
constexpr std::string_view to_string(content_coding c) {
  switch (c) {
    case content_coding::identity: return {};
    case content_coding::gzip: return "gzip";
    case content_coding::brotli: return "br";
  }
  return {};
}

struct codings {
  bool gzip = false;
  bool brotli = false;
};

/// The coding to send, by Accept-Encoding, of those that are there besides identity. The one of the highest
/// weight, and of equal ones brotli, then gzip. Identity when the client did not ask for any, and also when
/// it forbids everything that there is: better an answer than none (§12.1 leaves the choice).
content_coding choose_coding(const field_list& fields, codings available);

/// Index of the media type to send, by Accept; the first of those that the client likes equally, nothing when
/// it accepts none. An element may have parameters, which a range that names any must be given.
std::optional<std::size_t> choose_type(const field_list& fields, std::span<const std::string_view> offered);
inline std::optional<std::size_t> choose_type(const field_list& fields,
                                              std::initializer_list<std::string_view> offered) {
  return choose_type(fields, std::span{offered.begin(), offered.size()});
}

/// A weight (RFC 9110 §12.4.2), "0.5", in thousandths. Nothing for what is none.
std::optional<unsigned> parse_weight(std::string_view text);

}  // namespace aster::http
