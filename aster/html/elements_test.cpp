// What elements, attributes and text become.
#include <doctest/doctest.h>

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "aster/html.hpp"

using namespace aster::html;

TEST_CASE("elements stand in each other, and text between them is escaped") {
  const std::string owner = "A <b> & \"c\"";
  CHECK(to_string(h1("Links of ", owner)) == R"(<h1>Links of A &lt;b&gt; &amp; "c"</h1>)");
  CHECK(to_string(ul(li("one"), li(em("two"), 3))) == "<ul><li>one</li><li><em>two</em>3</li></ul>");
  CHECK(to_string(br()) == "<br>");
  CHECK(to_string(p()) == "<p></p>");
}

TEST_CASE("a document begins with its type") {
  CHECK(to_string(html5(_lang = "en", head(title("Links"), meta(_charset = "utf-8")), body(p("x")))) ==
        "<!DOCTYPE html>\n<html lang=\"en\"><head><title>Links</title><meta charset=\"utf-8\"></head>"
        "<body><p>x</p></body></html>");
}

TEST_CASE("attributes are quoted and escaped") {
  const std::string value = "a\"b'c<d>&e";
  CHECK(to_string(p(_title = value, _class = "x y", "z")) ==
        R"(<p title="a&quot;b'c&lt;d&gt;&amp;e" class="x y">z</p>)");
  CHECK(to_string(td(_colspan = 2, _data("count") = 3, _aria("hidden") = true)) ==
        R"(<td colspan="2" data-count="3" aria-hidden="true"></td>)");
}

TEST_CASE("boolean attributes are there or not") {
  for (bool on : {false, true}) {
    CHECK(to_string(input(_type = "checkbox", _required, _checked = on)) ==
          (on ? "<input type=\"checkbox\" required checked>" : "<input type=\"checkbox\" required>"));
  }
}

TEST_CASE("optional attributes and texts are left out when they are empty") {
  std::optional<std::string> some = "a";
  std::optional<std::string> none;
  CHECK(to_string(p(_id = some, _title = none, some, none)) == "<p id=\"a\">a</p>");
  CHECK(to_string(p(_lang = std::optional<std::string>{"de"})) == "<p lang=\"de\"></p>");
}

TEST_CASE("numbers are written whole, or with the digits asked for") {
  CHECK(to_string(p(-5, " ", 18446744073709551615u, " ", INT64_MIN, " ", 'c')) ==
        "<p>-5 18446744073709551615 -9223372036854775808 c</p>");
  CHECK(to_string(p(fixed<2>(3.456), " ", fixed<0>(-2.5), " ", fixed<3>(0.0004), " ", fixed<1>(-0.25))) ==
        "<p>3.46 -3 0.000 -0.3</p>");
  CHECK(to_string(meter(_value = 0.5, _max = 1.25, _min = -0.125)) ==
        R"(<meter value="0.5" max="1.25" min="-0.125"></meter>)");
}

TEST_CASE("strings are owned by the tree") {
  const auto made = [] {
    std::string words(40, 'y');
    const std::string constant(40, 'c');
    char letters[] = "zzz";
    return p(_title = std::string(40, 't'), _lang = constant, std::string(40, 'x'), words, letters);
  }();
  CHECK(to_string(made) == "<p title=\"" + std::string(40, 't') + "\" lang=\"" + std::string(40, 'c') +
                               "\">" + std::string(40, 'x') + std::string(40, 'y') + "zzz" + "</p>");
}

TEST_CASE("views are looked at when the tree is rendered") {
  std::string changing = "before";
  const std::string_view looked_at = changing;
  const auto made = p(_title = looked_at, view(changing), " ", changing);
  changing = "after!";
  CHECK(to_string(made) == "<p title=\"after!\">after! before</p>");
}

TEST_CASE("an attribute depends on a condition") {
  for (bool on : {false, true}) {
    CHECK(to_string(li(when(on, _class = "on"), "x")) == (on ? "<li class=\"on\">x</li>" : "<li>x</li>"));
    CHECK(to_string(a(when(on, _href = "/a", _href = std::string("/b")), "x")) ==
          (on ? "<a href=\"/a\">x</a>" : "<a href=\"/b\">x</a>"));
  }
}

TEST_CASE("a span may be gone when the tree is rendered, what it looks at may not") {
  static const std::vector<int> numbers{1, 2, 3};
  const auto made = [] {
    const std::span<const int> some = std::span(numbers).first(2);
    return ul(each(some, [](int n) { return li(n); }));
  }();
  CHECK(to_string(made) == "<ul><li>1</li><li>2</li></ul>");
}

TEST_CASE("a loop counts when asked to, and its range may be made on the spot") {
  const std::vector<std::string> words{"a", "b"};
  CHECK(to_string(ol(each(words, [](const std::string& word, std::size_t n) {
          return li(_value = n + 1, word);
        }))) == "<ol><li value=\"1\">a</li><li value=\"2\">b</li></ol>");
  // An item taken by value is gone when the tree is rendered; what it holds was copied.
  CHECK(to_string(div(each(words, [](std::string word) { return p(word, "!"); }))) ==
        "<div><p>a!</p><p>b!</p></div>");
  CHECK(to_string(p(each(words, [](const std::string& word) { return word; }))) == "<p>ab</p>");
}

TEST_CASE("a fragment, a range and a condition put trees together") {
  const std::vector<int> numbers{1, 2, 3};
  CHECK(to_string(ul(each(numbers, [](int n) { return li(n); }))) ==
        "<ul><li>1</li><li>2</li><li>3</li></ul>");
  CHECK(to_string(ul(each(std::vector<int>{4}, [](int n) { return li(n); }))) == "<ul><li>4</li></ul>");
  CHECK(to_string(div(fragment(p("a"), "b"), when(true, b("c"), i("d")), when(false, "e"))) ==
        "<div><p>a</p>b<b>c</b></div>");
  const std::optional<std::string> user = "me";
  const int* nobody = nullptr;
  CHECK(to_string(p(when(user, [](const std::string& name) { return strong(name); }),
                    when(
                        nobody, [](int) { return "?"; }, [] { return "nobody"; }))) ==
        "<p><strong>me</strong>nobody</p>");
}

namespace {
struct comment {
  std::string text;
  std::vector<comment> answers;
};
any_flow thread(const comment& c) { return article(p(c.text), each(c.answers, thread)); }
}  // namespace

TEST_CASE("a component may call itself when its type is forgotten") {
  const comment root{"a", {{"b", {{"c", {}}}}, {"d", {}}}};
  CHECK(to_string(thread(root)) ==
        "<article><p>a</p><article><p>b</p><article><p>c</p></article></article>"
        "<article><p>d</p></article></article>");
}

TEST_CASE("addresses that run code lead nowhere") {
  const std::string bad = " java\nscript:alert(1)";
  CHECK(to_string(a(_href = bad, "x")) == "<a href=\"about:invalid\">x</a>");
  CHECK(to_string(a(_href = std::string("/a?b=1&c=2"), "x")) == "<a href=\"/a?b=1&amp;c=2\">x</a>");
  CHECK(to_string(a(_href = trusted::url("web+note:1"), "x")) == "<a href=\"web+note:1\">x</a>");
}

TEST_CASE("scripts and styles get the nonce, and cannot end early") {
  CHECK(to_string(fragment(script(_src = "/a.js", _defer), style(css("p{}"))), {.nonce = "n\"1"}) ==
        R"(<script nonce="n&quot;1" src="/a.js" defer></script><style nonce="n&quot;1">p{}</style>)");
  CHECK(to_string(script(js("1 < 2"))) == "<script>1 < 2</script>");
  CHECK(to_string(script(_type = "application/json", json("{\"a\":\"</script>\"}"))) ==
        R"(<script type="application/json">{"a":"\u003c/script>"}</script>)");
  CHECK(to_string(script(trusted::script("'</script>'"))) == "<script>'<\\/script>'</script>");
}

TEST_CASE("drawings") {
  struct point {
    double x, y;
  };
  const std::vector<point> line{{0, 1}, {-2.5, 3.25}, {10, 0.0004}};
  CHECK(to_string(svg::svg(svg::_view_box = svg::box(0, 0, 100, 20.5),
                           svg::polyline(svg::_points = svg::points(line), svg::_fill = "none"),
                           svg::path(svg::_d = svg::path_data().move_to(0, 0).line_to(9.5, -3).close()),
                           svg::rect(_width = 12.5, _height = 3, svg::_x = -1.25),
                           svg::text(svg::_x = 1, "<hi>"))) ==
        "<svg viewBox=\"0 0 100 20.5\"><polyline points=\"0 1-2.5 3.25 10 0\" fill=\"none\"/>"
        "<path d=\"M0 0L9.5-3Z\"/><rect width=\"12.5\" height=\"3\" x=\"-1.25\"/><text "
        "x=\"1\">&lt;hi&gt;</text></svg>");
}

namespace {
constexpr auto site_menu = folded<[] { return nav(a(_href = "/", "Home"), a(_href = "/q", "Q & A")); }>;
static_assert(site_menu.text == R"(<nav><a href="/">Home</a><a href="/q">Q &amp; A</a></nav>)");
}  // namespace

TEST_CASE("a drawing may be a file, and a constant") {
  static constexpr auto dot = folded<[] {
    return svg::file(svg::_view_box = svg::box(0, 0, 2.5, 2), svg::circle(svg::_r = 1, svg::_fill = "#fff"));
  }>;
  CHECK(dot.text ==
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 2.5 2\"><circle r=\"1\" "
        "fill=\"#fff\"/></svg>");
}

TEST_CASE("a folded tree joins the constant text around it") {
  const auto tree = body(site_menu, p("x"));
  CHECK(to_string(tree) ==
        R"(<body><nav><a href="/">Home</a><a href="/q">Q &amp; A</a></nav><p>x</p></body>)");
  using code = program<std::remove_const_t<decltype(tree)>>;
  static_assert(code::holes == 1);
  static_assert(code::constant_text ==
                R"(<body><nav><a href="/">Home</a><a href="/q">Q &amp; A</a></nav><p></p></body>)");
}

TEST_CASE("a page is handed on in blocks") {
  std::vector<std::string> parts;
  const std::string text(10'000, '&');
  render(p(text), [&](std::string_view part) { parts.emplace_back(part); });
  std::string all;
  for (const std::string& part : parts) {
    CHECK(part.size() <= 4096);
    all += part;
  }
  CHECK(parts.size() > 10);
  CHECK(all == to_string(p(text)));
}
