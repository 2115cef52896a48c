// Range requests (RFC 9110 §14): which parts of a representation a client wants, and how several of them are
// sent in one response.
//
//   const auto wanted = http::select_ranges(*req.header("range"), file.size());
//   switch (wanted.outcome) {
//     case http::range_outcome::whole: …200 with everything: there was no range, or none we serve…
//     case http::range_outcome::partial: …206 with wanted.parts()…
//     case http::range_outcome::unsatisfiable: …416 with `Content-Range: bytes */size`…
//   }
//
// A server may ignore a Range (§14.2), and this does where obeying would cost more than the whole: more than
// 16 ranges, or any two that overlap, as nobody asks who only wants to read on.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "aster/http/field.hpp"

namespace aster::http {

/// Bytes of a representation; never empty, and always within it.
struct byte_range {
  std::uint64_t first = 0;
  std::uint64_t size = 0;
  std::uint64_t end() const { return first + size; }
  bool operator==(const byte_range&) const = default;
};

enum class range_outcome : std::uint8_t { whole, partial, unsatisfiable };

class selected_ranges {
 public:
  static constexpr std::size_t most = 16;

  range_outcome outcome = range_outcome::whole;
  /// In the order in which they were asked for; empty unless the outcome is `partial`.
  std::span<const byte_range> parts() const { return {parts_.data(), count_}; }

 private:
  friend selected_ranges select_ranges(std::string_view, std::uint64_t);
  std::array<byte_range, most> parts_;
  std::size_t count_ = 0;
};

/// What a Range field's value asks of a representation of `size` bytes. A value that is no byte-range set, or
/// of another unit, asks for nothing: `whole`.
selected_ranges select_ranges(std::string_view value, std::uint64_t size);

/// The Range of a request; two lines of it are as none.
selected_ranges select_ranges(const field_list& fields, std::uint64_t size);

/// The value of Content-Range for a part (RFC 9110 §14.4): "bytes 0-99/1234".
std::string content_range(const byte_range& part, std::uint64_t size);
/// And for a 416: "bytes */1234".
std::string content_range_unsatisfied(std::uint64_t size);

/// A body of several ranges, multipart/byteranges (RFC 9110 §14.6).
class multipart_ranges {
 public:
  /// All given must outlive it. `type` is the representation's media type; may be empty. `boundary`:
  /// characters of a token, random, so that the content cannot hold it but by chance.
  multipart_ranges(std::span<const byte_range> parts, std::uint64_t size, std::string_view type,
                   std::string_view boundary)
      : parts_(parts), size_(size), type_(type), boundary_(boundary) {}

  /// For Content-Type.
  std::string media_type() const;
  /// Bytes of the whole body, for Content-Length.
  std::uint64_t body_size() const;
  /// What stands before the bytes of part `index`, and, with the number of parts, after the last.
  std::string separator(std::size_t index) const;

 private:
  std::span<const byte_range> parts_;
  std::uint64_t size_;
  std::string_view type_, boundary_;
};

}  // namespace aster::http
