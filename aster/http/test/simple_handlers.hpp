// Handlers that tests of a connection ask, and what they look for in the answers.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "aster/http/request.hpp"
#include "aster/http/response.hpp"

namespace aster::http::test {

inline void hello(const request&, response& res) { res.text("Hello\n"); }

/// Answers with what it understood.
inline void echo(const request& req, response& res) {
  std::string text{req.method_text()};
  text.append(" ").append(req.target()).append(" [").append(req.body()).append("]");
  for (auto [name, value] : req.trailers()) text.append(" ").append(name).append("=").append(value);
  res.text(std::move(text));
}

/// The answers without their Date lines.
inline std::string without_date(std::string text) {
  for (std::size_t at; (at = text.find("Date: ")) != std::string::npos;) text.erase(at, 37);
  return text;
}

/// How often `part` stands in `text`.
inline std::size_t count(std::string_view text, std::string_view part) {
  std::size_t n = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string_view::npos; at += part.size()) ++n;
  return n;
}

}  // namespace aster::http::test
