// Where a link leads: an address that cannot run code.
//
// `href`, `src`, `action` and their like take addresses, and an address may be a program: `javascript:…`. So
// these attributes let through only what a page has a use for:
//
//   a(_href = "/about")          a literal: checked by the compiler
//   a(_href = note.source)       a value: checked while it is written; what is refused becomes about:invalid
//   a(_href = routes.note(id))   anything with url() or text(), or for which to_url(x) is found: typed
//   routes, assets
//
// Allowed are relative addresses, and of schemes http, https, mailto, tel, sms, blob and images as data:.
// Everything else needs trusted::url (trusted.hpp).
#pragma once
#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace aster::html {

/// Whether an address is harmless, read as a browser reads it: it skips blanks and control characters in
/// front, and drops tabs and line ends anywhere (url.spec.whatwg.org, 4.4), so `java\nscript:` is refused
/// too.
constexpr bool is_safe_url(std::string_view address) {
  char scheme[32];
  std::size_t size = 0;
  std::size_t at = 0;
  while (at < address.size() && static_cast<unsigned char>(address[at]) <= ' ') ++at;
  for (; at < address.size(); ++at) {
    const char c = address[at];
    if (c == '\t' || c == '\n' || c == '\r') continue;
    if (c == ':') break;
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool letter = lower >= 'a' && lower <= 'z';
    const bool later = (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
    if (!letter && !(later && size != 0)) return true;  // no scheme: a relative address
    if (size < sizeof scheme) scheme[size++] = lower;   // the start of a longer one is no scheme that we know
  }
  if (at == address.size() || size == 0) return true;
  const std::string_view name{scheme, size};
  if (name == "data") {
    const std::string_view rest = address.substr(at + 1);
    for (std::string_view kind :
         {"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/svg+xml"})
      if (rest.starts_with(kind) && rest.size() > kind.size() &&
          (rest[kind.size()] == ';' || rest[kind.size()] == ','))
        return true;
    return false;
  }
  for (std::string_view known : {"http", "https", "mailto", "tel", "sms", "blob"})
    if (name == known) return true;
  return false;
}

/// What stands where an address was refused: a browser goes nowhere (url.spec.whatwg.org, about:invalid).
inline constexpr std::string_view refused_url = "about:invalid";

/// An address in the text of the program, found harmless by the compiler.
class url_literal {
 public:
  template <std::size_t Size>
  consteval url_literal(const char (&address)[Size]) : text_(address, Size - 1) {
    if (!is_safe_url(text_)) this_address_may_run_code();
  }
  constexpr std::string_view text() const { return text_; }

 private:
  static void this_address_may_run_code();  // not constexpr: who gets here does not compile
  std::string_view text_;
};

/// The text of an address: of a text, of what has url() or text(), or of what `to_url` says of it.
template <class T>
constexpr std::string address_of(const T& value) {
  if constexpr (std::convertible_to<const T&, std::string_view>) {
    return std::string(std::string_view(value));
  } else if constexpr (requires { value.url(); }) {
    return address_of(value.url());
  } else if constexpr (requires { value.text(); }) {
    return address_of(value.text());
  } else {
    return address_of(to_url(value));
  }
}

/// An address to pass around and to return, made of the same things as the value of `_href`. It owns its
/// text, which is a literal or was found harmless.
class url {
 public:
  template <std::size_t Size>
  consteval url(const char (&address)[Size]) : literal_(url_literal(address).text()) {}
  template <class T>
    requires(!std::is_array_v<T> && !std::same_as<T, url>)
  constexpr url(const T& address) : owned_(address_of(address)) {
    if (!is_safe_url(owned_)) owned_ = refused_url;
  }
  constexpr std::string_view text() const { return owned_.empty() ? literal_ : std::string_view{owned_}; }

 private:
  std::string_view literal_;
  std::string owned_;
};

}  // namespace aster::html
