// WebSockets for real clients to talk to.
//
//   /echo      what comes goes back
//   /context   likewise, compressed with a memory of earlier messages
//   /small     likewise, with messages of 1000 bytes at most, and a client that is silent for a second is
//   asked /chat      what anybody says, all hear /ticks     counts, and listens to nobody /codes?N   closes
//   with the code N /          a page whose script talks to these; what it has to say it posts to /report,
//   and it is printed
#include <chrono>
#include <cstdio>
#include <print>
#include <string>

#include "aster/net.hpp"
#include "aster/task.hpp"
#include "aster/websocket.hpp"

using namespace aster;
using namespace std::chrono_literals;

net::device<"service"> service;

namespace {

constexpr web::route<"/echo"> echo;
constexpr web::route<"/context"> context;
constexpr web::route<"/small"> small;
constexpr web::route<"/chat"> chat;
constexpr web::route<"/ticks"> ticks;
constexpr web::route<"/codes/{code}", int> codes;
constexpr web::route<"/"> home;
constexpr web::route<"/report"> report;

void send_back(websocket::socket& ws) {
  while (const auto m = ws.receive())
    if (!ws.send(*m)) return;
}

void tick(websocket::socket& ws) {
  for (int i = 0; ws.send(std::to_string(i)); ++i) task::sleep(20ms);
  std::println("ticked for a client that closed with {}", number(ws.ended()->code));
  std::fflush(stdout);
}

constexpr const char* page =
    R"(<!doctype html><meta charset=utf-8><title>WebSockets</title><script nonce="NONCE">
const said = [];
const say = (what) => said.push(what);
const open = (path, protocols) => new Promise((done, failed) => {
  const ws = new WebSocket("ws://" + location.host + path, protocols);
  const waiting = [], come = [];
  ws.binaryType = "arraybuffer";
  ws.onopen = () => done(ws);
  ws.onerror = () => failed(new Error("no connection to " + path));
  ws.onmessage = (m) => waiting.length ? waiting.shift()(m.data) : come.push(m.data);
  ws.receive = () => come.length ? Promise.resolve(come.shift()) : new Promise((got) => waiting.push(got));
  ws.closed = new Promise((closed) => ws.onclose = (e) => closed(e.code + " " + e.reason + " " + e.wasClean));
});
(async () => {
  const ws = await open("/echo", ["soap", "chat.v1"]);
  say("speaks " + ws.protocol + " with " + ws.extensions);
  for (const text of ["hello", "", "µ ß 😀", "x".repeat(200000)]) {
    ws.send(text);
    if (await ws.receive() !== text) say("another text came back");
  }
  const bytes = Uint8Array.from({length: 70000}, (_, i) => i * 7);
  ws.send(bytes);
  const back = new Uint8Array(await ws.receive());
  if (back.length !== bytes.length || back.some((b, i) => b !== bytes[i])) say("other bytes came back");
  ws.close(4000, "enough");
  say(await ws.closed);
  const kept = await open("/context");
  say(kept.extensions);
  for (let i = 0; i < 10; ++i) {
    const text = "message " + i + " " + "y".repeat(1000 * i);
    kept.send(text);
    if (await kept.receive() !== text) say("another text came back");
  }
  kept.close();
  say(await kept.closed);
  const small = await open("/small");
  small.send("z".repeat(100000));
  say(await small.closed);
  const [a, b] = [await open("/chat"), await open("/chat")];
  a.send("to all");
  say("heard " + await b.receive());
  a.close();
  b.close();
  say(await (await open("/codes/4321")).closed);
})().catch((e) => say("" + e)).finally(() => fetch("/report", {method: "POST", body: said.join("\n")}));
</script>)";

web::response show(const web::request& req) {
  std::string text{page};
  text.replace(text.find("NONCE"), 5, req.nonce());
  return web::text(std::move(text)).type(web::html_text);
}

}  // namespace

int main() {
  net::stack stack{service};
  net::listener listener = stack.listen(80);
  if (!stack.wait_for_address()) return 1;

  websocket::room everybody;
  web::app app{
      web::get(home, show),
      web::post(report,
                [](const web::request& req) {
                  std::println("{}\nend of the report", req.body());
                  std::fflush(stdout);
                  return http::status::no_content;
                }),
      web::get(echo,
               [](const web::request& req) {
                 return websocket::accept(
                     req, send_back,
                     {.subprotocols = {"chat.v2", "chat.v1"}, .origins = {"https://friend.example"}});
               }),
      web::get(context,
               [](const web::request& req) {
                 return websocket::accept(req, send_back,
                                          {.compression = {.keeps_context = true, .least_size = 0}});
               }),
      web::get(small,
               [](const web::request& req) {
                 return websocket::accept(req, send_back,
                                          {.limits = {.message = 1000, .ping = 1s, .answer = 1s}});
               }),
      web::get(chat,
               [&](const web::request& req) {
                 return websocket::accept(req, [&](websocket::socket& ws) {
                   const auto here = everybody.enter(ws);
                   while (const auto m = ws.receive()) everybody.post(*m);
                 });
               }),
      web::get(ticks, [](const web::request& req) { return websocket::accept(req, tick); }),
      web::get(codes,
               [](const web::request& req, int code) {
                 return websocket::accept(req, [code](websocket::socket& ws) {
                   ws.close(static_cast<websocket::close_code>(code), "as asked");
                 });
               }),
  };
  std::println("serving");
  std::fflush(stdout);
  web::serve(std::move(listener), app);
  std::println("good-bye");
}
