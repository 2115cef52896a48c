// Makes random documents and says what is in them, for random_trees_test.py to compare with what a parser of
// HTML reads: each line is a page and its contents, both in hexadecimal digits.
#include <cstdio>
#include <cstdlib>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aster/html.hpp"

using namespace aster::html;

namespace {

struct node {
  std::string name;  // empty for a text
  std::string text;
  std::string id, title, data;
  std::vector<node> children;
};

class tree_maker {
 public:
  explicit tree_maker(unsigned seed) : random_(seed) {}
  std::size_t below(std::size_t n) { return random_() % n; }

  std::string words() {
    static constexpr std::string_view hostile[] = {"<",
                                                   ">",
                                                   "&",
                                                   "\"",
                                                   "'",
                                                   "</p>",
                                                   "<!--",
                                                   "-->",
                                                   "<script>",
                                                   "</script>",
                                                   "&amp;",
                                                   "&#60;",
                                                   "\n",
                                                   "\r",
                                                   "javascript:",
                                                   "]]>",
                                                   "ü",
                                                   "漢",
                                                   "\x01",
                                                   "=",
                                                   "/",
                                                   "plain words of a text",
                                                   " ",
                                                   "&lt",
                                                   "<a href=",
                                                   "{{x}}",
                                                   "\\",
                                                   "%3c",
                                                   "\xEF\xBB\xBF",
                                                   "0",
                                                   "${1}",
                                                   "`"};
    std::string made;
    for (std::size_t n = below(6); n > 0; --n) made += hostile[below(std::size(hostile))];
    return made;
  }

  node flow(int depth) {
    static constexpr std::string_view names[] = {"div",   "section", "blockquote", "ul",
                                                 "table", "dl",      "details",    "p",
                                                 "pre",   "h2",      "textarea",   "script"};
    node made = element(std::string(names[depth > 4 ? 7 + below(5) : below(std::size(names))]));
    if (made.name == "script" || made.name == "textarea") {
      made.text = words();
      if (made.name == "script") std::erase(made.text, '\x01');  // JSON has none
      return made;
    }
    if (made.name == "details") made.children.push_back(with_phrasing(element("summary"), depth));
    if (made.name == "p" || made.name == "pre" || made.name == "h2")
      return with_phrasing(std::move(made), depth);
    for (std::size_t n = below(5); n > 0; --n) {
      if (made.name == "ul") {
        made.children.push_back(with_one(element("li"), flow(depth + 1)));
      } else if (made.name == "table") {
        made.children.push_back(
            with_one(element("tbody"), with_one(element("tr"), with_one(element("td"), flow(depth + 1)))));
      } else if (made.name == "dl") {
        made.children.push_back(with_phrasing(element("dt"), depth));
        made.children.push_back(with_one(element("dd"), flow(depth + 1)));
      } else {
        made.children.push_back(below(3) ? flow(depth + 1) : phrasing(depth + 1));
      }
    }
    return made;
  }

 private:
  node element(std::string name) {
    node made;
    made.name = std::move(name);
    if (below(2)) made.id = words();
    if (below(3) == 0) made.title = words();
    if (below(3) == 0) made.data = words();
    return made;
  }
  static node with_one(node outer, node inner) {
    outer.children.push_back(std::move(inner));
    return outer;
  }
  node with_phrasing(node outer, int depth) {
    for (std::size_t n = below(5); n > 0; --n) outer.children.push_back(phrasing(depth + 1));
    return outer;
  }
  node phrasing(int depth) {
    static constexpr std::string_view names[] = {"em", "code", "br"};
    if (depth > 6 || below(2)) {
      node text;
      text.text = words();
      return text;
    }
    node made = element(std::string(names[below(std::size(names))]));
    if (made.name != "br")
      for (std::size_t n = below(4); n > 0; --n) made.children.push_back(phrasing(depth + 1));
    return made;
  }

  std::mt19937 random_;
};

// Empty attributes are left out, so that each of the three is there or not.
std::optional<std::string_view> some(const std::string& value) {
  return value.empty() ? std::nullopt : std::optional<std::string_view>{value};
}
template <class Make, class Inner>
auto with_attributes(Make make, const node& n, Inner inner) {
  return make(_id = some(n.id), _title = some(n.title), when(!n.data.empty(), _data("x") = n.data),
              std::move(inner));
}

any_phrasing phrasing_of(const node& n) {
  if (n.name.empty()) return text_part{n.text};
  if (n.name == "em") {
    return with_attributes([](auto&&... parts) { return em(std::forward<decltype(parts)>(parts)...); }, n,
                           each(n.children, phrasing_of));
  }
  if (n.name == "code") {
    return with_attributes([](auto&&... parts) { return code(std::forward<decltype(parts)>(parts)...); }, n,
                           each(n.children, phrasing_of));
  }
  return br(_id = some(n.id), _title = some(n.title), when(!n.data.empty(), _data("x") = n.data));
}

any_flow flow_of(const node& n);

// These stand in a parent of their own.
auto li_of(const node& n) {
  return with_attributes([](auto&&... parts) { return li(std::forward<decltype(parts)>(parts)...); }, n,
                         each(n.children, flow_of));
}
auto td_of(const node& n) {
  return with_attributes([](auto&&... parts) { return td(std::forward<decltype(parts)>(parts)...); }, n,
                         each(n.children, flow_of));
}
auto tr_of(const node& n) {
  return with_attributes([](auto&&... parts) { return tr(std::forward<decltype(parts)>(parts)...); }, n,
                         each(n.children, td_of));
}
auto tbody_of(const node& n) {
  return with_attributes([](auto&&... parts) { return tbody(std::forward<decltype(parts)>(parts)...); }, n,
                         each(n.children, tr_of));
}
auto dt_of(const node& n) {
  return with_attributes([](auto&&... parts) { return dt(std::forward<decltype(parts)>(parts)...); }, n,
                         each(n.children, phrasing_of));
}
auto dd_of(const node& n) {
  return with_attributes([](auto&&... parts) { return dd(std::forward<decltype(parts)>(parts)...); }, n,
                         each(n.children, flow_of));
}
auto summary_of(const node& n) {
  return with_attributes([](auto&&... parts) { return summary(std::forward<decltype(parts)>(parts)...); }, n,
                         each(n.children, phrasing_of));
}

any_flow flow_of(const node& n) {
  if (n.name == "div") {
    return with_attributes([](auto&&... parts) { return div(std::forward<decltype(parts)>(parts)...); }, n,
                           each(n.children, flow_of));
  }
  if (n.name == "section") {
    return with_attributes([](auto&&... parts) { return section(std::forward<decltype(parts)>(parts)...); },
                           n, each(n.children, flow_of));
  }
  if (n.name == "blockquote") {
    return with_attributes(
        [](auto&&... parts) { return blockquote(std::forward<decltype(parts)>(parts)...); }, n,
        each(n.children, flow_of));
  }
  if (n.name == "p") {
    return with_attributes([](auto&&... parts) { return p(std::forward<decltype(parts)>(parts)...); }, n,
                           each(n.children, phrasing_of));
  }
  if (n.name == "pre") {
    return with_attributes([](auto&&... parts) { return pre(std::forward<decltype(parts)>(parts)...); }, n,
                           each(n.children, phrasing_of));
  }
  if (n.name == "h2") {
    return with_attributes([](auto&&... parts) { return h2(std::forward<decltype(parts)>(parts)...); }, n,
                           each(n.children, phrasing_of));
  }
  if (n.name == "ul") {
    return with_attributes([](auto&&... parts) { return ul(std::forward<decltype(parts)>(parts)...); }, n,
                           each(n.children, li_of));
  }
  if (n.name == "table") {
    return with_attributes([](auto&&... parts) { return table(std::forward<decltype(parts)>(parts)...); }, n,
                           each(n.children, tbody_of));
  }
  if (n.name == "textarea") {
    return with_attributes([](auto&&... parts) { return textarea(std::forward<decltype(parts)>(parts)...); },
                           n, view(n.text));
  }
  if (n.name == "script") {
    return with_attributes([](auto&&... parts) { return script(std::forward<decltype(parts)>(parts)...); }, n,
                           json(n.text));
  }
  if (n.name == "dl") {
    return with_attributes([](auto&&... parts) { return dl(std::forward<decltype(parts)>(parts)...); }, n,
                           each(n.children, [](const node& group) {
                             return fragment(when(group.name == "dt", [&] { return dt_of(group); }),
                                             when(group.name == "dd", [&] { return dd_of(group); }));
                           }));
  }
  if (n.name == "details") {
    const std::span<const node> rest = std::span(n.children).subspan(1);
    return details(_id = some(n.id), _title = some(n.title), when(!n.data.empty(), _data("x") = n.data),
                   summary_of(n.children[0]), each(rest, flow_of));
  }
  return phrasing_of(n);
}

/// The contents: a line for each tag, attribute and text. A control character is what it is written as.
void tell(const node& n, std::string& to) {
  const auto quote = [&](char kind, std::string_view name, std::string_view text) {
    if (text.empty()) return;
    to += kind;
    to += name;
    to += ' ';
    for (char c : text)
      c == '\x01' ? to += "\xEF\xBF\xBD" : c == '\n' ? to += "\\n" : c == '\r' ? to += "\\r" : to += c;
    to += '\n';
  };
  if (n.name.empty()) return quote('=', "", n.text);
  to += "<" + n.name + "\n";
  quote('@', "id", n.id);
  quote('@', "title", n.title);
  quote('@', "data-x", n.data);
  if (n.name == "script") {
    std::string json;
    for (char c : n.text) c == '<' ? json += "\\u003c" : json += c;
    quote('=', "", json);
  } else {
    quote('=', "", n.text);
  }
  for (const node& child : n.children) tell(child, to);
  to += ">" + n.name + "\n";
}

void print_hex(std::string_view bytes) {
  for (unsigned char c : bytes) std::printf("%02x", c);
}

}  // namespace

int main(int count, char** words) {
  const unsigned seeds = count > 1 ? static_cast<unsigned>(std::atoi(words[1])) : 200;
  for (unsigned seed = 1; seed <= seeds; ++seed) {
    tree_maker maker{seed};
    const node tree = maker.flow(0);
    const auto document = [&] {
      return html5(_lang = "en", head(title("t"), meta(_charset = "utf-8")), body(flow_of(tree)));
    };
    // Both ways of writing, which must agree.
    std::string page;
    render(document(), [&](std::string_view part) { page += part; });
    if (page != to_string(document())) return 1;
    std::string contents;
    tell(tree, contents);
    print_hex(page);
    std::printf(" ");
    print_hex(contents);
    std::printf("\n");
  }
}
