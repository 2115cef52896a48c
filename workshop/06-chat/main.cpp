// A chat: one room, everybody in it, nothing kept.
//
//   aster run -p 8080:80 06-chat
#include <string>

#include "assets.hpp"
#include "aster/html.hpp"
#include "aster/json.hpp"
#include "aster/net.hpp"
#include "aster/web.hpp"
#include "aster/websocket.hpp"
using namespace aster;

constexpr web::route<"/"> home;
constexpr web::route<"/room?{name}", std::string> enter;

/// What goes over the wire, as JSON.
struct line {
  std::string who;  // empty: the room itself speaks
  std::string text;
  std::size_t people = 0;
};

web::response show_page() {
  using namespace aster::html;
  return web::html(
      html5(_lang = "en",
            head(meta(_charset = "utf-8"), title("Chat"),
                 meta(_name = "viewport", _content = "width=device-width, initial-scale=1"),
                 link(_rel = "stylesheet", _href = assets::style_css.url()),
                 script(_src = assets::chat_js.url(), _defer)),
            body(header(h1("Chat"), p(_id = "people", _role = "status", "Not connected.")),
                 main(ol(_id = "lines", _aria("live") = "polite", _aria("label") = "Messages")),
                 form(_id = "say", label(_for = "text", "Message"),
                      input(_id = "text", _name = "text", _autocomplete = "off", _maxlength = 500, _required,
                            _disabled),
                      button("Send")),
                 noscript(p("A chat needs JavaScript, since nothing else opens a WebSocket.")))));
}

/// A name as people may have: something to see, and not too much of it.
std::string shown_name(std::string name) {
  if (name.size() > 24) name.resize(24);
  return name.empty() ? "somebody" : name;
}

web::response join(const web::request& req, websocket::room& room, std::string name) {
  return websocket::accept(req, [&room, name = shown_name(std::move(name))](websocket::socket& socket) {
    const auto say = [&](const std::string& who, std::string text) {
      room.post(json::write(line{who, std::move(text), room.size()}));
    };
    {
      const auto here = room.enter(socket);
      say({}, name + " is here");
      while (const auto message = socket.receive())
        if (message->is_text() && message->data.size() <= 500) say(name, message->data);
    }
    say({}, name + " has left");
  });
}

net::device<"service"> service;

int main() {
  websocket::room room;
  return web::run(service, web::app{
                               web::state(room),
                               web::get(home, show_page),
                               web::get(enter, join),
                               web::files(assets::all),
                           });
}
