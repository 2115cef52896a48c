// An edge with services in memory behind it and clients in front, for tests in virtual time.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aster/proxy/edge.hpp"
#include "aster/proxy/test_service.hpp"

namespace aster::proxy::test {

/// One client, with a connection of its own.
class client {
 public:
  explicit client(edge& at, std::function<void(const http::access_record&)> log = {})
      : says_([&at](const http::request& req, http::response& res) { at(req, res); }, with(std::move(log))) {}
  http::test::conversation& operator*() { return says_; }
  http::test::conversation* operator->() { return &says_; }

 private:
  static http::options with(std::function<void(const http::access_record&)> log) {
    http::options o;
    o.access_log = std::move(log);
    return o;
  }
  http::test::conversation says_;
};

/// A table of one service, "a", at "/".
inline edge_table table_of(service_readiness state, std::vector<std::string> instances,
                           std::uint32_t concurrency = 64) {
  return {.routes = {{"", "/", "a", false}}, .services = {{"a", concurrency, state, std::move(instances)}}};
}

inline std::string get(std::string_view path, std::string_view fields = {}) {
  return "GET " + std::string{path} + " HTTP/1.1\r\nHost: site.example\r\n" + std::string{fields} + "\r\n";
}

inline std::string body_of(std::string_view answer) {
  return std::string{answer.substr(answer.find("\r\n\r\n") + 4)};
}

/// What stands behind `name: ` in a head or an echo.
inline std::string field_of(std::string_view answer, std::string_view name) {
  const std::string start = "\n" + std::string{name} + ": ";
  const std::size_t at = answer.find(start);
  if (at == answer.npos) return {};
  const std::string_view rest = answer.substr(at + start.size());
  return std::string{rest.substr(0, rest.find_first_of("\r\n"))};
}

/// Answers with the fields that it was asked with, behind the first line.
inline void echo(const http::request& req, http::response& res) {
  std::string text = std::string{req.method_text()} + " " + std::string{req.target()} + "\n";
  for (const auto [name, value] : req.headers()) text.append(name).append(": ").append(value).append("\n");
  res.text(text);
}

}  // namespace aster::proxy::test
