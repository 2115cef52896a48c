#include "aster/proxy/forwarded_fields.hpp"

#include "aster/http/grammar.hpp"
#include "aster/http/response.hpp"
#include "aster/net/address.hpp"

namespace aster::proxy {
namespace {

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  for (const std::string_view n : names)
    if (http::equals_ignoring_case(name, n)) return true;
  return false;
}

}  // namespace

bool is_hop_by_hop(std::string_view name, const http::field_list& fields) {
  if (is_one_of(name, {"connection", "keep-alive", "proxy-connection", "proxy-authenticate",
                       "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade"}))
    return true;
  for (const auto [other, value] : fields) {
    if (!http::equals_ignoring_case(other, "connection")) continue;
    std::string_view list = value, option;
    for (bool more = true; http::next_element(list, more, option);)
      if (http::equals_ignoring_case(option, name)) return true;
  }
  return false;
}

std::string request_fields(const http::request& request, const forwarding& how, std::string_view request_id,
                           std::string_view trace) {
  std::string out;
  std::string before;  // who asked whom before us
  bool has_proto = false, has_host = false, has_id = false, has_trace = false;
  for (const auto [name, value] : request.headers()) {
    // Of Expect: the body is asked for here, where it is waited for.
    if (is_hop_by_hop(name, request.headers()) ||
        is_one_of(name, {"host", "content-length", "expect", "forwarded", "date"}))
      continue;
    if (http::equals_ignoring_case(name, "x-forwarded-for")) {
      if (how.trusts_client) before += (before.empty() ? "" : ", ") + std::string{value};
      continue;
    }
    const bool is_proto = http::equals_ignoring_case(name, "x-forwarded-proto");
    const bool is_host = http::equals_ignoring_case(name, "x-forwarded-host");
    if ((is_proto || is_host) && !how.trusts_client) continue;
    has_proto = has_proto || is_proto;
    has_host = has_host || is_host;
    has_id = has_id || http::equals_ignoring_case(name, "x-request-id");
    has_trace = has_trace || http::equals_ignoring_case(name, "traceparent");
    http::append_field(out, name, value);
  }
  if (!before.empty()) before += ", ";
  http::append_field(out, "X-Forwarded-For", before + net::to_string(request.remote().address));
  if (!has_proto) http::append_field(out, "X-Forwarded-Proto", how.scheme);
  if (!has_host && !request.host().empty()) http::append_field(out, "X-Forwarded-Host", request.host());
  if (!has_id && !request_id.empty()) http::append_field(out, "X-Request-Id", request_id);
  if (!has_trace && !trace.empty()) http::append_field(out, "traceparent", trace);
  return out;
}

}  // namespace aster::proxy
