// What a page costs: 50 elements with a table, as a tree and by std::format_to of the same bytes. Prints
// nanoseconds a page, the best of several rounds, since everything else is the machine's doing, and the
// ratio. std::format does not escape; here it need not, and is not asked to.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <format>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "aster/html.hpp"

using namespace aster::html;

namespace {

struct entry {
  std::string address, title, owner;
  int visits;
};

std::vector<entry> entries() {
  std::vector<entry> made;
  for (int n = 0; n < 8; ++n)
    made.push_back({"https://example.org/articles/" + std::to_string(n),
                    "An article about the number " + std::to_string(n), n % 2 ? "somebody" : "another person",
                    n * n * 1001});
  return made;
}

constexpr auto site_menu =
    folded<[] { return nav(ul(li(a(_href = "/", "Home")), li(a(_href = "/about", "About")))); }>;

// `Text` is what is put into the tree of each string: the string itself, which is copied, or a view.
template <class Text>
auto page_of(const std::string& owner, const std::vector<entry>& links) {
  return html5(_lang = "en",
               head(title("Links of ", Text(owner)), meta(_charset = "utf-8"),
                    link(_rel = "stylesheet", _href = "/style.css")),
               body(site_menu, h1("Links of ", Text(owner)),
                    table(thead(tr(th("Title"), th("Owner"), th("Visits"))),
                          tbody(each(links,
                                     [](const entry& e) {
                                       return tr(
                                           td(a(_href = Text(e.address), _class = "link", Text(e.title))),
                                           td(Text(e.owner)), td(e.visits));
                                     }))),
                    p(_class = "foot", links.size(), " links.")));
}

void format_page(std::string& to, const std::string& owner, const std::vector<entry>& links) {
  std::format_to(
      std::back_inserter(to),
      "<!DOCTYPE html>\n<html lang=\"en\"><head><title>Links of {}</title><meta charset=\"utf-8\">"
      "<link rel=\"stylesheet\" href=\"/style.css\"></head><body><nav><ul><li><a href=\"/\">Home</a></li>"
      "<li><a href=\"/about\">About</a></li></ul></nav><h1>Links of {}</h1><table><thead><tr><th>Title</th>"
      "<th>Owner</th><th>Visits</th></tr></thead><tbody>",
      owner, owner);
  for (const entry& e : links)
    std::format_to(std::back_inserter(to),
                   "<tr><td><a href=\"{}\" class=\"link\">{}</a></td><td>{}</td><td>{}</td></tr>", e.address,
                   e.title, e.owner, e.visits);
  std::format_to(std::back_inserter(to), "</tbody></table><p class=\"foot\">{} links.</p></body></html>",
                 links.size());
}

template <class Function>
double measure(const char* what, Function&& page) {
  constexpr int pages = 2000;
  double best = 1e9;
  for (int round = 0; round < 25; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    for (int n = 0; n < pages; ++n) page();
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
    best = std::min(best, took.count() / pages);
  }
  std::printf("%-58s %7.1f ns\n", what, best);
  return best;
}

}  // namespace

int main() {
  const std::string owner = "somebody";
  const std::vector<entry> links = entries();
  std::string text;
  format_page(text, owner, links);
  if (to_string(page_of<const std::string&>(owner, links)) != text) {
    std::puts("the two pages differ");
    return 1;
  }
  std::size_t elements = 0;
  for (std::size_t at = 0; (at = text.find('<', at)) != text.npos; ++at)
    elements += text[at + 1] != '/' && text[at + 1] != '!';
  std::printf("%zu elements, %zu bytes\n", elements, text.size());

  // Into the same string each time, which has the room after the first.
  std::string page;
  const double format = measure("std::format_to of a page", [&] {
    page.clear();
    format_page(page, owner, links);
  });
  const double tree = measure("typed tree of strings, rendered into a string", [&] {
    page.clear();
    render(page_of<const std::string&>(owner, links), page);
  });
  const double viewed = measure("typed tree of views, rendered into a string", [&] {
    page.clear();
    render(page_of<std::string_view>(owner, links), page);
  });
  std::size_t sent = 0;
  measure("typed tree of strings, streamed in blocks", [&] {
    render(page_of<const std::string&>(owner, links), [&](std::string_view part) { sent += part.size(); });
  });
  measure("typed tree of strings, rendered into a new string",
          [&] { sent += to_string(page_of<const std::string&>(owner, links)).size(); });
  const std::string plain(4096, 'x');
  measure("escape 4 KiB without anything to escape", [&] {
    page.clear();
    render(p(plain), page);
  });
  std::printf("std::format_to / typed tree: %.2f of strings, %.2f of views\n", format / tree,
              format / viewed);
  return sent == 0;
}
