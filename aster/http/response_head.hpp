// The head of a response that passed the parser: a type that cannot be wrong, so that nobody checks twice.
#pragma once
#include <cstdint>
#include <string_view>

#include "aster/http/field.hpp"
#include "aster/http/message_framing.hpp"
#include "aster/http/status.hpp"

namespace aster::http {

struct response_head {
  http::status status = http::status::ok;
  std::uint8_t minor_version = 1;  // 0 or 1: of HTTP/1.x; later minor versions count as 1 (RFC 9110 §2.5)
  http::framing framing = http::framing::none;
  bool keep_alive = true;            // whether the server lets another request follow (RFC 9112 §9.3)
  std::uint64_t content_length = 0;  // with framing::length

  // Views into the bytes given to the parser.
  std::string_view reason;  // may be empty
  field_list fields;

  /// An answer before the answer (RFC 9110 §15.2); 101 is none, it is the last of HTTP on its connection.
  bool is_interim() const { return code(status) < 200 && status != http::status::switching_protocols; }
};

}  // namespace aster::http
