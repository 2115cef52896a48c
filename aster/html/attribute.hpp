// Attributes: a name that the compiler knows, and a value of the kind that the name asks for.
//
//   a(_href = target, _class = "x", _data("count") = 3, _aria("current") = "page", "text")
//   input(_type = "email", _name = "from", _required)             a boolean attribute is there, or is not:
//   input(_type = "checkbox", _name = "all", _checked = all)      ` checked` when `all` is true
//   li(_class = selected ? std::optional{"on"sv} : std::nullopt)  an optional value: no attribute without one
//
// The names are objects in attributes.hpp with a `_` in front, so that `name`, `id` and `value` stay free for
// what programs call so. `operator=` of such an object makes a part of a tree; what may stand to its right is
// decided by the object's type, one of those below.
#pragma once
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "aster/html/attribute_name.hpp"
#include "aster/html/keywords.hpp"
#include "aster/html/program.hpp"
#include "aster/html/text.hpp"
#include "aster/html/url.hpp"

namespace aster::html {

// ---- Values
// ---------------------------------------------------------------------------------------------------------

struct text_value {
  constexpr void write(cursor& c) const { c.advance_attribute(characters); }
  std::string_view characters;
};

template <class Number>
struct number_value {
  constexpr void write(cursor& c) const {
    if constexpr (std::is_signed_v<Number>) {
      c.advance_integer(value);
    } else {
      c.advance_natural(value);
    }
  }
  Number value;
};

/// `value` times `scale`, rounded half away from zero; 0 for what is not a number, and no more than 10^15.
constexpr std::int64_t scaled(double value, double scale) {
  const double product = value * scale;
  if (product != product) return 0;
  if (product >= 1e15) return 1'000'000'000'000'000;
  if (product <= -1e15) return -1'000'000'000'000'000;
  return static_cast<std::int64_t>(product + (product < 0 ? -0.5 : 0.5));
}

/// A number with at most three digits behind the point, without needless ones.
struct decimal_value {
  constexpr void write(cursor& c) const {
    c.advance();
    c.out.thousandths(thousandths);
  }
  std::int64_t thousandths;
};

/// An address that is looked at while it is written.
struct url_value {
  constexpr void write(cursor& c) const { c.advance_attribute(is_safe_url(address) ? address : refused_url); }
  std::string_view address;
};

/// An address that somebody answers for: a literal, or a trusted::url.
struct known_url_value {
  constexpr void write(cursor& c) const { c.advance_attribute(address); }
  std::string_view address;
};

// ---- Attributes as parts of a tree
// ----------------------------------------------------------------------------------

/// ` name="value"`, always there.
template <at Name, class Value>
struct attribute {
  static constexpr part_kind kind = part_kind::attribute;
  static constexpr at name = Name;
  static constexpr void lay(layout& l) {
    l.constant(" ");
    l.constant(name_of(Name));
    l.constant("=\"");
    l.hole();
    l.constant("\"");
  }
  constexpr void write(cursor& c) const { value.write(c); }
  Value value;
};

/// The same, there when it has a value.
template <at Name, class Value>
struct optional_attribute {
  static constexpr part_kind kind = part_kind::attribute;
  static constexpr at name = Name;
  static constexpr void lay(layout& l) { l.hole(); }
  constexpr void write(cursor& c) const {
    c.advance();
    if (value) program<attribute<Name, Value>>::run({*value}, c.out);
  }
  std::optional<Value> value;
};

/// ` name`, always there, as when `_required` stands by itself.
template <at Name>
struct flag {
  static constexpr part_kind kind = part_kind::attribute;
  static constexpr at name = Name;
  static constexpr void lay(layout& l) {
    l.constant(" ");
    l.constant(name_of(Name));
  }
  constexpr void write(cursor&) const {}
};

/// ` name` or nothing.
template <at Name>
struct optional_flag {
  static constexpr part_kind kind = part_kind::attribute;
  static constexpr at name = Name;
  static constexpr void lay(layout& l) { l.hole(); }
  constexpr void write(cursor& c) const {
    c.advance();
    if (is_set) program<flag<Name>>::run({}, c.out);
  }
  bool is_set;
};

/// ` data-word="value"` and ` aria-word="value"`.
template <at Name, class Value>
struct named_attribute {
  static constexpr part_kind kind = part_kind::attribute;
  static constexpr at name = Name;
  static constexpr void lay(layout& l) {
    l.constant(" ");
    l.constant(name_of(Name));
    l.hole();
    l.constant("=\"");
    l.hole();
    l.constant("\"");
  }
  constexpr void write(cursor& c) const {
    c.advance_bytes(word);
    value.write(c);
  }
  std::string_view word;
  Value value;
};

// ---- From what is assigned to a value
// -------------------------------------------------------------------------------

template <class T>
constexpr auto to_value(T&& value, text_owner& owner) {
  using plain = std::remove_cvref_t<T>;
  if constexpr (text_like<T>) {
    return text_value{keep_text(static_cast<T&&>(value), owner)};
  } else if constexpr (std::same_as<plain, bool>) {
    return text_value{value ? "true" : "false"};
  } else if constexpr (std::unsigned_integral<plain>) {
    return number_value<std::uint64_t>{value};
  } else if constexpr (std::integral<plain> && !std::same_as<plain, char>) {
    return number_value<std::int64_t>{value};
  } else if constexpr (std::floating_point<plain>) {
    return decimal_value{scaled(static_cast<double>(value), 1000)};
  } else if constexpr (requires(cursor& c) { value.write(c); }) {
    return plain(static_cast<T&&>(value));  // a value already, as fixed<2>(x) is
  } else {
    static_assert(text_like<T>, "the value of an attribute is a text or a number");
  }
}

/// An address is kept unless it is a view: what a route or an asset returns is mostly made for this call.
template <class T>
constexpr auto to_url_value(T&& value, text_owner& owner) {
  if constexpr (text_like<T>) {
    return url_value{keep_text(static_cast<T&&>(value), owner)};
  } else if constexpr (requires { value.known_url(); }) {
    return known_url_value{owner.keep(value.known_url())};
  } else if constexpr (requires { value.url(); }) {
    return to_url_value(static_cast<T&&>(value).url(), owner);
  } else if constexpr (requires { value.text(); }) {
    return url_value{owner.keep(std::string_view(value.text()))};
  } else if constexpr (requires { to_url(static_cast<T&&>(value)); }) {
    return to_url_value(to_url(static_cast<T&&>(value)), owner);
  } else {
    static_assert(text_like<T>,
                  "no address: neither a text nor something with url() or text(), nor to_url(x) for it");
  }
}
template <class T>
consteval bool url_needs_owner() {
  if constexpr (optional_like<T>) {
    return url_needs_owner<decltype(*std::declval<T>())>();
  } else if constexpr (text_like<T>) {
    return !view_like<T>;
  } else if constexpr (requires(T value) { value.url(); }) {
    return url_needs_owner<decltype(std::declval<T>().url())>();
  } else {
    return true;
  }
}

// ---- The objects to the left of the =
// -------------------------------------------------------------------------------

/// Takes a text or a number, or an optional of these.
template <at Name>
struct text_attribute {
  template <class T>
  constexpr auto operator=(T&& value) const {
    return own_texts<needs_owner<T>()>([&](text_owner& owner) {
      if constexpr (optional_like<T>) {
        using inner = decltype(to_value(*static_cast<T&&>(value), owner));
        if (!value.has_value()) return optional_attribute<Name, inner>{};
        return optional_attribute<Name, inner>{to_value(*static_cast<T&&>(value), owner)};
      } else {
        return attribute<Name, decltype(to_value(static_cast<T&&>(value), owner))>{
            to_value(static_cast<T&&>(value), owner)};
      }
    });
  }
};

/// Takes a whole number, or an optional of one.
template <at Name>
struct number_attribute {
  template <std::integral T>
  constexpr auto operator=(T value) const {
    return text_attribute<Name>{} = value;
  }
  template <std::integral T>
  constexpr auto operator=(const std::optional<T>& value) const {
    return text_attribute<Name>{} = value;
  }
};

/// Takes an address (url.hpp).
template <at Name>
struct url_attribute {
  constexpr auto operator=(url_literal address) const {
    return attribute<Name, known_url_value>{{address.text()}};
  }
  template <class T>
    requires(!std::is_array_v<std::remove_reference_t<T>>)
  constexpr auto operator=(T&& value) const {
    return own_texts<url_needs_owner<T>()>([&](text_owner& owner) {
      if constexpr (optional_like<T>) {
        using inner = decltype(to_url_value(*static_cast<T&&>(value), owner));
        if (!value.has_value()) return optional_attribute<Name, inner>{};
        return optional_attribute<Name, inner>{to_url_value(*static_cast<T&&>(value), owner)};
      } else {
        return attribute<Name, decltype(to_url_value(static_cast<T&&>(value), owner))>{
            to_url_value(static_cast<T&&>(value), owner)};
      }
    });
  }
};

/// A boolean attribute: put into an element by itself, or with a condition.
template <at Name>
struct flag_attribute : flag<Name> {
  constexpr auto operator=(std::same_as<bool> auto is_set) const { return optional_flag<Name>{is_set}; }
};

/// One of the words, or several, that the standard knows for an attribute. Only from a literal, so that a
/// word nobody knows does not compile.
template <at Name>
class keyword {
 public:
  template <std::size_t Size>
  consteval keyword(const char (&words)[Size]) : text_(words, Size - 1) {
    if (!are_keywords(Name, text_)) this_attribute_has_no_such_keyword();
  }
  constexpr std::string_view text() const { return text_; }

 private:
  static void this_attribute_has_no_such_keyword();  // not constexpr: who gets here does not compile
  std::string_view text_;
};

/// Takes keywords, or an optional of a `keyword`.
template <at Name>
struct keyword_attribute {
  constexpr auto operator=(keyword<Name> word) const { return text_attribute<Name>{} = word.text(); }
  constexpr auto operator=(const std::same_as<std::optional<keyword<Name>>> auto& word) const {
    return optional_attribute<Name, text_value>{word ? std::optional{text_value{word->text()}}
                                                     : std::nullopt};
  }
};

/// The word behind `data-` or `aria-`, from a literal.
template <at Name>
class attribute_word {
 public:
  template <std::size_t Size>
  consteval attribute_word(const char (&word)[Size]) : text_(word, Size - 1) {
    if (Name == at::aria ? !are_keywords(at::aria, text_) || text_.find(' ') != text_.npos
                         : !is_data_word(text_))
      there_is_no_such_attribute();
  }
  constexpr std::string_view text() const { return text_; }

 private:
  static constexpr bool is_data_word(std::string_view word) {
    for (char c : word)
      if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')) return false;
    return !word.empty();
  }
  static void there_is_no_such_attribute();  // not constexpr: who gets here does not compile
  std::string_view text_;
};

/// `_data("count") = 3`, `_aria("label") = "Close"`.
template <at Name>
struct attribute_family {
  struct member {
    std::string_view word;
    template <class T>
    constexpr auto operator=(T&& value) const {
      return own_texts<needs_owner<T>()>([&](text_owner& owner) {
        return named_attribute<Name, decltype(to_value(static_cast<T&&>(value), owner))>{
            word, to_value(static_cast<T&&>(value), owner)};
      });
    }
  };
  constexpr member operator()(attribute_word<Name> word) const { return {word.text()}; }
};

// What the compiler quotes of the two below, with the type of what was to be assigned. Never true.
template <class Value>
inline constexpr bool a_style_may_be_inline = false;
template <class Value>
inline constexpr bool a_listener_may_be_inline = false;

/// For those who look for `style="…"` and `onclick="…"`: see attribute_name.hpp.
struct inline_style {
  template <class T>
  constexpr optional_flag<at::hidden> operator=(T&&) const {
    static_assert(
        a_style_may_be_inline<std::remove_cvref_t<T>>,
        "styles belong into a style sheet: a Content Security Policy does not let them into an attribute");
    return {};
  }
};
struct inline_listener {
  template <class T>
  constexpr optional_flag<at::hidden> operator=(T&&) const {
    static_assert(
        a_listener_may_be_inline<std::remove_cvref_t<T>>,
        "listeners belong into a script: a Content Security Policy does not let them into an attribute");
    return {};
  }
};

}  // namespace aster::html
