#include "aster/web/multipart.hpp"

#include <algorithm>
#include <cstring>

#include "aster/http/failure.hpp"
#include "aster/http/field_section.hpp"
#include "aster/http/grammar.hpp"
#include "aster/json/utf8.hpp"
#include "aster/web/media_type.hpp"
#include "aster/web/url.hpp"

namespace aster::web {
namespace {

constexpr std::size_t room = 8 * 1024;  // for content; a head needs its limit besides
constexpr std::size_t most_of_a_filename = 255;
constexpr std::size_t most_of_a_line = 256;  // blanks behind a boundary

[[noreturn]] void refuse(std::string_view why) {
  throw http::failure{http::status::bad_request, std::string{"multipart body: "}.append(why)};
}

/// bchars (RFC 2046 §5.1.1).
bool is_boundary(std::string_view text) {
  constexpr std::string_view others = "'()+_,-./:=? ";
  for (const char c : text)
    if (!http::is_digit(c) && !(http::to_lower(c) >= 'a' && http::to_lower(c) <= 'z') && !others.contains(c))
      return false;
  return !text.empty() && text.size() <= 70 && text.back() != ' ';
}

std::string boundary_of(const request& req) {
  const auto type = req.header("content-type");
  if (!type || !is_media_type(*type, "multipart/form-data"))
    throw http::failure{http::status::unsupported_media_type, "this wants multipart/form-data"};
  auto boundary = parameter_of(*type, "boundary");
  if (!boundary || !is_boundary(*boundary)) refuse("there is no boundary");
  return std::move(*boundary);
}

/// What browsers do to a quote and to line breaks in a name (WHATWG HTML, "multipart/form-data encoding").
std::string without_browser_escapes(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::string_view three = text.substr(0, 3);
    const char stands_for = three == "%22" ? '"' : three == "%0D" ? '\r' : three == "%0A" ? '\n' : '\0';
    result += stands_for != '\0' ? stands_for : text.front();
    text.remove_prefix(stands_for != '\0' ? 3 : 1);
  }
  return result;
}

/// ext-value (RFC 8187 §3.2.1), UTF-8 only.
std::optional<std::string> extended_value(std::string_view text) {
  const std::size_t charset = text.find('\'');
  if (charset == std::string_view::npos || !http::equals_ignoring_case(text.substr(0, charset), "utf-8"))
    return std::nullopt;
  const std::size_t language = text.find('\'', charset + 1);
  if (language == std::string_view::npos) return std::nullopt;
  return decode(text.substr(language + 1), url_part::segment);
}

std::string sanitised(std::string_view name) {
  name.remove_prefix(name.find_last_of("/\\") + 1);  // npos + 1 is 0
  std::string result;
  while (!name.empty()) {
    const std::size_t size = aster::json::character_size(name);
    if (size == 0) refuse("a filename is not UTF-8");
    if (result.size() + size > most_of_a_filename) break;
    if (size > 1 || !(http::is_control(name.front()) || name.front() == '\t')) result += name.substr(0, size);
    name.remove_prefix(size);
  }
  if (result == "." || result == "..") result.clear();
  return result;
}

}  // namespace

std::size_t part::read(std::span<std::byte> out) {
  if (out.empty()) return 0;
  const std::string_view piece = reader_->content().substr(0, out.size());
  if (piece.empty()) return 0;
  std::memcpy(out.data(), piece.data(), piece.size());
  reader_->consume(piece.size());
  return piece.size();
}

std::string part::text(std::size_t limit) {
  std::string result;
  for (;;) {
    const std::string_view piece = reader_->content();
    if (piece.empty()) return result;
    if (piece.size() > limit - result.size())
      throw http::failure{http::status::content_too_large, "the field '" + name_ + "' is too large"};
    result += piece;
    reader_->consume(piece.size());
  }
}

multipart_reader::multipart_reader(byte_source from, std::string_view boundary,
                                   const multipart_limits& limits)
    : from_(from),
      limits_(limits),
      delimiter_(std::string{"\r\n--"}.append(boundary)),
      buffer_(std::make_unique_for_overwrite<char[]>(room + limits.head)),
      capacity_(room + limits.head) {
  part_.reader_ = this;
}

/// Reads more behind what is there. False at the end of the source.
bool multipart_reader::fill() {
  if (has_ended_) return false;
  if (first_ != 0) {
    std::memmove(buffer_.get(), buffer_.get() + first_, last_ - first_);
    last_ -= first_;
    first_ = 0;
  }
  const std::size_t got =
      from_.read(from_.object, std::as_writable_bytes(std::span{buffer_.get() + last_, capacity_ - last_}));
  has_ended_ = got == 0;
  last_ += got;
  return !has_ended_;
}

void multipart_reader::need(std::size_t bytes) {
  while (window().size() < bytes)
    if (!fill()) refuse("it is cut off");
}

std::string_view multipart_reader::content() {
  if (place_ != place::content) return {};
  while (scanned_ == 0) {
    const std::string_view here = window();
    const std::size_t found = here.find(delimiter_);
    if (found == 0) {
      first_ += delimiter_.size();
      place_ = place::delimiter;
      return {};
    }
    if (found != std::string_view::npos) {
      scanned_ = found;
      break;
    }
    // The last bytes may be a delimiter's beginning.
    const std::size_t open = here.rfind('\r');
    const bool is_open = open != std::string_view::npos && delimiter_.starts_with(here.substr(open));
    scanned_ = is_open ? open : here.size();
    if (scanned_ == 0 && !fill()) refuse("it is cut off");
  }
  return window().substr(0, scanned_);
}

/// What is behind a boundary: the end of its line, or two dashes and the end of all.
void multipart_reader::read_delimiter() {
  need(2);
  if (window().starts_with("--")) {
    first_ += 2;
    while (fill()) {
      if (window().size() > most_of_a_line) refuse("there is something behind its end");
    }
    std::string_view rest = window();
    while (!rest.empty() && http::is_blank(rest.front())) rest.remove_prefix(1);
    if (!rest.empty() && rest != "\r\n") refuse("there is something behind its end");
    first_ = last_;
    place_ = place::end;
    return;
  }
  for (std::size_t blanks = 0;; ++blanks) {
    need(1);
    if (!http::is_blank(window().front())) break;
    if (blanks == most_of_a_line) refuse("a boundary has too many blanks behind it");
    ++first_;
  }
  need(2);
  if (!window().starts_with("\r\n")) refuse("a boundary has something behind it in its line");
  first_ += 2;
}

void multipart_reader::read_disposition(std::string_view value, bool& has_name) {
  if (!http::equals_ignoring_case(essence(value), "form-data")) refuse("a part is no form-data");
  std::string_view rest = value.substr(std::min(value.find(';'), value.size())), name;
  std::string text;
  std::optional<std::string> extended;
  while (next_parameter(rest, name, text)) {
    if (http::equals_ignoring_case(name, "name")) {
      if (has_name) refuse("a part has two names");
      has_name = true;
      part_.name_ = without_browser_escapes(text);
    } else if (http::equals_ignoring_case(name, "filename")) {
      if (part_.filename_) refuse("a part has two filenames");
      part_.filename_ = sanitised(without_browser_escapes(text));
    } else if (http::equals_ignoring_case(name, "filename*")) {
      if (extended) refuse("a part has two filenames");
      extended = extended_value(text);
      if (!extended) refuse("a filename is not well encoded");
    }
  }
  if (!rest.empty()) refuse("a Content-Disposition is malformed");
  if (extended) part_.filename_ = sanitised(*extended);
  if (!aster::json::is_utf8(part_.name_)) refuse("a name is not UTF-8");
  if (http::find_control(part_.name_, 0) != part_.name_.size()) refuse("a name has controls in it");
}

void multipart_reader::read_head() {
  part_.name_.clear();
  part_.type_.clear();
  part_.filename_.reset();
  http::field_section fields;
  fields.reset(16);
  std::size_t position = 0;
  bool has_disposition = false, has_name = false, has_type = false;
  for (;;) {
    // A line is scanned from its start each time that more of it has come.
    const http::progress result = fields.read_line(window(), position);
    if (position > limits_.head) refuse("the head of a part is too large");
    if (result == http::progress::failed) refuse("the head of a part is malformed");
    if (result == http::progress::incomplete) {
      if (window().size() > limits_.head) refuse("the head of a part is too large");
      if (!fill()) refuse("it is cut off");
      continue;
    }
    if (fields.ended()) break;
    const http::field field = fields.last(window().data());
    if (http::equals_ignoring_case(field.name, "content-disposition")) {
      if (has_disposition) refuse("a part has two dispositions");
      has_disposition = true;
      read_disposition(field.value, has_name);
    } else if (http::equals_ignoring_case(field.name, "content-type")) {
      if (has_type) refuse("a part has two types");
      has_type = true;
      part_.type_ = field.value;
    } else if (http::equals_ignoring_case(field.name, "content-transfer-encoding")) {
      // Deprecated (RFC 7578 §4.7); those that change nothing are let through.
      if (!http::equals_ignoring_case(field.value, "binary") &&
          !http::equals_ignoring_case(field.value, "8bit") &&
          !http::equals_ignoring_case(field.value, "7bit"))
        refuse("a part has a transfer encoding");
    }
  }
  if (!has_name) refuse("a part has no name");
  first_ += position;
  // A boundary at once, without the line end in front that belongs to it: some take it for one, others for
  // content.
  while (window().size() < delimiter_.size() - 2)
    if (!fill()) refuse("it is cut off");
  if (window().starts_with(std::string_view{delimiter_}.substr(2))) refuse("a part has no content");
}

part* multipart_reader::next() {
  switch (place_) {
    case place::start: {
      const std::string_view first = std::string_view{delimiter_}.substr(2);
      need(first.size());
      if (!window().starts_with(first)) refuse("it does not begin with its boundary");
      first_ += first.size();
      break;
    }
    case place::content:
      for (;;) {
        const std::string_view piece = content();
        if (piece.empty()) break;
        consume(piece.size());
      }
      break;
    case place::delimiter: break;
    case place::end: return nullptr;
  }
  place_ = place::delimiter;
  read_delimiter();
  if (place_ == place::end) return nullptr;
  if (++parts_ > limits_.parts)
    throw http::failure{http::status::content_too_large, "multipart body: too many parts"};
  read_head();
  place_ = place::content;
  return &part_;
}

parts::parts(const request& req, const multipart_limits& limits)
    : reader_({const_cast<request*>(&req),
               [](void* object, std::span<std::byte> out) {
                 return static_cast<const request*>(object)->read(out);
               }},
              boundary_of(req), limits) {}

bool has_parts(const request& req) {
  const auto type = req.header("content-type");
  return type && is_media_type(*type, "multipart/form-data");
}

}  // namespace aster::web
