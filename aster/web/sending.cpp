// How a response with validators is sent when the client has something already, or wants a part.
#include <optional>

#include "aster/http/date.hpp"
#include "aster/http/grammar.hpp"
#include "aster/web/base64url.hpp"
#include "aster/web/request.hpp"
#include "aster/web/response.hpp"

namespace aster::web {
namespace {

std::optional<std::int64_t> last_modified_of(const response& r) {
  const auto text = r.header("Last-Modified");
  return text ? http::parse_date(*text, 0) : std::nullopt;
}

bool is_about_the_body(std::string_view name) {
  return http::equals_ignoring_case(name, "content-encoding") ||
         http::equals_ignoring_case(name, "content-language") ||
         http::equals_ignoring_case(name, "content-disposition");
}

}  // namespace

http::selection response::select(const request& req) const {
  if (status_ != http::status::ok || fields_.empty() || is_streamed()) return {};
  if (req.method() != http::method::get && req.method() != http::method::head) return {};
  const http::validators current{.etag = header("ETag").value_or(std::string_view{}),
                                 .last_modified = last_modified_of(*this)};
  if (current.etag.empty() && !current.last_modified) return {};
  return http::select(req.method(), req.headers(), current, body().size());
}

/// The fields of a 304 are those of the 200 that say how to keep it (RFC 9110 §15.4.5).
void response::send_not_modified(http::response& to) {
  for (std::string_view rest = fields_; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find("\r\n") + 2);
    if (!is_about_the_body(line.substr(0, line.find(':')))) to.fields(line);
    rest.remove_prefix(line.size());
  }
}

/// The body is another, so of the fields none holds for it.
void response::send_refusal(const http::selection& chosen, http::response& to) const {
  if (chosen.status == http::status::range_not_satisfiable)
    to.header("Content-Range", http::content_range_unsatisfied(body().size()));
  std::string text = std::to_string(code(chosen.status));
  to.text(std::move(text.append(" ").append(reason(chosen.status)).append("\n")));
}

void response::send_parts(const http::selection& chosen, http::response& to) {
  const auto parts = chosen.ranges.parts();
  const std::string_view all = body();
  const auto bytes_of = [all](const http::byte_range& part) {
    return all.substr(static_cast<std::size_t>(part.first), static_cast<std::size_t>(part.size));
  };
  if (parts.size() == 1) {
    to.header("Content-Range", http::content_range(parts[0], all.size()));
    if (borrowed_.data() != nullptr)
      to.borrow(type_, bytes_of(parts[0]));
    else
      to.send(type_, std::string{bytes_of(parts[0])});
    return;
  }
  const std::string boundary = random_token(18);
  const http::multipart_ranges multipart{parts, all.size(), type_, boundary};
  http::body_writer out = to.stream(multipart.media_type(), multipart.body_size());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    out.write(multipart.separator(i));
    out.write(bytes_of(parts[i]));
  }
  out.write(multipart.separator(parts.size()));
}

}  // namespace aster::web
