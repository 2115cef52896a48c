// Finds the content in the body of a message, by length, chunk by chunk or up to the end of the stream (RFC
// 9112 §6, §7.1), without input or output of its own.
//
//   decoder.begin(head);
//   while (!decoder.finished()) {
//     auto step = decoder.decode(input);        // the bytes that have arrived and were not consumed yet
//     …step.content is a part of the content, within `input`; drop step.consumed bytes from the front…
//   }
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "aster/http/field_section.hpp"
#include "aster/http/limits.hpp"
#include "aster/http/request_head.hpp"

namespace aster::http {

class body_decoder {
 public:
  /// `limits` must outlive the decoder.
  explicit body_decoder(const limits& limits) : limits_(limits) {}

  void begin(framing how, std::uint64_t content_length);
  void begin(const request_head& head) { begin(head.framing, head.content_length); }

  /// The stream has ended: no more bytes come. True: that is where the body ends, and it is whole.
  bool end_of_stream();

  struct step {
    progress result = progress::incomplete;  // incomplete: needs bytes beyond `input`; complete: finished
    std::size_t consumed = 0;                // bytes at the front of `input` that are done with
    std::string_view content;                // what they held: within the consumed bytes
  };

  /// Consumes the front of `input` up to the end of the next piece of content, or as far as it can be
  /// understood. A step that consumed nothing and is `incomplete` wants more input; a trailer section is
  /// consumed only when all of it is there.
  [[nodiscard]] step decode(std::string_view input);

  /// Content bytes that come next without framing between: as many may be read past the decoder, to be
  /// reported with `skip`.
  std::uint64_t contiguous() const {
    return state_ == state::content || state_ == state::chunk || state_ == state::rest ? left_ : 0;
  }
  void skip(std::uint64_t bytes);

  bool finished() const { return state_ == state::finished; }
  /// Content bytes still to come as far as is known: all (length), or of this chunk. Of a size of which only
  /// the first digits have come, and of one that only the end of the stream ends, nothing is known.
  std::uint64_t known_left() const { return state_ == state::rest ? 0 : contiguous(); }

  /// After `failed`.
  status failure() const { return failure_; }

  /// After the end of a chunked body: its trailer fields, as views into the `input` of the last `decode`.
  field_list trailers() const { return trailers_; }

  void release_memory() { section_.release_memory(); }

 private:
  enum class state : std::uint8_t {
    content,     // framing::length
    rest,        // framing::until_close
    size,        // digits of a chunk's size
    size_blank,  // blanks after it
    name,        // behind a ';': blanks, then the first character of a name
    extension,   // the rest of chunk extensions
    size_end,    // LF after the size line's CR
    chunk,       // content of a chunk
    chunk_cr,
    chunk_lf,
    trailer,
    finished,
    failed,
  };

  bool read_size_line(std::string_view input, std::size_t& at);
  progress read_trailer(std::string_view input, std::size_t& consumed);
  progress fail(status why) {
    failure_ = why;
    state_ = state::failed;
    return progress::failed;
  }

  const limits& limits_;
  field_section section_;
  field_list trailers_;
  std::uint64_t left_ = 0;
  std::size_t extension_bytes_ = 0;   // in all chunks so far
  std::size_t trailer_position_ = 0;  // within the trailer section
  std::uint8_t digits_ = 0;
  state state_ = state::finished;
  status failure_ = status::bad_request;
};

}  // namespace aster::http
