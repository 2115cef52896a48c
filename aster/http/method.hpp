// Request methods (RFC 9110 §9, RFC 5789).
#pragma once
#include <cstdint>
#include <string_view>

namespace aster::http {

enum class method : std::uint8_t { get, head, post, put, delete_, connect, options, trace, patch, other };

/// Methods are case-sensitive (RFC 9110 §9.1): `get` is `other`.
constexpr method to_method(std::string_view token) {
  switch (token.size()) {
    case 3: return token == "GET" ? method::get : token == "PUT" ? method::put : method::other;
    case 4: return token == "POST" ? method::post : token == "HEAD" ? method::head : method::other;
    case 5: return token == "PATCH" ? method::patch : token == "TRACE" ? method::trace : method::other;
    case 6: return token == "DELETE" ? method::delete_ : method::other;
    case 7:
      return token == "OPTIONS" ? method::options : token == "CONNECT" ? method::connect : method::other;
    default: return method::other;
  }
}

}  // namespace aster::http
