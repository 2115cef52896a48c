// What comes from outside stays what it was, wherever it stands: tables for each context.
#include <doctest/doctest.h>

#include <random>
#include <string>
#include <string_view>

#include "aster/html.hpp"

using namespace aster::html;

namespace {

struct pair {
  std::string_view given, written;
};

/// The text by itself, between plain texts of each length up to two blocks, so that each of its characters
/// passes each place that the copying looks at in its own way.
template <class Write>
void check_everywhere(const pair& p, Write write) {
  for (std::size_t before = 0; before < 36; ++before) {
    for (std::size_t after : {0, 1, 2, 3, 5, 9, 16, 17}) {
      const std::string front(before, 'a');
      const std::string back(after, 'z');
      CHECK(write(front + std::string(p.given) + back) == front + std::string(p.written) + back);
    }
  }
}

std::string as_text(const std::string& characters) {
  const std::string all = to_string(p(characters));
  return all.substr(3, all.size() - 7);
}
std::string as_attribute(const std::string& characters) {
  const std::string all = to_string(br(_title = characters));
  return all.substr(11, all.size() - 13);
}

using namespace std::string_view_literals;

}  // namespace

TEST_CASE("between tags") {
  for (const pair& p : {pair{"<script>", "&lt;script&gt;"},
                        {"&amp;", "&amp;amp;"},
                        {"]]>", "]]&gt;"},
                        {"\"'", "\"'"},
                        {"<!--", "&lt;!--"},
                        {"\0"sv, "\xEF\xBF\xBD"},
                        {"\x1b[31m", "\xEF\xBF\xBD[31m"},
                        {"\x7f", "\xEF\xBF\xBD"},
                        {"\t\n\f", "\t\n\f"},
                        {"\r\n", "\r\n"},
                        {"grüß 漢 😀", "grüß 漢 😀"},
                        {"\xff\xc3", "\xff\xc3"},
                        {"", ""}})
    check_everywhere(p, as_text);
}

TEST_CASE("between the quotes of an attribute") {
  for (const pair& p : {pair{"\" onclick=\"alert(1)", "&quot; onclick=&quot;alert(1)"},
                        {"'", "'"},
                        {"<b>", "&lt;b&gt;"},
                        {"&quot;", "&amp;quot;"},
                        {"\0\""sv, "\xEF\xBF\xBD&quot;"},
                        {"a\r\nb\t", "a\r\nb\t"},
                        {"", ""}})
    check_everywhere(p, as_attribute);
}

TEST_CASE("addresses") {
  for (std::string_view good : {"/",
                                "",
                                "a",
                                "?q=javascript:1",
                                "#javascript:x",
                                "./a:b",
                                "/a:b",
                                "//host/x",
                                "http://a/b",
                                "HTTPS://a",
                                "mailto:a@b",
                                "tel:+1",
                                "blob:x",
                                "data:image/png;base64,AAAA",
                                "a b",
                                "1:2",
                                "data:image/svg+xml,x",
                                ":x",
                                "http\n://a",
                                "a23456789012345678901234567890123456789012345678901234567890/b:c"})
    CHECK_MESSAGE(is_safe_url(good), good);
  for (std::string_view bad :
       {"javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:1", "\tjavascript:1", "java\nscript:1",
        "java\tscript:1", "javascript\r:1", "\x01javascript:1", "vbscript:x", "data:text/html,<script>",
        "data:,x", "data:image/pngx,", "data:image/png", "file:///etc/passwd", "view-source:x", "intent:x",
        "x-a+b.c:d", "a234567890123456789012345678901234567890:x", "javascript:javascript:x"})
    CHECK_MESSAGE(!is_safe_url(bad), bad);
  CHECK(to_string(form(_action = std::string("javascript:1"))) == "<form action=\"about:invalid\"></form>");
  CHECK(to_string(img(_src = std::string("/\"><b>"), _alt = "")) ==
        "<img src=\"/&quot;&gt;&lt;b&gt;\" alt=\"\">");
}

namespace {
struct route {
  std::string path;
  const std::string& text() const& { return path; }
  std::string text() && { return std::move(path); }
};
struct asset {
  std::string_view url() const { return "/style.1234.css"; }
};
struct note {
  int number;
};
std::string to_url(const note& n) { return "/notes/" + std::to_string(n.number); }
}  // namespace

TEST_CASE("addresses of routes, assets, and of what says where it lives") {
  const route here{"/here?a&b"};
  CHECK(to_string(a(_href = here)) == "<a href=\"/here?a&amp;b\"></a>");
  const auto kept = a(_href = route{std::string(50, 'x')});
  CHECK(to_string(kept) == "<a href=\"" + std::string(50, 'x') + "\"></a>");
  CHECK(to_string(link(_rel = "stylesheet", _href = asset{})) ==
        "<link rel=\"stylesheet\" href=\"/style.1234.css\">");
  CHECK(to_string(a(_href = note{7})) == "<a href=\"/notes/7\"></a>");
  CHECK(to_string(a(_href = url("/a"))) == "<a href=\"/a\"></a>");
  CHECK(url(std::string("javascript:x")).text() == "about:invalid");
  const auto home_of = [](const url& address) { return std::string(address.text()); };
  CHECK(home_of("/literal") == "/literal");
  CHECK(home_of(route{"/route"}) == "/route");
  CHECK(home_of(asset{}) == "/style.1234.css");
  CHECK(home_of(note{7}) == "/notes/7");
  CHECK(to_string(a(_href = std::optional<std::string>{})) == "<a></a>");
}

TEST_CASE("scripts and data for them") {
  CHECK(to_string(script(_type = "application/json", json("{\"<\":\"<!--<script>\"}"))) ==
        "<script type=\"application/json\">{\"\\u003c\":\"\\u003c!--\\u003cscript>\"}</script>");
  CHECK(to_string(script(trusted::script("a</script><!--"))) == "<script>a<\\/script><\\!--</script>");
  CHECK(to_string(style(trusted::style("a{}</style>"))) == "<style>a{}<\\/style></style>");
  CHECK(to_string(script(js("1")), {.nonce = "\"><script>"}) ==
        "<script nonce=\"&quot;&gt;&lt;script&gt;\">1</script>");
}

TEST_CASE("what is trusted is written as it is") {
  CHECK(to_string(div(trusted::markup("<b>x</b>"))) == "<div><b>x</b></div>");
  CHECK(to_string(p(trusted::inline_markup(std::string("<b>x</b>")))) == "<p><b>x</b></p>");
}

TEST_CASE("random bytes: what is written has no tag and no quote, and means what was given") {
  std::mt19937 random{7};
  const std::string_view alphabet = "<>&\"'ab \n\r;#x\0\x1f"sv;
  for (int round = 0; round < 20'000; ++round) {
    std::string given;
    for (std::size_t n = random() % 70; n > 0; --n)
      given += random() % 3 ? alphabet[random() % alphabet.size()] : static_cast<char>(random());
    for (const std::string& written : {as_text(given), as_attribute(given)}) {
      REQUIRE(written.find_first_of("<>") == written.npos);
      std::string read;
      for (std::size_t at = 0; at < written.size();) {
        const std::string_view rest = std::string_view{written}.substr(at);
        std::size_t size = 1;
        char c = rest[0];
        for (auto [reference, character] :
             {std::pair{"&amp;"sv, '&'}, {"&lt;"sv, '<'}, {"&gt;"sv, '>'}, {"&quot;"sv, '"'}})
          if (rest.starts_with(reference)) size = reference.size(), c = character;
        REQUIRE((c != '&' || size == 5));
        read += c;
        at += size;
      }
      std::string expected;
      for (char c : given)
        if ((static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\f' && c != '\r') ||
            c == 0x7f)
          expected += "\xEF\xBF\xBD";
        else
          expected += c;
      REQUIRE(read == expected);
    }
    REQUIRE(as_attribute(given).find('"') == std::string::npos);
  }
}

TEST_CASE("a constant made by the compiler is what the program writes") {
  static constexpr auto make = [] {
    return p(_title = "a\"<&>\r\x01", "b\"<&>\r\x01, quite a lot of it, more than one block", -5, 7u,
             fixed<2>(-0.5), _data("x").operator=("y").kind == part_kind::attribute ? "yes" : "no");
  };
  CHECK(folded_text<make> == to_string(make()));
}
