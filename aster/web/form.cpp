#include "aster/web/form.hpp"

#include "aster/http/failure.hpp"
#include "aster/json/utf8.hpp"
#include "aster/web/media_type.hpp"
#include "aster/web/multipart.hpp"
#include "aster/web/url.hpp"

namespace aster::web {
namespace {

[[noreturn]] void refuse_encoding() {
  throw http::failure{http::status::bad_request, "the form is not well encoded"};
}

form_values read_parts(const request& req) {
  form_values result;
  for (part& each : parts(req, {.parts = form_limits::fields}))
    if (!each.filename()) result.add(each.name(), each.text(form_limits::field_size));
  return result;
}

}  // namespace

form_values form_values::parse(std::string_view text) {
  form_values result;
  std::string_view name, value;
  while (next_pair(text, name, value)) {
    auto decoded_name = decode(name, url_part::parameter);
    auto decoded_value = decode(value, url_part::parameter);
    if (!decoded_name || !decoded_value) refuse_encoding();
    result.add(std::move(*decoded_name), std::move(*decoded_value));
  }
  return result;
}

form_values form_values::read(const request& req) {
  const auto type = req.header("content-type");
  if (type && is_media_type(*type, "application/x-www-form-urlencoded")) return parse(req.body());
  if (has_parts(req)) return read_parts(req);
  throw http::failure{http::status::unsupported_media_type, "this wants a form"};
}

void form_values::add(std::string name, std::string value) {
  if (fields_.size() == form_limits::fields)
    throw http::failure{http::status::content_too_large, "the form has too many fields"};
  fields_.emplace_back(std::move(name), std::move(value));
}

const std::string* form_values::find(std::string_view name) const {
  for (const auto& [key, text] : fields_)
    if (key == name) return &text;
  return nullptr;
}

namespace detail {

void form_reading::wrong(std::string_view field, std::string_view message) {
  errors.push_back({std::string{field}, std::string{message}});
}

bool form_reading::is_text(std::string_view field, const std::string& text) {
  if (aster::json::is_utf8(text) && !text.contains('\0')) return true;
  wrong(field, "is no text");
  return false;
}

const std::string* form_reading::one(std::string_view field, bool& is_wrong) {
  const std::string* found = nullptr;
  bool is_twice = false;
  from.each(field, [&](const std::string& text) {
    is_twice = found != nullptr;
    found = &text;
  });
  if (is_twice) wrong(field, "was sent twice");
  is_wrong = is_twice || (found != nullptr && !is_text(field, *found));
  return is_wrong ? nullptr : found;
}

void refuse_form(std::span<const form_error> errors) {
  std::string text;
  for (const form_error& e : errors) {
    if (!text.empty()) text += '\n';
    text.append(e.field).append(" ").append(e.message);
  }
  throw http::failure{http::status::unprocessable_content, std::move(text)};
}

}  // namespace detail
}  // namespace aster::web
