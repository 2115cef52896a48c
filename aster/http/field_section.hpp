// The one reader of field lines: for the head of a request and for the trailer of a chunked body.
//
// It is given the bytes that have arrived so far, again and again, each time with more at the end, and goes
// on at the line where it stopped. What it says depends on the bytes alone, never on how they were cut into
// packets.
#pragma once
#include <cstddef>
#include <string_view>
#include <vector>

#include "aster/http/field.hpp"
#include "aster/http/status.hpp"

namespace aster::http {

/// What a parser says after it was shown the bytes so far.
enum class progress {
  incomplete,  // the bytes are a beginning of something valid: come again with more
  complete,
  failed,  // no continuation can make it valid
};

class field_section {
 public:
  /// Begins anew. `limit`: lines that are accepted. Keeps its memory.
  void reset(std::size_t limit) {
    spans_.clear();
    limit_ = limit;
  }

  /// Reads one line of `window` at `position`, both counted from the section's base. `complete`: a field was
  /// added and `position` is after it, or, when `ended`, it was the empty line that ends the section.
  /// `failed`: see `failure`. A line is scanned again from its start when it was incomplete, so a section
  /// that comes byte by byte costs the square of its longest line; the limits keep that below the cost of
  /// the packets it came in.
  progress read_line(std::string_view window, std::size_t& position);

  bool ended() const { return ended_; }
  status failure() const { return failure_; }

  /// The line that `read_line` has just added.
  field last(const char* base) const {
    const field_span& at = spans_.back();
    return {{base + at.name, at.name_size}, {base + at.value, at.value_size}};
  }

  field_list list(const char* base) const { return {base, spans_}; }

  /// Gives unused memory back.
  void release_memory() {
    spans_.clear();
    spans_.shrink_to_fit();
  }

 private:
  progress fail(status why) {
    failure_ = why;
    return progress::failed;
  }

  std::vector<field_span> spans_;
  std::size_t limit_ = 0;
  status failure_ = status::bad_request;
  bool ended_ = false;
};

}  // namespace aster::http
