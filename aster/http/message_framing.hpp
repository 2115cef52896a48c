// What the fields of a head say about where its message ends and whether the connection goes on: Connection,
// Content-Length and Transfer-Encoding (RFC 9112 §6, §9.3), the same for requests and responses.
//
// Two readers that disagree about the end of a message are how a second one is smuggled past the first. So
// what lenient readers mend is refused: more than one Content-Length, a coding behind chunked,
// Transfer-Encoding together with Content-Length or in HTTP/1.0.
#pragma once
#include <cstdint>
#include <string_view>

#include "aster/http/field.hpp"
#include "aster/http/status.hpp"

namespace aster::http {

/// How the end of a body is found (RFC 9112 §6.3). `until_close` is a response's alone.
enum class framing : std::uint8_t { none, length, chunked, until_close };

class message_framing {
 public:
  /// Looks at one field, in order. False: the message is refused, see `failure`. Fields of other names are
  /// passed over.
  bool understand(const field& line);

  /// Behind the last field: whether they go together.
  bool finish(std::uint8_t minor_version);

  /// After `finish`: none when no field says that there is a body.
  http::framing framing() const { return framing_; }
  std::uint64_t content_length() const { return content_length_; }
  bool keeps_alive(std::uint8_t minor_version) const {
    return !asks_close_ && (minor_version > 0 || asks_keep_alive_);
  }

  status failure() const { return failure_; }

 private:
  void understand_connection(std::string_view options);
  bool understand_transfer_encoding(std::string_view codings);
  bool understand_content_length(std::string_view digits);
  bool refuse(status why) {
    failure_ = why;
    return false;
  }

  std::uint64_t content_length_ = 0;
  http::framing framing_ = http::framing::none;
  bool has_length_ = false, has_coding_ = false, has_unknown_coding_ = false;
  bool asks_close_ = false, asks_keep_alive_ = false;
  status failure_ = status::bad_request;
};

}  // namespace aster::http
