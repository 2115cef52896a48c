#include "aster/proxy/forwarded_fields.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "aster/http/grammar.hpp"
#include "aster/http/response.hpp"
#include "aster/net/address.hpp"

namespace aster::proxy {
namespace {

/// What is special about a field. Most names are told apart by their length and compared with one other.
enum class meaning : std::uint8_t {
  none,
  of_the_connection,
  connection,
  framing,  // written anew by who sends the message
  type,
  expect,
  host,
  forwarded,
  forwarded_for,
  forwarded_proto,
  forwarded_host,
  forwarded_prefix,
  request_id,
  trace,
  trace_state,
};

meaning meaning_of(std::string_view name) {
  const auto is = [name](std::string_view other) { return http::equals_ignoring_case(name, other); };
  switch (name.size()) {
    case 2: return is("te") ? meaning::of_the_connection : meaning::none;
    case 4: return is("host") ? meaning::host : is("date") ? meaning::framing : meaning::none;
    case 6: return is("expect") ? meaning::expect : meaning::none;
    case 7: return is("upgrade") || is("trailer") ? meaning::of_the_connection : meaning::none;
    case 9: return is("forwarded") ? meaning::forwarded : meaning::none;
    case 10:
      return is("connection")   ? meaning::connection
             : is("keep-alive") ? meaning::of_the_connection
             : is("tracestate") ? meaning::trace_state
                                : meaning::none;
    case 11: return is("traceparent") ? meaning::trace : meaning::none;
    case 12:
      return is("content-type") ? meaning::type : is("x-request-id") ? meaning::request_id : meaning::none;
    case 14: return is("content-length") ? meaning::framing : meaning::none;
    case 15: return is("x-forwarded-for") ? meaning::forwarded_for : meaning::none;
    case 16:
      return is("x-forwarded-host")   ? meaning::forwarded_host
             : is("proxy-connection") ? meaning::of_the_connection
                                      : meaning::none;
    case 17:
      return is("x-forwarded-proto")   ? meaning::forwarded_proto
             : is("transfer-encoding") ? meaning::of_the_connection
                                       : meaning::none;
    case 18:
      return is("x-forwarded-prefix")   ? meaning::forwarded_prefix
             : is("proxy-authenticate") ? meaning::of_the_connection
                                        : meaning::none;
    case 19: return is("proxy-authorization") ? meaning::of_the_connection : meaning::none;
    default: return meaning::none;
  }
}

/// A line of a message that was parsed: its name is a token, and no control character is in its value.
void append_line(std::string& to, std::string_view name, std::string_view value) {
  to.append(name).append(": ").append(value).append("\r\n");
}

constexpr std::size_t likely_added = 256;  // bytes of the fields that a proxy adds

std::size_t size_of(const http::field_list& fields) {
  std::size_t size = 0;
  for (const auto [name, value] : fields) size += name.size() + value.size() + 4;
  return size;
}

/// The fields of a message that are about one connection and not about the message: Connection and what it
/// names, Keep-Alive, Transfer-Encoding, Upgrade and their like. Looks at the list.
class hop_by_hop {
 public:
  explicit hop_by_hop(const http::field_list& fields);
  bool contains(std::string_view name, meaning m) const {
    return m == meaning::connection || m == meaning::of_the_connection ||
           std::ranges::any_of(named_, [name](auto n) { return http::equals_ignoring_case(n, name); });
  }

 private:
  std::vector<std::string_view> named_;  // by Connection, beside the usual
};

hop_by_hop::hop_by_hop(const http::field_list& fields) {
  for (const auto [name, value] : fields) {
    if (meaning_of(name) != meaning::connection) continue;
    std::string_view list = value, option;
    for (bool more = true; http::next_element(list, more, option);)
      if (!http::equals_ignoring_case(option, "keep-alive") && !http::equals_ignoring_case(option, "close"))
        named_.push_back(option);
  }
}

}  // namespace

std::string request_fields(const http::request& request, const forwarding& how, std::string_view request_id,
                           std::string_view trace) {
  const hop_by_hop ends_here{request.headers()};
  std::string out;
  out.reserve(size_of(request.headers()) + likely_added);
  std::string before;  // who asked whom before us
  bool has_proto = false, has_host = false, has_prefix = !how.prefix.empty();
  for (const auto [name, value] : request.headers()) {
    const meaning m = meaning_of(name);
    if (ends_here.contains(name, m)) continue;
    switch (m) {
      case meaning::host:
      case meaning::framing:
      case meaning::expect:  // the body is asked for here, where it is waited for
      case meaning::forwarded:
      case meaning::connection:
      case meaning::of_the_connection: continue;
      case meaning::forwarded_for:
        if (how.trusts_client) before.append(value).append(", ");
        continue;
      case meaning::forwarded_proto:
        if (!how.trusts_client) continue;
        has_proto = true;
        break;
      case meaning::forwarded_host:
        if (!how.trusts_client) continue;
        has_host = true;
        break;
      case meaning::forwarded_prefix:
        if (!how.trusts_client || has_prefix) continue;
        break;
      case meaning::request_id:
        if (!request_id.empty()) continue;
        break;
      case meaning::trace:
      case meaning::trace_state:
        if (!trace.empty()) continue;
        break;
      case meaning::type:
      case meaning::none: break;
    }
    append_line(out, name, value);
  }
  append_line(out, "X-Forwarded-For", before.append(net::to_string(request.remote().address)));
  if (!has_proto) append_line(out, "X-Forwarded-Proto", how.scheme);
  if (!has_host && !request.host().empty()) append_line(out, "X-Forwarded-Host", request.host());
  if (!how.prefix.empty()) append_line(out, "X-Forwarded-Prefix", how.prefix);
  if (!request_id.empty()) append_line(out, "X-Request-Id", request_id);
  if (!trace.empty()) append_line(out, "traceparent", trace);
  return out;
}

std::string response_fields(const http::response_head& head, std::string_view request_id) {
  const hop_by_hop ends_here{head.fields};
  std::string out;
  out.reserve(size_of(head.fields) + likely_added);
  for (const auto [name, value] : head.fields) {
    const meaning m = meaning_of(name);
    if (m == meaning::framing || m == meaning::type || (m == meaning::request_id && !request_id.empty()) ||
        ends_here.contains(name, m))
      continue;
    append_line(out, name, value);
  }
  if (!request_id.empty()) append_line(out, "X-Request-Id", request_id);
  return out;
}

}  // namespace aster::proxy
