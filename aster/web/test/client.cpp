#include "aster/web/test/client.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

#include "aster/http/grammar.hpp"
#include "aster/http/memory_stream.hpp"
#include "aster/http/server.hpp"
#include "aster/task/scope.hpp"
#include "aster/web/url.hpp"

namespace aster::web::test {
namespace {

/// All that a server answers to these bytes, until it closes.
std::string converse(http::handler_reference handler, std::string_view bytes) {
  http::memory_connection wire{bytes.size() + 64 * 1024};
  std::string answer;
  task::scope server{"test server"};
  server.spawn("test server", [&] {
    http::serve_connection(wire.server(), handler);
    wire.server().shutdown_write();
  });
  if (!wire.client().write(bytes)) throw std::runtime_error("test client: the server has hung up");
  wire.client().shutdown_write();
  std::array<std::byte, 4096> buffer;
  for (;;) {
    const auto got = wire.client().read(buffer);
    if (!got) throw std::runtime_error("test client: the server broke the connection off");
    if (*got == 0) break;
    answer.append(reinterpret_cast<const char*>(buffer.data()), *got);
  }
  server.join();
  return answer;
}

std::string unchunked(std::string_view text) {
  std::string body;
  for (;;) {
    std::size_t size = 0;
    const std::size_t end = text.find("\r\n");
    if (end == std::string_view::npos) throw std::runtime_error("test client: a chunk is cut off");
    std::from_chars(text.data(), text.data() + end, size, 16);
    if (size == 0) return body;
    body.append(text.substr(end + 2, size));
    text.remove_prefix(std::min(end + 2 + size + 2, text.size()));
  }
}

reply parse(std::string_view text) {
  reply result;
  const std::size_t head_end = text.find("\r\n\r\n");
  if (!text.starts_with("HTTP/1.1 ") || head_end == std::string_view::npos)
    throw std::runtime_error("test client: this is no response");
  std::from_chars(text.data() + 9, text.data() + 12, result.status);
  std::string_view head = text.substr(0, head_end + 2);
  head.remove_prefix(head.find("\r\n") + 2);
  while (!head.empty()) {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    const std::size_t colon = line.find(':');
    result.headers.emplace_back(line.substr(0, colon), http::trim(line.substr(colon + 1)));
    head.remove_prefix(line.size() + 2);
  }
  const std::string_view body = text.substr(head_end + 4);
  result.body =
      result.header("transfer-encoding") == "chunked" && !body.empty() ? unchunked(body) : std::string{body};
  return result;
}

}  // namespace

std::optional<std::string_view> reply::header(std::string_view name) const {
  for (const auto& [each, value] : headers)
    if (http::equals_ignoring_case(each, name)) return value;
  return std::nullopt;
}

reply client_base::send(std::string_view method, std::string_view target, const fields& headers,
                        std::string_view body) {
  std::string text;
  text.append(method).append(" ").append(target).append(" HTTP/1.1\r\n");
  bool has_host = false;
  for (const auto& [name, value] : headers) {
    has_host |= http::equals_ignoring_case(name, "host");
    text.append(name).append(": ").append(value).append("\r\n");
  }
  if (!has_host) text += "Host: test.example\r\n";
  if (!cookies_.empty()) text.append("Cookie: ").append(cookies()).append("\r\n");
  if (!body.empty() || method == "POST" || method == "PUT" || method == "PATCH")
    text.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
  text.append("Connection: close\r\n\r\n").append(body);
  reply result = parse(converse(handler_, text));
  for (const auto& [name, value] : result.headers)
    if (http::equals_ignoring_case(name, "set-cookie")) keep_cookie(value);
  return result;
}

reply client_base::post(std::string_view target, std::string_view type, std::string_view body,
                        fields headers) {
  headers.emplace_back("Content-Type", type);
  return send("POST", target, headers, body);
}

reply client_base::post_form(std::string_view target, const fields& values, const fields& headers) {
  std::string body;
  for (const auto& [name, value] : values) {
    if (!body.empty()) body += '&';
    append_encoded(body, name, url_part::parameter);
    body += '=';
    append_encoded(body, value, url_part::parameter);
  }
  return post(target, "application/x-www-form-urlencoded", body, headers);
}

std::string client_base::cookies() const {
  std::string text;
  for (const auto& [name, value] : cookies_) {
    if (!text.empty()) text += "; ";
    text.append(name).append("=").append(value);
  }
  return text;
}

void client_base::keep_cookie(std::string_view field) {
  const std::string_view pair = field.substr(0, field.find(';'));
  const std::size_t equals = pair.find('=');
  const std::string name{pair.substr(0, equals)}, value{pair.substr(equals + 1)};
  std::erase_if(cookies_, [&](const auto& each) { return each.first == name; });
  const bool is_deleted = field.contains("Max-Age=0") || field.contains("Max-Age=-");
  if (!is_deleted) cookies_.emplace_back(name, value);
}

}  // namespace aster::web::test
