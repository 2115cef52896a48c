// A chat: one room, everybody in it. The last lines are remembered for those who come later, until the
// service sleeps; it does not as long as somebody is there.
#pragma once
#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

#include "../frame.hpp"
#include "aster/json.hpp"
#include "aster/websocket.hpp"
#include "site.hpp"

namespace chat {

using namespace aster;

constexpr web::route<"/chat"> without_slash;
constexpr web::route<"/chat/"> home;
constexpr web::route<"/chat/room?{name}", std::string> enter;
constexpr web::route<"/chat/{file}", std::string> files;

/// What goes over the wire, as JSON.
struct line {
  std::string who;  // empty: the room itself speaks
  std::string text;
  std::size_t people = 0;
};

class room {
 public:
  static constexpr std::size_t remembered = 50, longest = 500;

  /// Until the socket has had enough.
  void host(websocket::socket& guest, const std::string& name) {
    for (const std::string& before : last_) guest.send(before);
    {
      const auto here = everybody_.enter(guest);
      say({}, name + " is here");
      while (const auto message = guest.receive())
        if (message->is_text() && message->data.size() <= longest) say(name, message->data);
    }
    say({}, name + " has left");
  }

 private:
  void say(const std::string& who, std::string text) {
    const std::string said = json::write(line{who, std::move(text), everybody_.size()});
    everybody_.post(said);
    if (who.empty()) return;
    last_.push_back(said);
    if (last_.size() > remembered) last_.pop_front();
  }

  websocket::room everybody_;
  std::deque<std::string> last_;
};

inline web::response show() {
  using namespace html;
  return galaxy::page(
      "Chat", home().text(),
      "Lines are kept in memory for those who come later, and are gone when the service sleeps.",
      script(_src = site::chat::chat_js.url(), _defer), h1("Chat"),
      p(_id = "people", _class = "quiet", _role = "status", "Not connected."),
      ol(_id = "lines", _class = "chat", _aria("live") = "polite", _aria("label") = "Messages",
         _tabindex = 0),
      form(_id = "say",
           div(_class = "row",
               div(label(_for = "text", "Message"), input(_id = "text", _name = "text", _autocomplete = "off",
                                                          _maxlength = 500, _required, _disabled)),
               button("Send"))),
      noscript(p("A chat needs JavaScript, since nothing else opens a WebSocket.")));
}

/// A name as people may have: something to see, and not too much of it.
inline std::string shown_name(std::string name) {
  if (name.size() > 24) name.resize(24);
  return name.empty() ? "somebody" : name;
}

inline web::response join(const web::request& req, room& where, std::string name) {
  return websocket::accept(req, [&where, name = shown_name(std::move(name))](websocket::socket& guest) {
    where.host(guest, name);
  });
}

inline web::response own_file(const web::request& req, std::string name) {
  return web::file_server{::site::all}(req, "chat/" + name);
}

inline auto make_site(room& where) {
  return web::app{
      web::state(where),         web::get(without_slash, [] { return web::permanent_redirect(home()); }),
      web::get(home, show),      web::get(enter, join),
      web::get(files, own_file), web::files(look::all),
  };
}

}  // namespace chat
