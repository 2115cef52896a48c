// SVG inside of a page, for charts, icons and codes.
//
//   auto bars(std::span<const double> values) {
//     return svg::svg(svg::_view_box = svg::box(0, 0, 10.0 * values.size(), 100), _role = "img",
//     _aria("label") = "Visits",
//                     each(bars_of(values), [](const bar& b) {
//                       return svg::rect(svg::_x = b.left, svg::_y = b.top, _width = 8, _height = b.height);
//                     }));
//   }
//   svg::polyline(svg::_points = svg::points(samples), svg::_fill = "none", svg::_stroke = "currentColor")
//   svg::path(svg::_d = svg::path_data().move_to(0, 0).line_to(9.5, 3).close())
//
// `svg::file` instead of `svg::svg` is a file by itself.
//
// Elements and attributes have a namespace of their own, since <a>, <text> and <title> are others than those
// of HTML. Numbers are written with at most three digits behind the point. Attributes that both languages
// have (_width, _height, _class, _id, _href) are those of attributes.hpp.
#pragma once
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "aster/html/attributes.hpp"
#include "aster/html/element.hpp"

namespace aster::html::svg {

template <class... Parts>
constexpr auto g(Parts&&... parts) {
  return make<tag::g>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto defs(Parts&&... parts) {
  return make<tag::defs>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto symbol(Parts&&... parts) {
  return make<tag::symbol>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto use(Parts&&... parts) {
  return make<tag::use>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto path(Parts&&... parts) {
  return make<tag::path>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto rect(Parts&&... parts) {
  return make<tag::rect>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto circle(Parts&&... parts) {
  return make<tag::circle>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto ellipse(Parts&&... parts) {
  return make<tag::ellipse>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto line(Parts&&... parts) {
  return make<tag::line>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto polyline(Parts&&... parts) {
  return make<tag::polyline>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto polygon(Parts&&... parts) {
  return make<tag::polygon>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto text(Parts&&... parts) {
  return make<tag::svg_text>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto tspan(Parts&&... parts) {
  return make<tag::tspan>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto title(Parts&&... parts) {
  return make<tag::svg_title>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto desc(Parts&&... parts) {
  return make<tag::desc>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto a(Parts&&... parts) {
  return make<tag::svg_a>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto linear_gradient(Parts&&... parts) {
  return make<tag::linear_gradient>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto radial_gradient(Parts&&... parts) {
  return make<tag::radial_gradient>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto stop(Parts&&... parts) {
  return make<tag::stop>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto clip_path(Parts&&... parts) {
  return make<tag::clip_path>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto mask(Parts&&... parts) {
  return make<tag::mask>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto pattern(Parts&&... parts) {
  return make<tag::pattern>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto marker(Parts&&... parts) {
  return make<tag::marker>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto svg(Parts&&... parts) {
  return make<tag::svg>(static_cast<Parts&&>(parts)...);
}

// Numbers, or texts such as "50%"
inline constexpr text_attribute<at::x> _x{};
inline constexpr text_attribute<at::y> _y{};
inline constexpr text_attribute<at::x1> _x1{};
inline constexpr text_attribute<at::y1> _y1{};
inline constexpr text_attribute<at::x2> _x2{};
inline constexpr text_attribute<at::y2> _y2{};
inline constexpr text_attribute<at::cx> _cx{};
inline constexpr text_attribute<at::cy> _cy{};
inline constexpr text_attribute<at::r> _r{};
inline constexpr text_attribute<at::rx> _rx{};
inline constexpr text_attribute<at::ry> _ry{};
inline constexpr text_attribute<at::dx> _dx{};
inline constexpr text_attribute<at::dy> _dy{};
inline constexpr text_attribute<at::path_length> _path_length{};
inline constexpr text_attribute<at::fill_opacity> _fill_opacity{};
inline constexpr text_attribute<at::stroke_width> _stroke_width{};
inline constexpr text_attribute<at::stroke_opacity> _stroke_opacity{};
inline constexpr text_attribute<at::opacity> _opacity{};
inline constexpr text_attribute<at::font_size> _font_size{};
inline constexpr text_attribute<at::font_weight> _font_weight{};
inline constexpr text_attribute<at::offset> _offset{};
inline constexpr text_attribute<at::stop_opacity> _stop_opacity{};

// Texts. `_fill` and `_stroke` take colours and "currentColor"
inline constexpr text_attribute<at::view_box> _view_box{};
inline constexpr text_attribute<at::preserve_aspect_ratio> _preserve_aspect_ratio{};
inline constexpr text_attribute<at::d> _d{};
inline constexpr text_attribute<at::points> _points{};
inline constexpr text_attribute<at::transform> _transform{};
inline constexpr text_attribute<at::fill> _fill{};
inline constexpr text_attribute<at::stroke> _stroke{};
inline constexpr text_attribute<at::stroke_dasharray> _stroke_dasharray{};
inline constexpr text_attribute<at::font_family> _font_family{};
inline constexpr text_attribute<at::stop_color> _stop_color{};
inline constexpr text_attribute<at::gradient_transform> _gradient_transform{};
inline constexpr text_attribute<at::clip_path> _clip_path{};
inline constexpr text_attribute<at::mask> _mask{};
inline constexpr text_attribute<at::marker_end> _marker_end{};
inline constexpr text_attribute<at::marker_start> _marker_start{};
inline constexpr text_attribute<at::marker_mid> _marker_mid{};

// Words
inline constexpr keyword_attribute<at::fill_rule> _fill_rule{};
inline constexpr keyword_attribute<at::clip_rule> _clip_rule{};
inline constexpr keyword_attribute<at::stroke_linecap> _stroke_linecap{};
inline constexpr keyword_attribute<at::stroke_linejoin> _stroke_linejoin{};
inline constexpr keyword_attribute<at::text_anchor> _text_anchor{};
inline constexpr keyword_attribute<at::dominant_baseline> _dominant_baseline{};
inline constexpr keyword_attribute<at::vector_effect> _vector_effect{};
inline constexpr keyword_attribute<at::shape_rendering> _shape_rendering{};
inline constexpr keyword_attribute<at::gradient_units> _gradient_units{};
inline constexpr keyword_attribute<at::pattern_units> _pattern_units{};

/// ` xmlns="…"`, which a drawing inside of HTML has by being there.
struct namespace_attribute {
  static constexpr part_kind kind = part_kind::attribute;
  static constexpr at name = at::xmlns;
  static constexpr void lay(layout& l) { l.constant(" xmlns=\"http://www.w3.org/2000/svg\""); }
  constexpr void write(cursor&) const {}
};
/// A drawing that is a file by itself, image/svg+xml.
template <class... Parts>
constexpr auto file(Parts&&... parts) {
  return make<tag::svg>(namespace_attribute{}, static_cast<Parts&&>(parts)...);
}

/// Numbers of a path or a list of points, gathered in a string.
class numbers {
 public:
  /// A number with at most three digits behind the point; a blank in front if one is needed.
  constexpr numbers& add(double value);
  constexpr numbers& add(char command) {
    text_ += command;
    return *this;
  }
  /// Whole numbers go this way, so that `add(1)` is no command.
  template <std::integral Number>
    requires(!std::same_as<Number, char>)
  constexpr numbers& add(Number value) {
    return add(static_cast<double>(value));
  }
  constexpr std::string text() const& { return text_; }
  constexpr std::string text() && { return std::move(text_); }
  constexpr operator std::string_view() const { return text_; }

 private:
  std::string text_;
};

constexpr numbers& numbers::add(double value) {
  const std::int64_t all = scaled(value, 1000);
  if (all < 0) {
    text_ += '-';
  } else if (!text_.empty() && !(text_.back() >= 'A' && text_.back() <= 'z')) {
    text_ += ' ';
  }
  const std::uint64_t size = all < 0 ? 0 - static_cast<std::uint64_t>(all) : static_cast<std::uint64_t>(all);
  char digits[24];
  std::size_t first = sizeof digits;
  std::uint64_t left = size;
  for (int n = 0; n < 3; ++n, left /= 10)
    if (first != sizeof digits || left % 10 != 0) digits[--first] = static_cast<char>('0' + left % 10);
  if (first != sizeof digits) digits[--first] = '.';
  do digits[--first] = static_cast<char>('0' + left % 10);
  while (left /= 10);
  text_.append(digits + first, sizeof digits - first);
  return *this;
}

/// The value of `_view_box`: `0 0 100 20`.
constexpr std::string box(double left, double top, double width, double height) {
  numbers n;
  n.add(left).add(top).add(width).add(height);
  return std::move(n).text();
}

/// The value of `_points`, of a range of things with `x` and `y`.
template <class Range>
constexpr std::string points(const Range& range) {
  numbers n;
  for (const auto& point : range) n.add(static_cast<double>(point.x)).add(static_cast<double>(point.y));
  return std::move(n).text();
}

/// The value of `_d`: a path, step by step, in absolute coordinates (SVG 2, 9.3).
class path_data {
 public:
  template <class Self>
  constexpr Self&& move_to(this Self&& self, double x, double y) {
    return self.add('M', {x, y}), static_cast<Self&&>(self);
  }
  template <class Self>
  constexpr Self&& line_to(this Self&& self, double x, double y) {
    return self.add('L', {x, y}), static_cast<Self&&>(self);
  }
  template <class Self>
  constexpr Self&& horizontal_to(this Self&& self, double x) {
    return self.add('H', {x}), static_cast<Self&&>(self);
  }
  template <class Self>
  constexpr Self&& vertical_to(this Self&& self, double y) {
    return self.add('V', {y}), static_cast<Self&&>(self);
  }
  template <class Self>
  constexpr Self&& curve_to(this Self&& self, double x1, double y1, double x2, double y2, double x,
                            double y) {
    return self.add('C', {x1, y1, x2, y2, x, y}), static_cast<Self&&>(self);
  }
  template <class Self>
  constexpr Self&& quadratic_to(this Self&& self, double x1, double y1, double x, double y) {
    return self.add('Q', {x1, y1, x, y}), static_cast<Self&&>(self);
  }
  /// An arc of an ellipse, as SVG describes it.
  template <class Self>
  constexpr Self&& arc_to(this Self&& self, double rx, double ry, double rotation, bool is_large,
                          bool is_clockwise, double x, double y) {
    self.add('A', {rx, ry, rotation, is_large ? 1.0 : 0.0, is_clockwise ? 1.0 : 0.0, x, y});
    return static_cast<Self&&>(self);
  }
  template <class Self>
  constexpr Self&& close(this Self&& self) {
    return self.add('Z', {}), static_cast<Self&&>(self);
  }
  constexpr operator std::string_view() const { return numbers_; }

 private:
  constexpr void add(char command, std::initializer_list<double> coordinates) {
    numbers_.add(command);
    for (double c : coordinates) numbers_.add(c);
  }
  numbers numbers_;
};

}  // namespace aster::html::svg
