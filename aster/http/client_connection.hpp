// One connection to an HTTP/1.1 server, from the side of who asks: a request goes out, its response comes
// back, and then the next one.
//
//   http::client_connection server{stream, limits};
//   if (!server.send({.target = "/links/7", .host = "shortener"})) return lost();
//   if (auto answer = server.receive(); !answer) return say(answer.error());
//   if (server.head().status == http::status::ok) show(server.all().value_or(""));
//   if (server.is_reusable()) …the next request…
//
// What comes from a server is trusted no more than what comes from a client: the same grammar, the same
// limits.
#pragma once
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "aster/http/body_decoder.hpp"
#include "aster/http/input.hpp"
#include "aster/http/limits.hpp"
#include "aster/http/output.hpp"
#include "aster/http/response_parser.hpp"
#include "aster/http/upgraded_stream.hpp"
#include "aster/net/byte_stream.hpp"

namespace aster::http {

/// Why there is no response, by what can be done about it. The connection cannot be used further.
enum class client_failure : std::uint8_t {
  unanswered,  // it was closed or lost before the first byte of a response, as an idle one may be at any
               // time: a request that can be repeated may be sent again on another
  lost,        // … in the middle of the response
  timed_out,
  malformed,  // what came is no HTTP/1.x
  too_large,  // the body is longer than the caller takes
};
const char* to_string(client_failure f);

/// What is asked. Views: they need to live until it is sent.
struct client_request {
  std::string_view method = "GET";
  std::string_view target = "/";  // path and query as they are to stand on the wire: percent-encoded
  std::string_view host = {};     // host[:port]
  std::string_view fields = {};   // lines that append_field has made
  std::string_view upgrade = {};  // offers this protocol (RFC 9110 §7.8); empty: none
};

class client_connection {
 public:
  /// Both must outlive the connection.
  client_connection(net::byte_stream& stream, const limits& limits);
  client_connection(const client_connection&) = delete;
  client_connection& operator=(const client_connection&) = delete;

  /// Sends a request with all of its body. Parks while the server does not take it. Throws
  /// std::invalid_argument when a part of the request cannot stand on the wire. The response before was read
  /// to its end.
  [[nodiscard]] std::expected<void, client_failure> send(const client_request& r, std::string_view body = {});

  /// Sends a request whose body comes in parts: of this size, or chunked. Another fiber may wait in `receive`
  /// meanwhile: a server may answer before it has all. Parks and throws as `send`.
  [[nodiscard]] std::expected<void, client_failure> begin(const client_request& r,
                                                          std::optional<std::uint64_t> size);
  [[nodiscard]] std::expected<void, client_failure> write(std::string_view part);
  /// Throws std::logic_error when less came than was announced.
  [[nodiscard]] std::expected<void, client_failure> finish();

  /// Waits for the head of the response, at most for `patience` (zero: for ever); passes over interim ones.
  [[nodiscard]] std::expected<void, client_failure> receive(limits::duration patience = {});

  /// After `receive`, until the next request.
  const response_head& head() const { return parser_.head(); }

  /// Reads a part of the body: up to `out.size()` bytes, 0 at its end. Parks, at most for limits::content.
  [[nodiscard]] std::expected<std::size_t, client_failure> read(std::span<std::byte> out);

  /// Reads the rest of the body, up to limits::body. Parks.
  [[nodiscard]] std::expected<std::string, client_failure> all();

  bool has_whole_body() const { return decoder_.finished(); }
  /// Behind a chunked body, once it was read to its end.
  field_list trailers() const { return decoder_.trailers(); }

  /// Whether another request may follow on this connection.
  bool is_reusable() const;

  /// After a response 101: the connection, with what has come behind the response.
  upgraded_stream upgraded() { return {stream_, input_}; }

  /// Gives memory back that an idle connection can do without.
  void release_memory();

 private:
  void write_head(const client_request& r, std::optional<std::uint64_t> size, bool has_body);
  std::expected<void, client_failure> flush();
  std::unexpected<client_failure> fail(client_failure why) {
    broken_ = true;
    return std::unexpected(why);
  }

  net::byte_stream& stream_;
  const limits& limits_;
  output output_;
  input input_;
  response_parser parser_;
  body_decoder decoder_;
  std::string_view piece_;             // decoded, not handed out yet: within the input
  std::optional<std::uint64_t> left_;  // of a body of known size that is being sent
  bool is_head_ = false;               // the request is a HEAD
  bool sent_whole_ = true;             // the request, to its end
  bool broken_ = false;
};

}  // namespace aster::http
