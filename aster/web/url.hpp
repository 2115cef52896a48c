// Percent-encoding (RFC 3986 §2.1), and a reference to a place on this site, made by a route.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace aster::web {

/// A path, and maybe a query, that is right by construction: `link("xvw")` of a route.
class url {
 public:
  explicit url(std::string text) : text_(std::move(text)) {}
  const std::string& text() const& { return text_; }
  std::string text() && { return std::move(text_); }
  operator std::string_view() const { return text_; }
  bool operator==(const url&) const = default;
  friend bool operator==(const url& a, std::string_view b) { return a.text_ == b; }

 private:
  std::string text_;
};

enum class url_part : std::uint8_t {
  segment,    // of a path: a slash in it is encoded
  path,       // several segments: slashes stay
  parameter,  // name or value in a query, as forms send it (WHATWG URL §5.2): a blank becomes '+'
};

/// Appends `text`, with everything but unreserved characters encoded, so that it stands for itself whatever
/// is around it.
void append_encoded(std::string& to, std::string_view text, url_part part);

/// Undoes it; '+' is a blank in a parameter. Nothing when a '%' is not followed by two hexadecimal digits.
std::optional<std::string> decode(std::string_view text, url_part part);

/// Takes the next `name=value` off a query or a urlencoded form, still encoded. False at the end.
bool next_pair(std::string_view& rest, std::string_view& name, std::string_view& value);

}  // namespace aster::web
