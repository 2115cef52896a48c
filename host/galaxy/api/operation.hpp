// A handler with a sentence on what it does, and the OpenAPI document that an application's type makes of it:
// what is described is what is compiled.
//
//   auto routes = web::group(
//       web::get(events, operation<"What has happened", lines_of<event>>([](…) -> web::response { … })),
//       web::post(restart, operation<"Restarts the instances">([](web::slug s) -> … { … })));
//   describe_routes(routes, to);       // a described_operation for each
#pragma once
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "aster/http/status.hpp"
#include "aster/web/items.hpp"
#include "aster/web/json.hpp"
#include "aster/web/signature.hpp"
#include "host/galaxy/api/schema.hpp"

namespace aster::host::galaxy {

/// What an operation answers, where the handler's result does not say it.
struct as_its_result {};
template <class T>
struct lines_of {};  // NDJSON or server-sent events
template <class T>
struct one_or_lines_of {};  // JSON, or likewise
template <class T>
struct accepted_with {};  // 202, and what is known already
template <web::literal Type>
struct text_of {};  // of this media type

template <web::literal Summary, class Answer, class Handler>
struct operation_handler : Handler {
  static constexpr std::string_view summary = Summary.view();
  using answer = Answer;
};

template <web::literal Summary, class Answer = as_its_result, class Handler>
auto operation(Handler&& h) {
  return operation_handler<Summary, Answer, std::decay_t<Handler>>{std::forward<Handler>(h)};
}

struct described_parameter {
  std::string_view name;
  bool in_path = false;
  bool required = false;
  bool repeated = false;
  std::string schema;
  std::string_view expected;  // in words; may be empty
};

struct described_body {
  std::string_view type;
  std::string schema;
};

struct described_operation {
  std::string path;  // "/services/{service}/scale"
  http::method method{};
  std::string_view summary;
  std::vector<described_parameter> parameters;
  std::optional<described_body> body;
  int status = 200;
  std::vector<described_body> answers;  // one of them; none: without a body
};

namespace detail {

template <class T>
inline constexpr bool is_json_body = false;
template <class T, json::options With>
inline constexpr bool is_json_body<web::json<T, With>> = true;
template <class T>
struct json_value;
template <class T, json::options With>
struct json_value<web::json<T, With>> {
  using type = T;
};

template <class Result>
struct describe_result {
  static void to(described_operation&, schemas&) {}
};
template <class T, json::options With>
struct describe_result<web::json<T, With>> {
  static void to(described_operation& d, schemas& s) { d.answers.push_back({web::json_type, s.of<T>()}); }
};
template <class T, class E>
struct describe_result<std::expected<T, E>> : describe_result<T> {};
template <>
struct describe_result<http::status> {
  static void to(described_operation& d, schemas&) {
    d.status = 202;
    d.answers.push_back({"text/plain", R"({"type":"string"})"});  // "202 Accepted"
  }
};

template <class Answer, class Result>
struct describe_answer;
template <class Result>
struct describe_answer<as_its_result, Result> : describe_result<Result> {};
template <class T, class Result>
struct describe_answer<lines_of<T>, Result> {
  static void to(described_operation& d, schemas& s) {
    d.answers.push_back({"application/x-ndjson", s.of<T>()});
    d.answers.push_back({"text/event-stream", R"({"type":"string"})"});
  }
};
template <class T, class Result>
struct describe_answer<one_or_lines_of<T>, Result> {
  static void to(described_operation& d, schemas& s) {
    d.answers.push_back({web::json_type, s.of<T>()});
    describe_answer<lines_of<T>, Result>::to(d, s);
  }
};
template <class T, class Result>
struct describe_answer<accepted_with<T>, Result> {
  static void to(described_operation& d, schemas& s) {
    d.status = 202;
    d.answers.push_back({web::json_type, s.of<T>()});
  }
};
template <web::literal Type, class Result>
struct describe_answer<text_of<Type>, Result> {
  static void to(described_operation& d, schemas&) {
    d.answers.push_back({Type.view(), R"({"type":"string"})"});
  }
};

template <class Parameter>
void describe_parameter(described_operation& d, schemas& s) {
  using T = std::remove_cvref_t<Parameter>;
  if constexpr (is_json_body<T>) d.body = {web::json_type, s.of<typename json_value<T>::type>()};
}

template <class Route, std::size_t... I>
void describe_captures(described_operation& d, schemas& s, std::index_sequence<I...>) {
  const auto add = [&]<std::size_t J>() {
    using T = typename Route::template type<J>;
    constexpr web::part_kind kind = Route::shape.valued(J).kind;
    described_parameter p{.name = Route::shape.valued(J).text,
                          .in_path = kind == web::part_kind::capture || kind == web::part_kind::rest,
                          .required = kind != web::part_kind::optional && kind != web::part_kind::repeated,
                          .repeated = kind == web::part_kind::repeated,
                          .schema = s.of<T>(),
                          .expected = {}};
    if constexpr (requires { std::string_view{web::value<T>::expected}; })
      p.expected = web::value<T>::expected;
    d.parameters.push_back(std::move(p));
  };
  (add.template operator()<I>(), ...);
}

template <class Item>
struct describe_item {  // middlewares and states
  static void to(std::vector<described_operation>&, schemas&) {}
};
template <class Route, http::method Method, web::literal Summary, class Answer, class Handler>
struct describe_item<web::endpoint<Route, Method, operation_handler<Summary, Answer, Handler>>> {
  static void to(std::vector<described_operation>& all, schemas& s) {
    using signature = web::detail::signature<Handler>;
    described_operation d;
    const std::string_view text = Route::text();
    d.path = text.substr(0, text.find('?'));
    d.method = Method;
    d.summary = Summary.view();
    describe_captures<Route>(d, s, std::make_index_sequence<Route::value_count>{});
    [&]<class... P>(std::type_identity<std::tuple<P...>>) {
      (describe_parameter<P>(d, s), ...);
    }(std::type_identity<typename signature::parameters>{});
    describe_answer<Answer, typename signature::result>::to(d, s);
    all.push_back(std::move(d));
  }
};
template <web::literal Prefix, class... Items>
struct describe_item<web::item_list<Prefix, Items...>> {
  static void to(std::vector<described_operation>& all, schemas& s) {
    (describe_item<Items>::to(all, s), ...);
  }
};

}  // namespace detail

/// Appends what is described in a group of routes. An endpoint without `operation` is no part of the
/// document.
template <class Group>
void describe_routes(std::vector<described_operation>& all, schemas& s) {
  detail::describe_item<Group>::to(all, s);
}

/// The document.
std::string openapi_document(std::string_view title, std::string_view version,
                             const std::vector<described_operation>& operations, schemas& s);

}  // namespace aster::host::galaxy
