// The answer to a request, as a handler makes it: status, fields, and one body.
//
//   res.text("Hello\n");
//   res.status(http::status::created).header("Location", "/notes/7").json(note);
//   res.borrow("text/css", stylesheet);                    // sent from where it lies
//   auto out = res.stream("text/plain");                   // size not known yet: chunk by chunk
//   for (auto& line : lines) out.write(line);
//
// Nothing is sent before the handler returns, but by `stream`. A handler that sets nothing answers 200 with
// an empty body. Date, Content-Length, Transfer-Encoding and Connection are the server's to write.
#pragma once
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "aster/http/body_reader.hpp"
#include "aster/http/date.hpp"
#include "aster/http/once.hpp"
#include "aster/http/output.hpp"
#include "aster/http/request_head.hpp"
#include "aster/http/status.hpp"
#include "aster/net/byte_stream.hpp"

namespace aster::http {

class response;

/// Appends a field line. Throws std::invalid_argument when the name is no token or is one that the server
/// writes itself, or when the value has a control character in it.
void append_field(std::string& to, std::string_view name, std::string_view value);

class body_writer;

/// What a body passes through on its way, such as a coder.
class body_filter {
 public:
  /// Writes to `behind` whatever becomes of `part`. Parks and throws as `behind` does.
  virtual void write(std::string_view part, body_writer& behind) = 0;

 protected:
  ~body_filter() = default;
};

/// Where the body of `response::stream` goes. Each write is sent at once, from where it lies.
class body_writer {
 public:
  /// One that sends everything through a filter. Both must outlive it.
  body_writer(body_writer& behind, body_filter& through)
      : response_(behind.response_), behind_(&behind), through_(&through) {}

  /// Sends a part of the body. Parks while the client does not take it. Throws http::disconnected when it is
  /// gone, and std::logic_error for bytes beyond the announced size.
  void write(std::string_view part);
  void write(std::span<const std::byte> part) {
    write(std::string_view{reinterpret_cast<const char*>(part.data()), part.size()});
  }

  /// Adds a field to be sent behind a chunked body (RFC 9112 §7.1.2). Lost where the body is not chunked.
  void trailer(std::string_view name, std::string_view value);

 private:
  friend class response;
  explicit body_writer(response& r) : response_(r) {}
  response& response_;
  body_writer* behind_ = nullptr;
  body_filter* through_ = nullptr;
};

class response {
 public:
  response(output& out, body_reader& request_body, date_clock& date)
      : out_(out), request_body_(request_body), date_(date) {}
  response(const response&) = delete;
  response& operator=(const response&) = delete;

  response& status(http::status s) {
    require_open();
    status_ = s;
    return *this;
  }
  http::status status() const { return status_; }

  /// Adds a field. Throws std::invalid_argument when the name is no token or is the server's to write, or
  /// when the value has a control character in it: no caller can smuggle a line break into a response.
  response& header(std::string_view name, std::string_view value);

  /// Adds lines that `append_field` has made.
  response& fields(std::string_view lines) {
    require_open();
    fields_.append(lines);
    return *this;
  }

  /// The body, of the given media type; a second one replaces the first. An empty type is not told. `text` is
  /// "text/plain; charset=utf-8", `html` "text/html; charset=utf-8", `json` "application/json".
  response& send(std::string_view type, std::string_view body);  // copied
  template <std::same_as<std::string> String>
  response& send(std::string_view type, String&& body) {  // moved
    set_type(type);
    owned_ = std::move(body);
    body_ = owned_;
    return *this;
  }
  template <typename Text>
  response& text(Text&& body) {
    return send("text/plain; charset=utf-8", std::forward<Text>(body));
  }
  template <typename Text>
  response& html(Text&& body) {
    return send("text/html; charset=utf-8", std::forward<Text>(body));
  }
  template <typename Text>
  response& json(Text&& body) {
    return send("application/json", std::forward<Text>(body));
  }

  /// The body by reference, not copied: bytes that outlive the connection, such as constants and files in
  /// the image. They may be sent after the handler has returned.
  response& borrow(std::string_view type, std::string_view body) {
    set_type(type);
    body_ = body;
    return *this;
  }

  /// Begins to send now: status and fields are settled, the body follows through the writer and ends when
  /// the handler returns. A handler that throws instead breaks the connection off, so that the client can
  /// tell. Without a size the body is chunked, or for HTTP/1.0 ends with the connection.
  [[nodiscard]] body_writer stream(std::string_view type);
  [[nodiscard]] body_writer stream(std::string_view type, std::uint64_t size);

  /// Gives the connection to another protocol (RFC 9110 §7.8), one that the client has offered:
  /// request::offers_upgrade. When the handler has returned, `101 Switching Protocols` is sent with the
  /// fields set so far, and `use` is called with the connection, in the same fiber; its reads begin with the
  /// first byte behind the request. It owns what it uses: request and response are gone. When it returns the
  /// connection is closed; when an exception leaves it, broken off. It is asked to unwind by task::cancelled
  /// when the program is asked to stop, and has options::drain left then; no other limit of time holds for
  /// it. Throws http::failure (400) for a client of HTTP/1.0, which has no upgrades, and
  /// std::invalid_argument for what is no protocol's name.
  ///
  ///   res.upgrade("echo", [](net::byte_stream& s) { … });
  response& upgrade(std::string_view protocol, once<net::byte_stream&> use);

  /// Closes the connection after this response.
  response& close() {
    require_open();
    keep_alive_ = false;
    return *this;
  }

 private:
  friend class body_writer;
  friend class connection;

  enum class stage : std::uint8_t { open, streaming, finished };
  enum class end_by : std::uint8_t {
    length,
    chunks,
    close,
    nothing,
    upgrade
  };  // how the client finds the body's end

  // For the connection.
  void begin(const request_head& head, bool keep_alive);
  void fail(http::status s, std::string_view text);  // instead of what there is so far
  bool has_begun() const { return stage_ != stage::open; }
  bool finish();  // false: the connection cannot be used further, because of this response
  bool keeps_alive() const { return keep_alive_; }
  std::uint64_t body_bytes() const { return sent_; }
  std::string_view find_field(std::string_view name) const;  // its value as it was set; empty when it was not
  bool is_upgrade() const { return static_cast<bool>(use_); }
  once<net::byte_stream&> take_upgrade() { return std::move(use_); }
  void release_memory();

  void require_open() const;
  void set_type(std::string_view type);
  void begin_stream(std::string_view type, end_by end, std::uint64_t size);
  void write_head(end_by end, std::uint64_t size);
  void write_part(std::string_view part);
  bool finish_stream();

  output& out_;
  body_reader& request_body_;
  date_clock& date_;
  std::string fields_;  // ready to be sent; the Content-Type line in front
  std::string owned_;   // the body, when it is ours
  std::string trailers_;
  once<net::byte_stream&> use_;  // of the connection, after a 101
  std::string_view body_;
  std::uint64_t sent_ = 0;  // bytes of the body that went to the output
  std::uint64_t left_ = 0;  // of a streamed body of known size
  std::uint32_t type_size_ = 0;
  http::status status_ = http::status::ok;
  stage stage_ = stage::finished;
  end_by end_ = end_by::length;
  bool keep_alive_ = false;
  bool is_head_ = false;  // the answer to HEAD has no body
  bool is_old_ = false;   // the client speaks HTTP/1.0
};

}  // namespace aster::http
