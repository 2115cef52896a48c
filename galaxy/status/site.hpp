// A status page: asks the other services over the galaxy's network, by their names, and tells what came back.
#pragma once
#include <array>
#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "../frame.hpp"
#include "aster/http/client_connection.hpp"
#include "aster/task/all.hpp"
#include "aster/task/deadline.hpp"
#include "aster/task/scope.hpp"

namespace status {

using namespace aster;

constexpr web::route<"/status"> without_slash;
constexpr web::route<"/status/"> home;

/// Opens a connection to a host by its name. Parks.
using connector =
    std::function<std::expected<std::unique_ptr<net::byte_stream>, net::error>(std::string_view host)>;

struct asked {
  std::string_view host, path;
  bool is_declared;  // in `reaches` of galaxy.toml: the network lets it through
};
inline constexpr std::array<asked, 5> hosts{{{"shortener", "/s/", true},
                                             {"paste", "/p/", true},
                                             {"chat", "/chat/", true},
                                             {"links", "/links/", true},
                                             {"example.org", "/", false}}};

struct answer {
  bool is_good = false;
  std::string text;
  std::chrono::milliseconds took{};
};

/// Asks one service, at most for some seconds: one that sleeps has to start first.
inline answer ask(const connector& connect, const asked& whom) {
  constexpr http::limits limits;
  const task::time_point started = task::now();
  answer result;
  const auto in_time = task::within(std::chrono::seconds{5}, [&] {
    const auto stream = connect(whom.host);
    if (!stream) {
      result.text = net::to_string(stream.error());
      return;
    }
    http::client_connection server{**stream, limits};
    const auto sent = server.send({.target = whom.path, .host = whom.host});
    if (const auto heard = sent ? server.receive() : sent; !heard) {
      result.text = http::to_string(heard.error());
      return;
    }
    const http::status s = server.head().status;
    result.is_good = http::code(s) < 500;
    result.text = std::to_string(http::code(s)) + " " + std::string{http::reason(s)};
  });
  if (!in_time) result.text = "no answer within five seconds";
  result.took = std::chrono::duration_cast<std::chrono::milliseconds>(task::now() - started);
  return result;
}

/// All at the same time.
inline std::array<answer, hosts.size()> ask_all(const connector& connect) {
  std::array<answer, hosts.size()> answers;
  task::scope questions{"questions"};
  for (std::size_t i = 0; i < hosts.size(); ++i)
    questions.spawn(hosts[i].host, [&answers, &connect, i] { answers[i] = ask(connect, hosts[i]); });
  questions.join();
  return answers;
}

inline web::response show(const connector& connect) {
  using namespace html;
  const auto answers = ask_all(connect);
  const auto verdict = [](const asked& whom, const answer& said) -> std::string_view {
    if (whom.is_declared) return said.is_good ? "well" : "not well";
    return said.is_good ? "reached, and should not be" : "not reached, as declared";
  };
  return galaxy::page(
             "Status", home().text(),
             "The services were asked while you waited. Those that slept are awake now.", h1("Status"),
             p(_class = "lead",
               "This service asks the others by their names, over the network that they share. galaxy.toml "
               "says whom it "
               "may reach; the last line is somebody whom it may not."),
             table(thead(tr(th("Host"), th("Is"), th("Answer"), th("Took"))),
                   tbody(each(hosts,
                              [&](const asked& whom, std::size_t i) {
                                const answer& said = answers[i];
                                return tr(th(code(whom.host)),
                                          td(_class = said.is_good == whom.is_declared ? "good" : "wrong",
                                             verdict(whom, said)),
                                          td(said.text), td(said.took.count(), " ms"));
                              }))))
      .header("Cache-Control", "no-store");
}

inline auto make_site(const connector& connect) {
  return web::app{web::state(connect),
                  web::get(without_slash, [] { return web::permanent_redirect(home()); }),
                  web::get(home, show), web::files(look::all)};
}

}  // namespace status
