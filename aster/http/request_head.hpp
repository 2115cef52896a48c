// The head of a request that passed the parser: a type that cannot be wrong, so that nobody checks twice.
#pragma once
#include <cstdint>
#include <string_view>

#include "aster/http/field.hpp"
#include "aster/http/message_framing.hpp"
#include "aster/http/method.hpp"

namespace aster::http {

struct request_head {
  http::method method = http::method::other;
  std::uint8_t minor_version = 1;  // 0 or 1: of HTTP/1.x; later minor versions count as 1 (RFC 9110 §2.5)
  http::framing framing = http::framing::none;
  bool keep_alive = true;            // what the client would like (RFC 9112 §9.3)
  bool expects_continue = false;     // it waits for `100 Continue` before it sends the body
  std::uint64_t content_length = 0;  // with framing::length

  // Views into the bytes given to the parser.
  std::string_view method_text;  // a token
  std::string_view target;       // as sent: bytes 0x21–0x7e without '#'
  std::string_view path;         // begins with '/', still percent-encoded; or "*" (OPTIONS)
  std::string_view query;        // after the '?', without it; empty also when there is no '?'
  std::string_view host;         // host[:port]: the target's where it has one, else of Host; may be empty
  field_list fields;
};

}  // namespace aster::http
