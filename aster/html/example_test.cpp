// The examples of docs/html.md, so that they compile and do what the page says.
#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aster/html.hpp"

using namespace aster::html;

namespace {

struct entry {
  std::string address;
  std::string title;
  bool is_new = false;
};

// A component is a function that returns a node. What is put into it is escaped.
auto entry_line(const entry& e) {
  return li(when(e.is_new, _class = "new"), a(_href = e.address, _rel = "noopener", e.title));
}

// What never changes is a constant of the program.
constexpr auto site_menu = folded<[] { return nav(a(_href = "/", "Home"), a(_href = "/about", "About")); }>;

// What all pages have around their own: parts are passed on.
template <class... Parts>
auto layout(std::string_view heading, Parts&&... parts) {
  return html5(_lang = "en",
               head(title(heading), meta(_charset = "utf-8"), link(_rel = "stylesheet", _href = "/style.css"),
                    script(_src = "/app.js", _defer)),
               body(site_menu, main(h1(heading), std::forward<Parts>(parts)...)));
}

auto links_page(const std::vector<entry>& entries, const std::optional<std::string>& user) {
  return layout("Links", when(user, [](const std::string& name) { return p("Hello ", name, "!"); }),
                when(
                    entries.empty(), [] { return p("Nothing here yet."); },
                    [&] { return ul(_class = "links", each(entries, entry_line)); }),
                p(_data("count") = entries.size(), entries.size(), " links"));
}

// A chart: numbers are written with at most three digits behind the point.
auto sparkline(std::span<const double> values) {
  const double width = 4 * static_cast<double>(values.size());
  svg::path_data line;
  for (double x = 0; const double value : values) {
    if (x == 0)
      line.move_to(x, 20 - value);
    else
      line.line_to(x, 20 - value);
    x += 4;
  }
  return svg::svg(_class = "sparkline", svg::_view_box = svg::box(0, 0, width, 20), _role = "img",
                  _aria("label") = "Visits of the last days",
                  svg::path(svg::_d = line, svg::_fill = "none", svg::_stroke = "currentColor"));
}

// A component that calls itself has to say what it returns.
struct comment {
  std::string text;
  std::vector<comment> answers;
};
any_flow thread(const comment& c) { return article(p(c.text), each(c.answers, thread)); }

}  // namespace

TEST_CASE("a page") {
  const std::vector<entry> entries{{"/a?b&c", "A <b>", true}, {"javascript:alert(1)", "C"}};
  CHECK(to_string(links_page(entries, "me & you"), {.nonce = "4711"}) ==
        "<!DOCTYPE html>\n<html lang=\"en\"><head><title>Links</title><meta charset=\"utf-8\">"
        "<link rel=\"stylesheet\" href=\"/style.css\"><script nonce=\"4711\" src=\"/app.js\" "
        "defer></script></head>"
        "<body><nav><a href=\"/\">Home</a><a href=\"/about\">About</a></nav><main><h1>Links</h1>"
        "<p>Hello me &amp; you!</p><ul class=\"links\"><li class=\"new\"><a href=\"/a?b&amp;c\" "
        "rel=\"noopener\">"
        "A &lt;b&gt;</a></li><li><a href=\"about:invalid\" rel=\"noopener\">C</a></li></ul>"
        "<p data-count=\"2\">2 links</p></main></body></html>");
  CHECK(to_string(links_page({}, std::nullopt)).contains("<main><h1>Links</h1><p>Nothing here yet.</p>"));
}

TEST_CASE("the same page, in blocks of 4 KiB as it is made") {
  const std::vector<entry> entries(1000, {"/a", "A", false});
  std::string sent;
  std::size_t largest = 0;
  render(links_page(entries, std::nullopt), [&](std::string_view block) {
    sent += block;
    largest = std::max(largest, block.size());
  });
  CHECK(sent == to_string(links_page(entries, std::nullopt)));
  CHECK(largest <= 4096);
}

TEST_CASE("a chart") {
  CHECK(to_string(sparkline(std::vector<double>{1, 2.5, 4})) ==
        "<svg class=\"sparkline\" viewBox=\"0 0 12 20\" role=\"img\" aria-label=\"Visits of the last days\">"
        "<path d=\"M0 19L4 17.5L8 16\" fill=\"none\" stroke=\"currentColor\"/></svg>");
}

TEST_CASE("a conversation") {
  CHECK(to_string(thread({"a", {{"b", {}}}})) == "<article><p>a</p><article><p>b</p></article></article>");
}

TEST_CASE("a constant") {
  static_assert(site_menu.text == R"(<nav><a href="/">Home</a><a href="/about">About</a></nav>)");
  CHECK(to_string(site_menu) == site_menu.text);
}
