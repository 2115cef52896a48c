// A directory of links, which lie in the image: there is nothing to forget, so this service may sleep as soon
// as nobody looks.
#pragma once
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "../frame.hpp"

namespace links {

using namespace aster;

struct entry {
  std::string_view topic, title, address, note;
};
inline constexpr entry all[] = {
    {"systems", "MirageOS", "https://mirage.io",
     "A library operating system in OCaml, and where the word unikernel comes from."},
    {"systems", "Unikraft", "https://unikraft.org",
     "Micro-libraries in C, and many existing programs on them."},
    {"systems", "Solo5", "https://github.com/Solo5/solo5",
     "A sandbox for unikernels whose interface fits on a page."},
    {"networks", "RFC 9293", "https://www.rfc-editor.org/rfc/rfc9293", "The Transmission Control Protocol."},
    {"networks", "RFC 9110", "https://www.rfc-editor.org/rfc/rfc9110",
     "What HTTP means, whatever its version."},
    {"networks", "RFC 6455", "https://www.rfc-editor.org/rfc/rfc6455",
     "The WebSocket protocol, which the chat speaks."},
    {"networks", "Trace Context", "https://www.w3.org/TR/trace-context/",
     "The id by which a request is found again in every service."},
    {"languages", "The C++ draft", "https://eel.is/c++draft/",
     "The working draft of the standard, as pages."},
    {"languages", "HTML", "https://html.spec.whatwg.org/",
     "The standard that typed HTML is checked against."},
};
inline constexpr std::array<std::string_view, 3> topics{"systems", "networks", "languages"};

constexpr web::route<"/links"> without_slash;
constexpr web::route<"/links/?{q?}&{topic?}", std::string, std::string> home;

/// In any case of ASCII letters.
inline bool contains(std::string_view text, std::string_view part) {
  return !std::ranges::search(text, part,
                              [](char a, char b) { return http::to_lower(a) == http::to_lower(b); })
              .empty() ||
         part.empty();
}

inline web::response show(std::optional<std::string> query, std::optional<std::string> topic) {
  using namespace html;
  const std::string wanted = query.value_or(""), only = topic.value_or("");
  const auto is_shown = [&](const entry& e) {
    return (only.empty() || e.topic == only) && (contains(e.title, wanted) || contains(e.note, wanted));
  };
  return galaxy::page(
      "Links", "/links/",
      "The list lies in the image. This service sleeps when nobody has asked for thirty seconds.",
      h1("Links"), p(_class = "lead", "Where to read on."),
      form(_method = "get", _action = "/links/", _role = "search",
           div(_class = "row",
               div(label(_for = "q", "Search"),
                   input(_id = "q", _name = "q", _type = "search", _maxlength = 100, _value = wanted)),
               button("Search"))),
      p(_class = "quiet", a(_href = home(), "all"),
        each(topics,
             [](std::string_view t) {
               return fragment(" · ", a(_href = home(std::nullopt, std::string{t}), t));
             })),
      ul(_class = "plain", each(all,
                                [&](const entry& e) {
                                  return when(is_shown(e), [&e] {
                                    return li(a(_href = e.address, _rel = "noopener", e.title), " ",
                                              small(_class = "quiet", e.topic), br(), e.note);
                                  });
                                })),
      when(std::ranges::none_of(all, is_shown), [] { return p("Nothing matches."); }));
}

inline auto make_site() {
  return web::app{web::get(without_slash, [] { return web::permanent_redirect(home()); }),
                  web::get(home, show), web::files(look::all)};
}

}  // namespace links
