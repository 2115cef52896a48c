// The static part of the galaxy: pages about what one looks at.
#pragma once
#include "../frame.hpp"
#include "pictures.hpp"

namespace galaxy {

constexpr aster::web::route<"/"> home;
constexpr aster::web::route<"/how"> how;
constexpr aster::web::route<"/galaxy.svg"> picture;

constexpr std::string_view footnote =
    "This page came from the edge, a unikernel that passes on what the other services answer and has this "
    "site "
    "in its image.";

/// A service, as the front page presents it.
struct presented {
  std::string_view path, name, what;
};
constexpr presented services[] = {
    {"/s/", "Shortener",
     "Long addresses become short ones. Runs all the time, for it keeps its links in memory."},
    {"/p/", "Paste",
     "Text in, an address out. Sleeps when nobody has asked for half an hour, and then forgets."},
    {"/chat/", "Chat", "A room over a WebSocket. As long as somebody is in it, it is awake."},
    {"/links/", "Links", "Where to read on. Has nothing to forget, and sleeps after thirty seconds."},
    {"/status/", "Status",
     "Asks the others by their names on the network they share, and wakes them by that."},
};

inline aster::web::response show_home() {
  using namespace aster::html;
  return page(
      "Asterism", home().text(), footnote,
      img(_class = "hero", _src = picture(),
          _alt = "A star in the middle and ways from it to others, two of them dim: they sleep."),
      h1("A library operating system, and a galaxy made with it"),
      p(_class = "lead",
        "Asterism turns one C++ program into one image that boots by itself: the web server, the TCP/IP "
        "stack and the "
        "scheduler below are libraries, linked in when they are used. What you are looking at is six such "
        "images."),
      h2("The services"),
      ul(_class = "cards", each(services,
                                [](const presented& s) {
                                  return li(_class = "card", h3(a(_href = s.path, s.name)), p(s.what));
                                })),
      p("A service that nobody asks sleeps: it has no process, takes no memory and no processor time. The "
        "first "
        "request wakes it and waits at the edge until it is there, most often for a few hundredths of a "
        "second. ",
        a(_href = how(), "How that works"), "."));
}

inline aster::web::response show_how() {
  using namespace aster::html;
  return page(
      "How the galaxy works", how().text(), footnote, h1("How the galaxy works"),
      p(_class = "lead", "Everything is in one file, galaxy.toml, and comes up with one command."),
      pre(code("[service.paste]\nsource = \"paste\"\nidle = \"30m\"\n\n[[route]]\npath = \"/p\"\nservice = "
               "\"paste\"\n")),
      h2("The edge"),
      p("It takes every connection from outside, finds the service by host and path, and gives the request "
        "to "
        "the instance with the fewest under way. What may be repeated is, when an instance fails; what has "
        "not "
        "been sent yet waits for a better one. Each request gets an id that all services and logs know it "
        "by."),
      h2("The daemon"),
      p("It starts and ends instances: the first when a request waits, more when one has too many at once, "
        "none "
        "when it was quiet for long enough. It can be killed at any time: the edge goes on by the last table "
        "that it has, and the daemon that comes back finds everything as it was."),
      h2("The network"),
      p("All instances are plugged into one switch, a program without privileges. A service is reached by "
        "its "
        "name, by those that galaxy.toml lets reach it and by nobody else. See ",
        a(_href = "/status/", "the status page"), ", which tries."));
}

inline auto make_site() {
  using namespace aster;
  return web::app{
      web::get(home, show_home),
      web::get(how, show_how),
      web::get(picture, [](const web::request& req) { return web::send_file(req, pictures::galaxy_svg); }),
      web::files(look::all),
  };
}

}  // namespace galaxy
