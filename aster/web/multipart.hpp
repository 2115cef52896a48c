// Bodies of many parts, as forms with files in them are sent (RFC 7578, RFC 2046 §5.1), read part by part as
// they arrive: an upload of a gigabyte takes as little memory as one of a kilobyte.
//
//   web::post(upload, [](const web::request& req) {
//     req.allow_body(1 << 30);
//     for (web::part& part : web::parts(req)) {
//       if (part.name() == "title") title = part.text(200);
//       if (part.name() == "file")
//         while (std::size_t size = part.read(buffer)) file.write({buffer.data(), size});
//     }
//     return web::see_other(home());
//   })
//
// A part that is not read, or not to its end, is passed over. Everything may park, and throws http::failure:
// 415 when the request has no such body, 400 when it is malformed (in the strict sense: where two readers
// could see different parts there are none), 413 beyond the limits.
#pragma once
#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "aster/web/request.hpp"

namespace aster::web {

struct multipart_limits {
  std::size_t parts = 128;
  /// Bytes of the fields at the head of one part.
  std::size_t head = 8 * 1024;
};

class multipart_reader;

/// One part. Lives until the next one is asked for.
class part {
 public:
  /// The field of the form. UTF-8, without controls; not unique.
  const std::string& name() const { return name_; }
  /// What the client calls the file; nothing when the part is no file. Its last component only, UTF-8,
  /// without controls, at most 255 bytes, never "." or "..": still the client's choice, so no name to store
  /// the file by. Empty when none was chosen.
  const std::optional<std::string>& filename() const { return filename_; }
  /// As the client says: "text/plain" where it does not (RFC 7578 §4.4).
  std::string_view type() const { return type_.empty() ? std::string_view{"text/plain"} : type_; }

  /// Reads up to `out.size()` bytes of the content; 0 at its end.
  std::size_t read(std::span<std::byte> out);
  /// What is left of the content, in one piece. Throws http::failure (413) when it is larger.
  std::string text(std::size_t limit);

 private:
  friend class multipart_reader;
  multipart_reader* reader_ = nullptr;
  std::string name_, type_;
  std::optional<std::string> filename_;
};

/// Where a multipart body comes from: fills `out` with what there is, 0 at the end.
struct byte_source {
  void* object;
  std::size_t (*read)(void* object, std::span<std::byte> out);
};

class multipart_reader {
 public:
  /// `boundary`: of the Content-Type, 1 to 70 characters.
  multipart_reader(byte_source from, std::string_view boundary, const multipart_limits& limits = {});

  /// Goes on to the next part, past what is left of the last; null at the end. The part is the same object
  /// each time.
  part* next();

 private:
  friend class part;
  enum class place : std::uint8_t { start, content, delimiter, end };

  std::string_view window() const { return {buffer_.get() + first_, last_ - first_}; }
  bool fill();
  void need(std::size_t bytes);
  /// Content that can be handed out now; empty at the end of the part.
  std::string_view content();
  void consume(std::size_t bytes) {
    first_ += bytes;
    scanned_ -= bytes;
  }
  void read_delimiter();
  void read_head();
  void read_disposition(std::string_view value, bool& has_name);

  byte_source from_;
  multipart_limits limits_;
  std::string delimiter_;  // CRLF, two dashes, the boundary
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_, first_ = 0, last_ = 0;
  std::size_t scanned_ = 0;  // bytes from first_ on that are known to be content
  std::size_t parts_ = 0;
  place place_ = place::start;
  bool has_ended_ = false;  // the source
  part part_;
};

/// The parts of a request's body, in their order, once.
class parts {
 public:
  explicit parts(const request& req, const multipart_limits& limits = {});

  class iterator {
   public:
    using value_type = part;
    using difference_type = std::ptrdiff_t;
    explicit iterator(multipart_reader* reader) : reader_(reader), part_(reader->next()) {}
    part& operator*() const { return *part_; }
    part* operator->() const { return part_; }
    iterator& operator++() {
      part_ = reader_->next();
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return part_ == nullptr; }

   private:
    multipart_reader* reader_;
    part* part_;
  };
  iterator begin() { return iterator{&reader_}; }
  std::default_sentinel_t end() const { return {}; }

 private:
  multipart_reader reader_;
};

/// Whether the request has a body of parts.
bool has_parts(const request& req);

}  // namespace aster::web
