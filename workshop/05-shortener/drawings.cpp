#include "drawings.hpp"

#include <qrcodegen/qrcodegen.h>

#include <algorithm>
#include <array>
#include <memory>

using namespace aster::html;

namespace {

struct symbol {
  svg::numbers path;  // a square for each dark module, runs of them in one
  int size = 0;       // with four modules of quiet zone on each side
};

/// A rectangle one module high.
void append_run(svg::numbers& path, double left, double top, double width) {
  path.add('M').add(left).add(top).add('h').add(width).add('v').add(1.0).add('H').add(left).add('z');
}

symbol encode(std::string_view text) {
  constexpr int quiet_zone = 4;
  struct buffers {
    std::array<std::uint8_t, qrcodegen_BUFFER_LEN_MAX> work, modules;
  };
  const auto memory = std::make_unique<buffers>();  // 8 KB, too much for a fiber's stack
  symbol result;
  if (!qrcodegen_encodeText(std::string{text}.c_str(), memory->work.data(), memory->modules.data(),
                            qrcodegen_Ecc_MEDIUM, qrcodegen_VERSION_MIN, qrcodegen_VERSION_MAX,
                            qrcodegen_Mask_AUTO, true))
    return result;
  const int size = qrcodegen_getSize(memory->modules.data());
  result.size = size + 2 * quiet_zone;
  for (int y = 0; y < size; ++y)
    for (int x = 0; x < size;) {
      int end = x;
      while (end < size && qrcodegen_getModule(memory->modules.data(), end, y)) ++end;
      if (end > x) append_run(result.path, x + quiet_zone, y + quiet_zone, end - x);
      x = std::max(end, x + 1);
    }
  return result;
}

std::string box_of(int size) { return "0 0 " + std::to_string(size) + " " + std::to_string(size); }

}  // namespace

drawing sparkline(const short_link& l, instant now) {
  constexpr double width = 4, gap = 1, height = 24;
  std::uint32_t most = 1;
  for (std::size_t ago = 0; ago < daily_visits::days; ++ago) most = std::max(most, l.daily.on(now, ago));
  svg::numbers bars;
  for (std::size_t i = 0; i < daily_visits::days; ++i) {
    const double visits = l.daily.on(now, daily_visits::days - 1 - i);
    const double bar = std::max(1.0, visits / most * height);  // a day without visits has a base line
    bars.add('M')
        .add(static_cast<double>(i) * (width + gap))
        .add(height)
        .add('v')
        .add(-bar)
        .add('h')
        .add(width)
        .add('v')
        .add(bar)
        .add('z');
  }
  return svg::svg(_class = "sparkline",
                  svg::_view_box = svg::box(0, 0, daily_visits::days * (width + gap) - gap, height),
                  svg::_preserve_aspect_ratio = "none", _aria("hidden") = true,
                  svg::path(svg::_d = std::move(bars).text()));
}

drawing qr_code(std::string_view text, std::string label) {
  symbol made = encode(text);
  const int size = made.size;
  return svg::svg(_class = "qr", svg::_view_box = box_of(size), _role = "img",
                  _aria("label") = std::move(label),
                  svg::rect(_width = size, _height = size, svg::_fill = "#fff"),
                  svg::path(svg::_d = std::move(made.path).text(), svg::_fill = "#000"));
}

std::string qr_file(std::string_view text) {
  const symbol made = encode(text);
  if (made.size == 0) return {};
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"" + box_of(made.size) +
         "\"><rect width=\"100%\" height=\"100%\" fill=\"#fff\"/><path d=\"" + made.path.text() +
         "\"/></svg>\n";
}
