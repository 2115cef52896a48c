// Forms, read into aggregates: each member is a field of its name.
//
//   struct new_link {
//     std::string target;               // has to be sent
//     std::optional<web::slug> id;      // may be left empty
//     std::vector<std::string> tag;     // each field of that name
//     bool listed;                      // a checkbox: false when nothing was sent
//   };
//
//   web::post(links, [](web::form<new_link> sent, table& links) {
//     return web::see_other(link(links.add(sent->target)));
//   })
//
// Such a handler is called with good values only; what is wrong is answered with 422 and a page that names
// the fields. A handler that would rather show the form again, filled in as it was sent and with what is
// wrong beside each field, takes the result:
//
//   web::post(links, [](web::form_result<new_link> sent, table& links) -> std::expected<web::url, page> {
//     if (sent && links.has(sent->id)) sent.refuse("id", "is taken");
//     if (!sent) return std::unexpected(edit_page(sent));       // sent.text("target"), sent.error("target")
//     …
//
// Both kinds of bodies are read: application/x-www-form-urlencoded, and multipart/form-data without its files
// (for those there is web::parts). Members are of types that web::value knows, with optional and vector of
// them. A field that is sent twice into one member is an error; of a bool the last one counts, so that a
// hidden field can stand before its checkbox.
#pragma once
#include <array>
#include <cstddef>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "aster/json/aggregate.hpp"
#include "aster/web/argument.hpp"
#include "aster/web/request.hpp"
#include "aster/web/value.hpp"

namespace aster::web {

struct form_limits {
  static constexpr std::size_t fields = 256;
  static constexpr std::size_t field_size = 64 * 1024;  // of one field in a multipart body
};

/// Something wrong with a field; `message` is to be read behind its name: "is missing".
struct form_error {
  std::string field;
  std::string message;
};

/// Names and values as they were sent, decoded, in their order.
class form_values {
 public:
  form_values() = default;

  /// Reads a urlencoded text. Throws http::failure for what is none (400) or has too many fields (413).
  static form_values parse(std::string_view text);
  /// Reads the body of a request. Parks. Throws http::failure, 415 when it is no form.
  static form_values read(const request& req);

  void add(std::string name, std::string value);
  /// The first value of that name; nothing when there is none.
  const std::string* find(std::string_view name) const;
  /// Calls `use(const std::string&)` for each value of that name.
  template <class Use>
  void each(std::string_view name, Use use) const {
    for (const auto& [key, text] : fields_)
      if (key == name) use(text);
  }
  std::span<const std::pair<std::string, std::string>> all() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

namespace detail {

/// The reasons of failing, kept out of the templates.
struct form_reading {
  const form_values& from;
  std::vector<form_error>& errors;

  void wrong(std::string_view field, std::string_view message);
  /// The only value of a field. Null when there is none, or when it was wrong, which has been said.
  const std::string* one(std::string_view field, bool& is_wrong);
  bool is_text(std::string_view field, const std::string& text);
};

template <class T>
constexpr std::string_view form_complaint() {
  return std::is_integral_v<T> ? "should be a whole number that is not too large"
                               : "is not of the right form";
}

template <class T>
concept has_web_value = textual<T> && !std::is_same_v<T, std::string_view>;

/// Complains of a member that no text makes.
template <class T>
consteval bool check_field() {
  static_assert(
      has_web_value<T>,
      "a member of a form has a type that web::value knows (see aster/web/value.hpp), or is an optional "
      "or a vector of one; string_view would have nothing to refer to");
  return has_web_value<T>;
}

/// How one member is read: nothing when it cannot be, for which there is an error then.
template <class T>
struct form_field {
  static_assert(check_field<T>());
  static std::optional<T> read(form_reading& in, std::string_view name) {
    bool is_wrong = false;
    const std::string* const text = in.one(name, is_wrong);
    if (is_wrong) return std::nullopt;
    if (text == nullptr || (text->empty() && !std::is_same_v<T, std::string>)) {
      in.wrong(name, "is missing");
      return std::nullopt;
    }
    std::optional<T> result = value<T>::parse(*text);
    if (!result) in.wrong(name, form_complaint<T>());
    return result;
  }
  static void write(form_values& to, std::string_view name, const T& v) {
    std::string text;
    value<T>::append(text, v);
    to.add(std::string{name}, std::move(text));
  }
};
template <>
struct form_field<bool> {
  static std::optional<bool> read(form_reading& in, std::string_view name) {
    std::optional<bool> result = false;
    in.from.each(name, [&](const std::string& text) { result = value<bool>::parse(text); });
    if (!result) in.wrong(name, "should be on or off");
    return result;
  }
  static void write(form_values& to, std::string_view name, bool v) {
    if (v) to.add(std::string{name}, "on");
  }
};

template <class T>
struct form_field<std::optional<T>> {
  static_assert(check_field<T>());
  static std::optional<std::optional<T>> read(form_reading& in, std::string_view name) {
    bool is_wrong = false;
    const std::string* const text = in.one(name, is_wrong);
    if (is_wrong) return std::nullopt;
    if (text == nullptr || text->empty()) return std::optional<T>{};
    std::optional<T> result = value<T>::parse(*text);
    if (!result) {
      in.wrong(name, form_complaint<T>());
      return std::nullopt;
    }
    return std::optional<std::optional<T>>{std::move(result)};
  }
  static void write(form_values& to, std::string_view name, const std::optional<T>& v) {
    if (v) form_field<T>::write(to, name, *v);
  }
};

template <class T>
struct form_field<std::vector<T>> {
  static_assert(check_field<T>());
  static std::optional<std::vector<T>> read(form_reading& in, std::string_view name) {
    std::vector<T> all;
    bool is_good = true;
    in.from.each(name, [&](const std::string& text) {
      if (!is_good) return;
      is_good = in.is_text(name, text);
      if (!is_good) return;
      std::optional<T> one = value<T>::parse(text);
      if (one)
        all.push_back(std::move(*one));
      else
        in.wrong(name, form_complaint<T>());
      is_good = one.has_value();
    });
    if (!is_good) return std::nullopt;
    return all;
  }
  static void write(form_values& to, std::string_view name, const std::vector<T>& v) {
    for (const T& one : v) {
      std::string text;
      value<T>::append(text, one);
      to.add(std::string{name}, std::move(text));
    }
  }
};

template <class T, class... Members>
std::optional<T> read_form(const form_values& from, std::vector<form_error>& errors,
                           aster::json::detail::type_list<Members...>) {
  form_reading in{from, errors};
  return [&]<std::size_t... I>(std::index_sequence<I...>) -> std::optional<T> {
    std::tuple<std::optional<Members>...> read{
        form_field<Members>::read(in, aster::json::member_name<T, I>)...};  // in their order: braces
    if (!errors.empty()) return std::nullopt;
    return T{std::move(*std::get<I>(read))...};
  }(std::index_sequence_for<Members...>{});
}

[[noreturn]] void refuse_form(std::span<const form_error> errors);

}  // namespace detail

/// A form as it was sent: its values when all is well with them, and otherwise what is wrong.
template <aster::json::aggregate T>
class form_result {
 public:
  /// The name of a member: a literal that is none does not compile.
  class field {
   public:
    template <std::size_t Size>
    consteval field(const char (&name)[Size]) : name_(name, Size - 1) {
      bool is_one = false;
      [&]<std::size_t... I>(std::index_sequence<I...>) {
        ((is_one |= aster::json::member_name<T, I> == name_), ...);
      }(std::make_index_sequence<aster::json::member_count<T>>{});
      if (!is_one) throw "the form has no field of this name";
    }
    constexpr std::string_view name() const { return name_; }

   private:
    std::string_view name_;
  };

  /// An empty form, to be shown for the first time; it has no values, and nothing is wrong with it.
  form_result() = default;
  explicit form_result(form_values sent) : sent_(std::move(sent)) {
    value_ = detail::read_form<T>(sent_, errors_, aster::json::member_types<T>{});
  }
  /// Filled in with what there is, to be edited.
  static form_result of(T value) {
    form_result result;
    aster::json::with_members(value, [&](const auto&... members) {
      [&]<std::size_t... I>(std::index_sequence<I...>) {
        (detail::form_field<std::remove_cvref_t<decltype(members)>>::write(
             result.sent_, aster::json::member_name<T, I>, members),
         ...);
      }(std::make_index_sequence<sizeof...(members)>{});
    });
    result.value_ = std::move(value);
    return result;
  }

  /// Whether all is well, and there are values.
  explicit operator bool() const { return value_.has_value() && errors_.empty(); }
  /// The values; when there are none, the program ends.
  T& operator*() { return value_.value(); }
  const T& operator*() const { return value_.value(); }
  T* operator->() { return &value_.value(); }
  const T* operator->() const { return &value_.value(); }

  /// Adds an error that only the program knows: "is taken". The form is not well then.
  void refuse(field f, std::string message) {
    errors_.push_back({std::string{f.name()}, std::move(message)});
  }

  /// What was sent for a field, the first if there are several, whether it was right or not; empty when
  /// nothing was.
  std::string_view text(field f) const {
    const std::string* const found = sent_.find(f.name());
    return found == nullptr ? std::string_view{} : *found;
  }
  /// Whether the field was sent with this value: for checked boxes and selected options.
  bool has(field f, std::string_view text) const {
    bool found = false;
    sent_.each(f.name(), [&](const std::string& each) { found |= each == text; });
    return found;
  }
  /// What is wrong with the field; empty when nothing is.
  std::string_view error(field f) const {
    for (const form_error& e : errors_)
      if (e.field == f.name()) return e.message;
    return {};
  }
  std::span<const form_error> errors() const { return errors_; }
  const form_values& sent() const { return sent_; }

 private:
  form_values sent_;
  std::optional<T> value_;
  std::vector<form_error> errors_;
};

/// The values of a form that all is well with.
template <aster::json::aggregate T>
class form {
 public:
  explicit form(T value) : value_(std::move(value)) {}
  T& operator*() { return value_; }
  const T& operator*() const { return value_; }
  T* operator->() { return &value_; }
  const T* operator->() const { return &value_; }

 private:
  T value_;
};

template <class T>
struct extract<form_result<T>> {
  static std::expected<form_result<T>, response> from(const request& req) {
    return form_result<T>{form_values::read(req)};
  }
};
template <class T>
struct extract<form<T>> {
  static std::expected<form<T>, response> from(const request& req) {
    form_result<T> result{form_values::read(req)};
    if (!result) detail::refuse_form(result.errors());
    return form<T>{std::move(*result)};
  }
};

}  // namespace aster::web
