// Which fields of a message a proxy passes on, and what it adds about who asked (RFC 9110 §7.6).
#pragma once
#include <string>
#include <string_view>

#include "aster/http/field.hpp"
#include "aster/http/request.hpp"
#include "aster/http/response_head.hpp"

namespace aster::proxy {

/// Whether a field is about one connection and not about the message: Connection and what it names,
/// Keep-Alive, Transfer-Encoding, Upgrade and their like.
bool is_hop_by_hop(std::string_view name, const http::field_list& fields);

struct forwarding {
  bool trusts_client = false;  // X-Forwarded-* of who asks are kept and continued, not replaced
  std::string_view scheme = "http";
};

/// The field lines of a request to a service: those of `request` that go on, and X-Forwarded-For, -Proto and
/// -Host. `request_id` and `trace` become X-Request-Id and traceparent (W3C Trace Context) where the request
/// has none.
std::string request_fields(const http::request& request, const forwarding& how, std::string_view request_id,
                           std::string_view trace);

/// Calls `take(name, value)` for each field of a response that goes on to who asked. Content-Type is left to
/// the caller.
template <typename Function>
void response_fields(const http::response_head& head, Function&& take) {
  for (const auto [name, value] : head.fields) {
    if (is_hop_by_hop(name, head.fields)) continue;
    bool ours = false;
    for (std::string_view own : {"content-length", "content-type", "date"})
      ours = ours || http::equals_ignoring_case(name, own);
    if (!ours) take(name, value);
  }
}

}  // namespace aster::proxy
