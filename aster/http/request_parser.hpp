// Parses the head of an HTTP/1.x request (RFC 9112 §2–§7) without input or output of its own.
//
// A request decides for everyone between client and handler where it ends; where two readers disagree,
// somebody smuggles a second request past the first. So this parser takes the grammar at its word and
// refuses what lenient ones mend: bare CR or LF, folded lines, blanks before a colon, more than one
// Content-Length or Host, Transfer-Encoding together with Content-Length or in HTTP/1.0.
//
//   request_parser parser{limits};
//   switch (parser.parse(everything_so_far)) {
//     case progress::incomplete: …read more behind it, come again…
//     case progress::complete:   …parser.head(), the body begins at parser.size()…
//     case progress::failed:     …answer parser.failure() and close…
//   }
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "aster/http/field_section.hpp"
#include "aster/http/limits.hpp"
#include "aster/http/message_framing.hpp"
#include "aster/http/request_head.hpp"
#include "aster/http/status.hpp"

namespace aster::http {

class request_parser {
 public:
  /// `limits` must outlive the parser.
  explicit request_parser(const limits& limits) : limits_(limits) { reset(); }

  /// `input` holds all bytes since the last `reset`, the same as in the call before with any number more
  /// behind them; it may have moved. Bytes beyond the head are not looked at. The result does not depend on
  /// how the bytes were split into calls. Never blocks; allocates only when a head has more fields than any
  /// before it.
  [[nodiscard]] progress parse(std::string_view input);

  bool is_complete() const { return step_ == step::complete; }
  /// After `complete`: the head, with views into the last `input`.
  const request_head& head() const { return head_; }
  /// After `complete`: bytes of `input` up to and with the empty line (and empty lines in front).
  std::size_t size() const { return position_; }
  /// After `failed`: the 4xx or 5xx that says why. The connection cannot be used further.
  status failure() const { return failure_; }

  /// Begins with the next request. Keeps its memory.
  void reset();

  void release_memory() { fields_.release_memory(); }

 private:
  enum class step : std::uint8_t { request_line, fields, complete, failed };

  progress parse_request_line(std::string_view window);
  progress parse_field(std::string_view window);
  bool understand(const field& line);
  bool understand_target();
  bool finish(std::string_view window);
  bool refuse(status why) {
    failure_ = why;
    return false;
  }
  progress fail(status why) {
    failure_ = why;
    return progress::failed;
  }

  const limits& limits_;
  request_head head_;
  field_section fields_;
  std::size_t position_ = 0;  // start of the line that is to be parsed next
  step step_ = step::request_line;
  status failure_ = status::bad_request;
  std::uint8_t empty_lines_ = 0;

  // The request line, as offsets until the head is complete.
  std::uint16_t method_at_ = 0, method_size_ = 0, target_at_ = 0, target_size_ = 0;

  // What the fields said.
  message_framing framing_;
  bool has_host_ = false;
};

}  // namespace aster::http
