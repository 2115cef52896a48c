// Which fields of a message a proxy passes on, and what it adds about who asked (RFC 9110 §7.6).
#pragma once
#include <string>
#include <string_view>

#include "aster/http/request.hpp"
#include "aster/http/response_head.hpp"

namespace aster::proxy {

struct forwarding {
  bool trusts_client = false;  // X-Forwarded-* of who asks are kept and continued, not replaced
  std::string_view scheme = "http";
  std::string_view prefix{};  // of the path, which the service does not see: X-Forwarded-Prefix; empty: none
};

/// The field lines of a request to a service: those of `request` that go on, and X-Forwarded-For, -Proto,
/// -Host and -Prefix. `request_id` and `trace`, where they are not empty, stand in X-Request-Id and
/// traceparent (W3C Trace Context) instead of what the request has there; with another traceparent its
/// tracestate does not go on.
std::string request_fields(const http::request& request, const forwarding& how, std::string_view request_id,
                           std::string_view trace);

/// The field lines of a response that go on to who asked. Content-Type, Content-Length and Date are left to
/// the caller. `request_id`, where it is not empty, stands in X-Request-Id instead of what the response has
/// there.
std::string response_fields(const http::response_head& head, std::string_view request_id);

}  // namespace aster::proxy
