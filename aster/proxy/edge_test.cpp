#include "aster/proxy/edge.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <deque>
#include <set>
#include <string>

#include "aster/proxy/edge_log.hpp"
#include "aster/proxy/test_galaxy.hpp"
#include "aster/proxy/trace_context.hpp"

using namespace aster;
using namespace aster::proxy;
using namespace std::chrono_literals;
using http::test::simulate;
using proxy::test::at;
using proxy::test::body_of;
using proxy::test::client;
using proxy::test::echo;
using proxy::test::field_of;
using proxy::test::get;
using proxy::test::service;
using proxy::test::table_of;

namespace {

using enum service_readiness;

/// Many clients ask at once; how many were answered with which status.
std::map<std::string, int> ask_all(edge& front, int clients, std::string_view request,
                                   task::duration patience) {
  std::deque<client> all;
  for (int i = 0; i < clients; ++i) all.emplace_back(front)->send(request);
  task::sleep(patience);
  std::map<std::string, int> answers;
  for (client& c : all) ++answers[c->receive().substr(0, 12)];
  return answers;
}

}  // namespace

TEST_CASE("requests go where the table says, by host and whole segments, and the rest to the site") {
  simulate([] {
    service behind{echo};
    edge front{behind.connector(), {}, [](const http::request&, http::response& res) { res.text("site"); }};
    front.set_table(
        {.routes = {{"chat.example", "/", "chat", false}, {"", "/s", "short", true}},
         .services = {{"chat", 64, well, {"10.0.0.1:80"}}, {"short", 64, well, {"10.0.0.2:80"}}}});
    client c{front};
    CHECK(body_of(c->ask(get("/"))) == "site");
    CHECK(body_of(c->ask(get("/sun"))) == "site");
    CHECK(body_of(c->ask(get("/s/x?y=1"))).starts_with("GET /x?y=1\n"));
    CHECK(field_of(c->ask(get("/s/x")), "X-Forwarded-Prefix") == "/s");
    CHECK(body_of(c->ask("GET /any HTTP/1.1\r\nHost: Chat.example:8080\r\n\r\n")).starts_with("GET /any\n"));
    CHECK(behind.connections[at(1)] == 1);
    CHECK(behind.connections[at(2)] == 1);
    const std::string moved = c->ask(get("/s?q=1"));
    CHECK(moved.starts_with("HTTP/1.1 308"));
    CHECK(field_of(moved, "Location") == "/s/?q=1");
  });
}

TEST_CASE("without a site, what no route takes is not there; and the edge says itself that it is well") {
  simulate([] {
    service behind{echo};
    edge front{behind.connector(), {}};
    client c{front};
    CHECK(body_of(c->ask(get(edge::health_path))) == "well\n");
    front.set_table({});
    CHECK(c->ask(get("/")).starts_with("HTTP/1.1 404"));
  });
}

TEST_CASE("a thousand requests to a sleeping service are one demand, and none is lost") {
  simulate([] {
    service behind{[](const http::request&, http::response& res) {
      task::sleep(5ms);
      res.text("served");
    }};
    edge front{behind.connector(), {}};
    front.set_table(table_of(asleep, {}));
    int urgent = 0, started = 0;
    task::scope keeper{"keeper"};
    keeper.spawn("keeper", [&] {
      for (;;) {
        front.await_demand(task::after(task::now(), 100ms), task::after(task::now(), 1s));
        const edge_demand says = front.demand();
        if (says.demand.at(0).waiting > 0 && ++urgent > 0 && started == 0) {
          ++started;
          task::sleep(300ms);
          front.set_table(table_of(well, {"10.0.0.1:80"}));
        }
      }
    });
    const auto answers = ask_all(front, 1000, get("/"), 2s);
    CHECK(answers.size() == 1);
    CHECK(answers.at("HTTP/1.1 200") == 1000);
    CHECK(started == 1);
    CHECK(urgent <= 4);
    const edge_demand at_last = front.demand();
    CHECK(at_last.demand.at(0).requests == 1000);
    CHECK(at_last.demand.at(0).failed == 0);
    CHECK(at_last.demand.at(0).outstanding == 0);
    CHECK(behind.connections[at(1)] <= 64);
    keeper.cancel();
  });
}

TEST_CASE("a table that changes under load loses no request: blue goes when green is there") {
  simulate([] {
    int blue = 0, green = 0;
    service behind{[](const http::request&, http::response& res) {
      task::sleep(20ms);
      res.text("served");
    }};
    edge front{behind.connector(), {}};
    front.set_table(table_of(well, {"10.0.0.1:80"}));
    std::deque<client> clients;
    std::map<std::string, int> answers;
    task::scope load{"load"};
    for (int i = 0; i < 50; ++i) {
      clients.emplace_back(front);
      load.spawn("client", [&answers, &c = clients.back()] {
        for (int n = 0; n < 40; ++n) {
          c->send(n % 4 == 0 ? "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx" : get("/"));
          ++answers[c->receive(50ms).substr(0, 12)];
        }
      });
    }
    task::sleep(500ms);
    front.set_table(table_of(well, {"10.0.0.1:80", "10.0.0.2:80"}));
    task::sleep(100ms);
    front.set_table(table_of(well, {"10.0.0.2:80"}));
    // The keeper ends blue once the edge does not list it any more; until then it is asked for what it had.
    for (;;) {
      const edge_demand says = front.demand();
      blue = green = 0;
      for (const auto& i : says.demand.at(0).instances) (i.at == "10.0.0.1:80" ? blue : green) += 1;
      if (blue == 0) break;
      task::sleep(5ms);
    }
    behind.down.insert(at(1));
    const unsigned before = behind.connections[at(1)];
    load.join();
    CHECK(green == 1);
    CHECK(behind.connections[at(1)] == before);
    CHECK(answers.size() == 1);
    CHECK(answers["HTTP/1.1 200"] == 2000);
  });
}

TEST_CASE(
    "a service whose instances end again and again is answered for at once, waiting requests included") {
  simulate([] {
    service behind{echo};
    edge front{behind.connector(), {}};
    front.set_table(table_of(starting, {}));
    client waits{front}, comes{front};
    waits->send(get("/", "Accept: application/json\r\n"));
    task::sleep(1s);
    front.set_table(table_of(failed, {}));
    const task::time_point then = task::now();
    const std::string answer = waits->receive();
    CHECK(answer.starts_with("HTTP/1.1 503"));
    CHECK(answer.contains("\r\nRetry-After: 5\r\n"));
    CHECK(answer.contains("\r\nContent-Type: application/problem+json\r\n"));
    CHECK(body_of(answer).contains(R"("status":503)"));
    CHECK(body_of(answer).contains(field_of(answer, "X-Request-Id")));
    const std::string page = comes->ask(get("/", "Accept: text/html,*/*;q=0.8\r\n"));
    CHECK(page.starts_with("HTTP/1.1 503"));
    CHECK(page.contains("<h1>This part is not there just now</h1>"));
    CHECK(task::now() - then < 1s);
    CHECK(front.demand().demand.at(0).failed == 2);
    front.set_table(table_of(well, {"10.0.0.1:80"}));
    CHECK(comes->ask(get("/")).starts_with("HTTP/1.1 200"));
  });
}

TEST_CASE("an instance that is gone without a word costs no request that nobody has seen") {
  simulate([] {
    service behind{echo};
    edge front{behind.connector(), {}};
    front.set_table(table_of(well, {"10.0.0.1:80"}));
    behind.down.insert(at(1));
    task::scope keeper{"keeper"};
    keeper.spawn("keeper", [&] {
      task::sleep(700ms);
      front.set_table(table_of(starting, {}));
      task::sleep(2s);
      behind.down.clear();
      front.set_table(table_of(well, {"10.0.0.1:80"}));
    });
    const auto answers = ask_all(front, 20, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx", 5s);
    CHECK(answers.at("HTTP/1.1 200") == 20);
    keeper.join();
  });
}

TEST_CASE("requests to an instance that is gone are repeated elsewhere; one that drains is let be") {
  simulate([] {
    bool is_gone = false;
    service behind{[&](const http::request&, http::response& res) {
      task::sleep(is_gone ? 1s : 1h);
      res.text("served");
    }};
    edge front{behind.connector(), {}};
    front.set_table(table_of(well, {"10.0.0.1:80"}));
    client c{front};
    c->send(get("/"));
    task::sleep(1s);
    is_gone = true;
    behind.silent.insert(at(1));
    front.set_table(table_of(well, {"10.0.0.2:80"}));
    task::sleep(5s);
    CHECK(body_of(c->receive()) == "served");
    CHECK(behind.connections[at(2)] == 1);
    CHECK(front.demand().demand.at(0).instances.size() == 1);
  });
  simulate([] {
    service behind{[](const http::request&, http::response& res) {
      task::sleep(50s);
      res.text("served late");
    }};
    edge front{behind.connector(), {}};
    front.set_table(table_of(well, {"10.0.0.1:80"}));
    client c{front};
    c->send(get("/"));
    task::sleep(1s);
    behind.down.insert(at(1));  // it listens no more
    front.set_table(table_of(well, {"10.0.0.2:80"}));
    task::sleep(55s);
    CHECK(body_of(c->receive()) == "served late");
    CHECK(behind.connections[at(2)] == 0);
  });
}

TEST_CASE("the first requests wait for the first table, and not for ever") {
  simulate([] {
    service behind{echo};
    edge front{behind.connector(), {}};
    client c{front};
    c->send(get("/"));
    task::sleep(3s);
    front.set_table(table_of(well, {"10.0.0.1:80"}));
    CHECK(c->receive().starts_with("HTTP/1.1 200"));
  });
  simulate([] {
    service behind{echo};
    edge front{behind.connector(), {}};
    client c{front};
    c->send(get("/"));
    task::sleep(11s);
    CHECK(c->receive().starts_with("HTTP/1.1 404"));
  });
}

TEST_CASE("a service that leaves the table keeps the requests it has, and is told of until they have ended") {
  simulate([] {
    service behind{[](const http::request&, http::response& res) {
      task::sleep(2s);
      res.text("late");
    }};
    edge front{behind.connector(), {}};
    front.set_table(table_of(well, {"10.0.0.1:80"}));
    client c{front};
    c->send(get("/"));
    task::sleep(1s);
    front.set_table({});
    CHECK(front.demand().demand.at(0).outstanding == 1);
    task::sleep(2s);
    CHECK(body_of(c->receive()) == "late");
    CHECK(front.demand().demand.empty());
    CHECK(c->ask(get("/")).starts_with("HTTP/1.1 404"));
  });
}

TEST_CASE("every request has ids that the service, the client and the log see alike") {
  simulate([] {
    service behind{echo};
    edge front{behind.connector(), {.remembers_services = true}};
    front.set_table(
        {.routes = {{"", "/s", "short", false}}, .services = {{"short", 64, well, {"10.0.0.1:80"}}}});
    std::vector<std::string> log;
    client c{front, [&](const http::access_record& r) {
               log.push_back(to_log_line(r, front.service_of(r), log_form::json));
             }};
    const std::string answer = c->ask(get("/s", "traceparent: nonsense\r\nX-Request-Id: a b\r\n"));
    const std::string id = field_of(answer, "X-Request-Id");
    CHECK(id.size() == 32);
    CHECK(trace_id(field_of(body_of(answer), "traceparent")) == id);
    CHECK(field_of(body_of(answer), "X-Request-Id") == id);
    REQUIRE(log.size() == 1);
    CHECK(log[0].contains("\"" + id + "\""));
    CHECK(log[0].ends_with(",\"service\":\"short\"}"));

    const std::string given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const std::string kept = c->ask(get("/s", "traceparent: " + given + "\r\ntracestate: a=b\r\n"));
    CHECK(field_of(body_of(kept), "traceparent") == given);
    CHECK(field_of(body_of(kept), "tracestate") == "a=b");
    CHECK(field_of(kept, "X-Request-Id") == "0af7651916cd43dd8448eb211c80319c");
    CHECK(field_of(c->ask(get("/s", "X-Request-Id: mine\r\n")), "X-Request-Id") == "mine");
    static_cast<void>(c->ask(get("/elsewhere")));
    CHECK_FALSE(log.back().contains("service"));
  });
}

TEST_CASE("other protocols and streams pass through, and count as under way for as long as they last") {
  simulate([] {
    service behind{[](const http::request& req, http::response& res) {
      if (req.offers_upgrade("websocket"))
        res.upgrade("websocket", [](net::byte_stream& s) {
          std::array<std::byte, 64> part;
          while (const auto got = s.read(part))
            if (*got == 0 || !s.write(std::span<const std::byte>{part}.first(*got))) break;
        });
      else {
        auto out = res.stream("text/event-stream");
        for (int i = 0; i < 3; ++i) {
          out.write("data: tick\n\n");
          task::sleep(1s);
        }
      }
    }};
    edge front{behind.connector(), {}};
    front.set_table(table_of(well, {"10.0.0.1:80"}));
    client socket{front}, events{front};
    CHECK(socket->ask(get("/", "Connection: Upgrade\r\nUpgrade: websocket\r\n")).starts_with("HTTP/1.1 101"));
    CHECK(socket->ask("frame") == "frame");
    CHECK(front.demand().demand.at(0).outstanding == 1);
    CHECK(events->ask(get("/")).ends_with("data: tick\n\n\r\n"));
    CHECK(events->receive(1500ms).ends_with("0\r\n\r\n"));
    socket->finish();
    task::sleep(1s);
    CHECK(front.demand().demand.at(0).outstanding == 0);
  });
}

TEST_CASE("a second request that hides in the first is never seen by a service") {
  const std::string hidden = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";
  const std::string size = std::to_string(5 + hidden.size()), alone = std::to_string(hidden.size());
  for (const std::string& framing : std::vector<std::string>{
           "Content-Length: " + size + "\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
           "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n24\r\n" + hidden + "\r\n0\r\n\r\n",
           "Content-Length: " + size + "\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + hidden,
           "Content-Length: " + size + "\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + hidden,
           "Content-Length: " + size + "\r\nTransfer-Encoding:\x0b" + "chunked\r\n\r\n0\r\n\r\n" + hidden,
           "Content-Length: 0\r\nContent-Length: " + alone + "\r\n\r\n" + hidden,
           "Content-Length: +" + alone + "\r\n\r\n" + hidden,
           "Content-Length: 5\r\nConnection: Content-Length\r\n\r\nabcde", "Connection: Host\r\n\r\n"}) {
    CAPTURE(framing);
    simulate([&framing] {
      std::vector<std::string> seen;
      service behind{[&seen](const http::request& req, http::response& res) {
        seen.push_back(std::string{req.target()} + " " + std::string{req.host()} + " " +
                       std::string{req.body()});
        res.text("served");
      }};
      edge front{behind.connector(), {}};
      front.set_table(table_of(well, {"10.0.0.1:80"}));
      client c{front};
      c->send("POST /first HTTP/1.1\r\nHost: h\r\n" + framing);
      static_cast<void>(c->receive());
      CHECK(seen.size() <= 1);
      for (const std::string& one : seen) CHECK(one.starts_with("/first h "));
    });
  }
}

TEST_CASE("each client gets the answer to its own request, whatever connections they share behind") {
  simulate([] {
    service behind{[](const http::request& req, http::response& res) {
      const std::string body{req.body()};
      task::sleep(std::chrono::milliseconds{body.size() % 7});
      res.text(std::string{req.target()} + " " + body);
    }};
    edge front{behind.connector(), {}};
    front.set_table(table_of(well, {"10.0.0.1:80", "10.0.0.2:80"}, 3));
    std::deque<client> clients;
    task::scope asking{"clients"};
    int right = 0;
    for (int who = 0; who < 20; ++who) {
      clients.emplace_back(front);
      asking.spawn("client", [&right, who, &c = clients.back()] {
        for (int n = 0; n < 30; ++n) {
          const std::string target = "/" + std::to_string(who) + "/" + std::to_string(n);
          const std::string body(static_cast<std::size_t>(n * 37 % 500), static_cast<char>('a' + who));
          c->send("PUT " + target + " HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) +
                  "\r\n\r\n" + body);
          right += body_of(c->receive(200ms)) == target + " " + body;
        }
      });
    }
    asking.join();
    CHECK(right == 600);
  });
}

TEST_CASE("an answer that is no HTTP, or more than one, is not passed on as if it were") {
  for (const char* words :
       {"SSH-2.0-x\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 20\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\x01: c\r\n\r\n", "HTTP/1.1 99999 OK\r\n\r\n",
        "HTTP/1.1 101 Switching\r\n\r\n"}) {
    CAPTURE(words);
    simulate([words] {
      service behind{echo};
      behind.broken[at(1)] = words;
      edge front{behind.connector(), {}};
      front.set_table(table_of(well, {"10.0.0.1:80"}));
      client c{front};
      CHECK(c->ask(get("/")).starts_with("HTTP/1.1 502"));
    });
  }
  simulate([] {
    service behind{echo};
    behind.broken[at(1)] =
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";
    edge front{behind.connector(), {}};
    front.set_table(table_of(well, {"10.0.0.1:80"}));
    client c{front};
    CHECK(c->ask(get("/one")).ends_with("\r\n\r\nok"));
    CHECK_FALSE(c->ask(get("/two")).ends_with("evil"));
  });
}
