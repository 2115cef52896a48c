// The body of the request that is being handled, read when the handler wants it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "aster/http/body_decoder.hpp"
#include "aster/http/input.hpp"
#include "aster/http/limits.hpp"
#include "aster/http/output.hpp"
#include "aster/http/request_head.hpp"

namespace aster::http {

class body_reader {
 public:
  /// Everything given must outlive the reader.
  body_reader(input& in, output& out, const limits& limits)
      : in_(in), out_(out), limits_(limits), decoder_(limits) {}

  /// The head was consumed from the input; its body is next.
  void begin(const request_head& head);

  /// Takes content up to `out.size()` bytes; 0 at its end. Parks. Throws http::failure (400, 408, 413) or
  /// http::disconnected; the connection then cannot go on, see `is_broken`.
  std::size_t read(std::span<std::byte> out);

  /// All content that was not read, in one piece, which lives as long as the request. Parks and throws as
  /// `read` does. Not copied when the body came with its head.
  std::string_view all();

  /// Most content bytes that may be read, by both together.
  void set_limit(std::uint64_t bytes) { limit_ = bytes; }

  /// A final response has begun: no `100 Continue` any more.
  void response_begins() { continue_wanted_ = false; }

  /// Whether the rest of the body can be skipped cheaply, as far as is known now.
  bool is_skippable() const {
    return finished() || (!broken_ && !continue_wanted_ && decoder_.known_left() <= limits_.unread);
  }
  /// Skips the rest, so that the next request can be read. False: it is broken, or longer than the limit.
  /// Parks.
  bool skip();

  bool finished() const { return decoder_.finished(); }
  bool is_broken() const { return broken_; }

  /// After the end of a chunked body.
  field_list trailers() const { return decoder_.trailers(); }

  void release_memory();

 private:
  /// The next piece of content, or nothing at the end. It lies in the input until the next call.
  std::string_view next();
  /// Reads into `out` what comes without framing between, when the input holds nothing.
  std::size_t read_past(std::span<std::byte> out);
  void ask_for_content();
  void require(arrival result);
  void take(std::size_t bytes);
  [[noreturn]] void give_up(status why);

  input& in_;
  output& out_;
  const limits& limits_;
  body_decoder decoder_;
  std::string collected_;
  std::string_view piece_;  // counted, not handed out yet
  std::string_view all_;
  std::uint64_t limit_ = 0, taken_ = 0;
  bool has_all_ = false;
  bool continue_wanted_ = false;
  bool broken_ = false;
};

}  // namespace aster::http
