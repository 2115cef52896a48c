// JSON bodies, as a handler's parameter and as its answer.
//
//   struct new_link { std::string target; std::optional<web::slug> id; };
//   struct link { std::string id, target; int clicks; };
//
//   web::post(links, [](web::json<new_link> sent, table& links) {
//     return web::json(links.add(sent->target), http::status::created);
//   })
//
// What is sent has to be application/json, or something+json: 415 otherwise, which also keeps forms of other
// sites out, that cannot send it unasked. What is no JSON is answered with 400, what is not of the handler's
// type with 422, both by a problem document (see problem.hpp) that names the field:
//
//   {"title":"Unprocessable Content","status":422,"detail":"target is
//   missing","field":"target","line":1,"column":14}
//
// Types and their JSON: aster/json/read.hpp and write.hpp.
#pragma once
#include <expected>
#include <string>
#include <utility>

#include "aster/http/failure.hpp"
#include "aster/json/read.hpp"
#include "aster/json/write.hpp"
#include "aster/web/argument.hpp"
#include "aster/web/request.hpp"
#include "aster/web/response.hpp"

namespace aster::web {

/// `With` says how it is read: web::json<link, {.strict = true}>.
template <class T, aster::json::options With = {}>
class json {
 public:
  explicit json(T value, http::status status = http::status::ok)
      : value_(std::move(value)), status_(status) {}

  T& operator*() { return value_; }
  const T& operator*() const { return value_; }
  T* operator->() { return &value_; }
  const T* operator->() const { return &value_; }

  /// As an answer: its status.
  http::status status() const { return status_; }

 private:
  T value_;
  http::status status_;
};
template <class T>
json(T) -> json<T>;
template <class T>
json(T, http::status) -> json<T>;

inline constexpr std::string_view json_type = "application/json";

template <class T, aster::json::options With>
response to_response(const json<T, With>& what) {
  return {what.status(), json_type, aster::json::write(*what)};
}

namespace detail {
/// The body, when its type says that it is JSON. Parks.
std::expected<std::string_view, response> json_body(const request& req);
response json_problem(const aster::json::error& wrong);
}  // namespace detail

template <class T, aster::json::options With>
struct extract<json<T, With>> {
  static std::expected<json<T, With>, response> from(const request& req) {
    auto body = detail::json_body(req);
    if (!body) return std::unexpected(std::move(body.error()));
    auto read = aster::json::read<T>(*body, With);
    if (!read) return std::unexpected(detail::json_problem(read.error()));
    return json<T, With>{std::move(*read)};
  }
};

}  // namespace aster::web
