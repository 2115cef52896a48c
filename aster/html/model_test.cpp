// The tables of names, of attributes and of who may stand where, looked at as a whole.
#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>

#include "aster/html.hpp"

using namespace aster::html;

namespace {

/// How an enumerator is spelled, out of the compiler's name for this function.
template <auto Value>
std::string_view spelling() {
  const std::string_view all = __PRETTY_FUNCTION__;
  const std::size_t from = all.rfind("::") + 2;
  return all.substr(from, all.size() - from - 1);
}

/// A name as it would be spelled in C++: `viewBox` and `stroke-width` as view_box and stroke_width.
std::string as_identifier(std::string_view name) {
  std::string made;
  for (char c : name) {
    if (c >= 'A' && c <= 'Z')
      (made += '_') += static_cast<char>(c - 'A' + 'a');
    else
      made += c == '-' ? '_' : c;
  }
  return made;
}

template <class Enum, std::size_t... Number>
void check_names(std::index_sequence<Number...>) {
  const auto check = [](std::string_view spelled, std::string_view name) {
    if (spelled.starts_with("svg_")) spelled.remove_prefix(4);
    if (spelled.ends_with("_")) spelled.remove_suffix(1);
    std::string expected = as_identifier(name);
    if (expected.ends_with("_")) expected.pop_back();
    CHECK(std::string(spelled) == expected);
  };
  (check(spelling<static_cast<Enum>(Number)>(), name_of(static_cast<Enum>(Number))), ...);
}

constexpr tag_set elements = tag_set::range(tag::html, tag::marker);
constexpr auto each_tag = [](auto function) {
  for (unsigned n = 0; n <= static_cast<unsigned>(tag::marker); ++n) function(static_cast<tag>(n));
};

}  // namespace

TEST_CASE("each name stands where its enumerator does") {
  check_names<tag>(std::make_index_sequence<static_cast<std::size_t>(tag::marker) + 1>{});
  check_names<at>(std::make_index_sequence<static_cast<std::size_t>(at::end)>{});
}

TEST_CASE("each element may stand somewhere, and only void ones hold nothing") {
  tag_set placed{tag::html};
  each_tag([&](tag t) {
    const content_rule rule = content_of(t);
    if (!rule.transparent && t != tag::template_) placed = placed | rule.allowed;
    if (t != tag::iframe) CHECK(is_void(t) == rule.allowed.empty());
    CHECK(rule.why != reason::none);
    if (!rule.never.empty()) CHECK(rule.why_never != reason::none);
  });
  placed = placed | tag_set{tag::source, tag::track};  // of <video>, which is transparent
  CHECK(static_cast<unsigned>((elements - placed).first()) == static_cast<unsigned>(tag::end));
}

TEST_CASE("each attribute belongs to an element, and what an element needs it also takes") {
  for (unsigned n = 0; n < static_cast<unsigned>(at::end); ++n) {
    INFO(name_of(static_cast<at>(n)));
    CHECK(!elements_with(static_cast<at>(n)).empty());
  }
  each_tag([](tag t) {
    const required_attributes needed = required_of(t);
    if (needed.first != at::end) CHECK(elements_with(needed.first).has(t));
    if (needed.second != at::end) CHECK(elements_with(needed.second).has(t));
  });
}

TEST_CASE("phrasing content is flow content, and sets count") {
  CHECK((content::phrasing - content::flow).empty());
  CHECK((tag_set{tag::a, tag::svg, tag::li} & tag_set{tag::li, tag::svg}) == tag_set{tag::svg, tag::li});
  CHECK((tag_set{tag::svg, tag::li}).first() == tag::li);
  CHECK(tag_set{}.first() == tag::end);
}

TEST_CASE("keywords are whole words, one by one") {
  CHECK(are_keywords(at::rel, "noopener external"));
  CHECK(are_keywords(at::dir, "auto"));
  CHECK(are_keywords(at::type, "text/css"));
  for (std::string_view wrong :
       {"", " ", "noop", "noopener  external", "noopener ", " noopener", "noopener,external"})
    CHECK(!are_keywords(at::rel, wrong));
  CHECK(!are_keywords(at::type, "text/css x"));
}

TEST_CASE("what stands in a document of every kind of element is what was put there") {
  const auto tree = html5(
      _lang = "en",
      head(title("t"), base(_href = "/"), meta(_name = "viewport", _content = "width=device-width"),
           noscript(link(_rel = "stylesheet", _href = "/n.css"))),
      body(header(h1("a"), nav(menu(li(a(_href = "#m", "b"))))),
           main(article(hgroup(h2("c"), p("d")), blockquote(_cite = "/q", pre(code("e")))),
                section(dl(div(dt("f"), dd("g"))), ol(_reversed, _start = 3, li(_value = 3, "h"))),
                figure(picture(source(_srcset = "/a.webp", _type = "image/webp"),
                               img(_src = "/a.png", _alt = "i")),
                       figcaption("j")),
                table(caption("k"), colgroup(col(_span = 2)), thead(tr(th(_scope = "col", "l"))),
                      tbody(tr(td("m"))), tfoot(tr(td("n")))),
                form(_method = "post", _action = "/f",
                     fieldset(legend("o"), label(_for = "p", "p"), input(_id = "p", _name = "p"),
                              select(optgroup(_label = "q", option(_value = "r", _selected, "r"))),
                              textarea("s"), button(_type = "submit", "t")),
                     meter(_value = 0.5), progress(_max = 2, _value = 1), output("u")),
                details(_open, summary(h3("v")), "w"), search("x"), dialog("y"), address("z")),
           aside(ruby("漢", rp("("), rt("kan"), rp(")")), del("1"), ins(p("2")), q("3"),
                 data(_value = 4, "four"), time(_datetime = "2026-11-24", "5"),
                 map(_name = "m", area(_href = "/", _alt = "6")),
                 video(_controls, source(_src = "/v.mp4"), track(_src = "/v.vtt", _kind = "captions"), "7"),
                 iframe(_src = "/i", _title = "8", _sandbox = ""), hr(), br(), wbr(), template_(li("9"))),
           footer(small("10"))));
  CHECK(
      to_string(tree) ==
      "<!DOCTYPE html>\n<html lang=\"en\"><head><title>t</title><base href=\"/\"><meta name=\"viewport\" "
      "content=\"width=device-width\"><noscript><link rel=\"stylesheet\" "
      "href=\"/n.css\"></noscript></head><body>"
      "<header><h1>a</h1><nav><menu><li><a "
      "href=\"#m\">b</a></li></menu></nav></header><main><article><hgroup>"
      "<h2>c</h2><p>d</p></hgroup><blockquote "
      "cite=\"/q\"><pre>\n<code>e</code></pre></blockquote></article><section>"
      "<dl><div><dt>f</dt><dd>g</dd></div></dl><ol reversed start=\"3\"><li value=\"3\">h</li></ol></section>"
      "<figure><picture><source srcset=\"/a.webp\" type=\"image/webp\"><img src=\"/a.png\" "
      "alt=\"i\"></picture>"
      "<figcaption>j</figcaption></figure><table><caption>k</caption><colgroup><col "
      "span=\"2\"></colgroup><thead>"
      "<tr><th "
      "scope=\"col\">l</th></tr></thead><tbody><tr><td>m</td></tr></tbody><tfoot><tr><td>n</td></tr></tfoot>"
      "</table><form method=\"post\" action=\"/f\"><fieldset><legend>o</legend><label for=\"p\">p</label>"
      "<input id=\"p\" name=\"p\"><select><optgroup label=\"q\"><option value=\"r\" "
      "selected>r</option></optgroup>"
      "</select><textarea>\ns</textarea><button type=\"submit\">t</button></fieldset><meter "
      "value=\"0.5\"></meter>"
      "<progress max=\"2\" value=\"1\"></progress><output>u</output></form><details open><summary><h3>v</h3>"
      "</summary>w</details><search>x</search><dialog>y</dialog><address>z</address></"
      "main><aside><ruby>漢<rp>(</rp>"
      "<rt>kan</rt><rp>)</rp></ruby><del>1</del><ins><p>2</p></ins><q>3</q><data value=\"4\">four</data>"
      "<time datetime=\"2026-11-24\">5</time><map name=\"m\"><area href=\"/\" alt=\"6\"></map><video "
      "controls>"
      "<source src=\"/v.mp4\"><track src=\"/v.vtt\" kind=\"captions\">7</video><iframe src=\"/i\" "
      "title=\"8\" "
      "sandbox=\"\"></iframe><hr><br><wbr><template><li>9</li></template></aside><footer><small>10</small></"
      "footer>"
      "</body></html>");
}
