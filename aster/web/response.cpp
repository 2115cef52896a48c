#include "aster/web/response.hpp"

#include "aster/http/grammar.hpp"
#include "aster/web/application.hpp"
#include "aster/web/live.hpp"
#include "aster/web/nonce.hpp"
#include "aster/web/request.hpp"

namespace aster::web {
namespace {

/// Calls `use(name, line)` for each field line of `fields`; the line with its end.
void each_line(std::string_view fields, auto use) {
  while (!fields.empty()) {
    const std::size_t end = fields.find("\r\n");
    const std::string_view line = fields.substr(0, end + 2);
    use(line.substr(0, line.find(':')), line);
    fields.remove_prefix(line.size());
  }
}

std::string with_nonce(std::string_view policy, std::string_view nonce) {
  constexpr std::string_view place = "{nonce}";
  std::string result;
  for (;;) {
    const std::size_t at = policy.find(place);
    result.append(policy.substr(0, at));
    if (at == std::string_view::npos) return result;
    result.append(nonce);
    policy.remove_prefix(at + place.size());
  }
}

}  // namespace

void response::add_header(std::string_view name, std::string_view value) {
  http::append_field(fields_, name, value);
}

void response::replace_header(std::string_view name, std::string_view value) {
  std::string kept;
  each_line(fields_, [&](std::string_view each, std::string_view line) {
    if (!http::equals_ignoring_case(each, name)) kept.append(line);
  });
  http::append_field(kept, name, value);
  fields_ = std::move(kept);
}

std::optional<std::string_view> response::header(std::string_view name) const {
  std::optional<std::string_view> found;
  each_line(fields_, [&](std::string_view each, std::string_view line) {
    if (!found && http::equals_ignoring_case(each, name))
      found = line.substr(each.size() + 2, line.size() - each.size() - 4);
  });
  return found;
}

response response::bare(http::status status) {
  if (http::has_no_body(status) || status == http::status::reset_content) return response{status};
  std::string body = std::to_string(code(status));
  body.append(" ").append(reason(status)).append("\n");
  response result{status, plain_text, std::move(body)};
  result.is_bare_ = true;
  return result;
}

response response::borrowing(std::string_view constant_type, std::string_view constant) {
  response result{http::status::ok};
  result.type_ = constant_type;
  result.borrowed_ = constant.data() != nullptr ? constant : std::string_view{""};
  return result;
}

response response::streaming(std::string_view constant_type, once<http::body_writer&> write) {
  response result{http::status::ok};
  result.type_ = constant_type;
  result.stream_ = std::move(write);
  return result;
}

response response::taking_over(std::string_view protocol, once<net::byte_stream&> use) {
  response result{http::status::switching_protocols};
  result.type_ = protocol;
  result.takeover_ = std::move(use);
  return result;
}

void response::send(const request& req, http::response& to) && {
  if (takeover_) {
    to.fields(fields_).upgrade(type_, std::move(takeover_));
    return;
  }
  const bool reloads_itself = is_live() && type_.starts_with("text/html") && !is_streamed();
  // One that reloads itself is never the same again: it has a nonce in it.
  const http::selection chosen = reloads_itself ? http::selection{} : select(req);
  if (reloads_itself) body(std::string{body()} + live_script(req.nonce()));
  if (chosen.status == http::status::ok) {
    to.status(status_);
    send_fields(req, to);
    send_body(to);
    return;
  }
  to.status(chosen.status);
  if (chosen.status == http::status::not_modified) {
    // Without a policy: the page that the client has goes on with the nonce it was sent with.
    send_not_modified(to);
  } else if (chosen.status == http::status::partial_content) {
    send_fields(req, to);
    send_parts(chosen, to);
  } else {
    to.fields(req.options().security.fields);
    send_refusal(chosen, to);
  }
}

/// And for a page the policy with this request's nonce, which the page gets as well.
void response::send_fields(const request& req, http::response& to) {
  const security_headers& security = req.options().security;
  if (fields_.empty()) {
    to.fields(security.fields);
  } else {
    each_line(security.fields, [&](std::string_view name, std::string_view line) {
      if (!header(name)) to.fields(line);
    });
    to.fields(fields_);
  }
  if (type_.starts_with("text/html") && !security.content_security_policy.empty() &&
      !header("Content-Security-Policy")) {
    to.header("Content-Security-Policy", with_nonce(security.content_security_policy, req.nonce()));
    if (!is_streamed() && borrowed_.data() == nullptr) fill_nonces(body_, req.nonce());
  }
}

void response::send_body(http::response& to) {
  if (stream_) {
    http::body_writer writer = to.stream(type_);
    stream_(writer);
  } else if (borrowed_.data() != nullptr) {
    to.borrow(type_, borrowed_);
  } else if (!type_.empty()) {
    to.send(type_, std::move(body_));
  }
}

response to_response(http::status status) { return response::bare(status); }

response redirect_to_text(http::status status, std::string_view target) {
  // Field values are printable ASCII; the rest of a reference is percent-encoded (RFC 9110 §10.2.2).
  std::string location;
  for (const char c : target) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7f && c != '"' && c != '<' && c != '>' && c != '\\')
      location += c;
    else
      append_encoded(location, {&c, 1}, url_part::segment);
  }
  return response{status}.header("Location", location);
}

response see_other(const url& to) { return redirect_to_text(http::status::see_other, to.text()); }
response temporary_redirect(const url& to) {
  return redirect_to_text(http::status::temporary_redirect, to.text());
}
response permanent_redirect(const url& to) {
  return redirect_to_text(http::status::permanent_redirect, to.text());
}

}  // namespace aster::web
