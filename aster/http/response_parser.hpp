// Parses the head of an HTTP/1.x response (RFC 9112 §2–§7) without input or output of its own: for whoever
// asks, a client or a proxy. As strict as the parser of requests, and for the same reason.
//
//   response_parser parser{limits};
//   parser.reset(asked_for == method::head);
//   switch (parser.parse(everything_so_far)) {
//     case progress::incomplete: …read more behind it, come again…
//     case progress::complete:   …parser.head(), the body begins at parser.size()…
//     case progress::failed:     …nothing that comes can be trusted: close…
//   }
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "aster/http/field_section.hpp"
#include "aster/http/limits.hpp"
#include "aster/http/message_framing.hpp"
#include "aster/http/response_head.hpp"

namespace aster::http {

class response_parser {
 public:
  /// `limits` must outlive the parser.
  explicit response_parser(const limits& limits) : limits_(limits) { reset(false); }

  /// As of request_parser: `input` holds all bytes since the last `reset`. Never blocks.
  [[nodiscard]] progress parse(std::string_view input);

  /// After `complete`: the head, with views into the last `input`.
  const response_head& head() const { return head_; }
  /// After `complete`: bytes of `input` up to and with the empty line.
  std::size_t size() const { return position_; }

  /// Begins with the next response. `to_head`: it answers a HEAD, and has no body whatever its fields say.
  void reset(bool to_head);

  void release_memory() { fields_.release_memory(); }

 private:
  enum class step : std::uint8_t { status_line, fields, complete, failed };

  progress parse_status_line(std::string_view window);
  progress parse_field(std::string_view window);
  bool finish(std::string_view window);

  const limits& limits_;
  response_head head_;
  field_section fields_;
  message_framing framing_;
  std::size_t position_ = 0;  // start of the line that is to be parsed next
  std::uint16_t reason_at_ = 0, reason_size_ = 0;
  step step_ = step::status_line;
  bool to_head_ = false;
};

}  // namespace aster::http
