#include "aster/proxy/edge_link.hpp"

#include <doctest/doctest.h>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aster/proxy/line_reader.hpp"
#include "aster/proxy/test_galaxy.hpp"

using namespace aster;
using namespace aster::proxy;
using namespace std::chrono_literals;
using http::test::simulate;
using proxy::test::at;
using proxy::test::client;
using proxy::test::echo;
using proxy::test::get;
using proxy::test::service;
using proxy::test::table_of;

namespace {

using enum service_readiness;

constexpr net::endpoint keeper_at{{10, 0, 0, 254}, 7777};

/// The keeper's end of the link: what it heard, on every connection that was made.
class keeper {
 public:
  bool is_there = true;
  unsigned connections = 0;
  std::vector<std::string> hellos;
  std::vector<edge_demand> heard;

  /// Opens connections to the keeper, and all others by `to_services`.
  upstream::connect_function connector(upstream::connect_function to_services) {
    return [this,
            to_services](net::endpoint to) -> std::expected<std::unique_ptr<net::byte_stream>, net::error> {
      if (to != keeper_at) return to_services(to);
      if (!is_there) return std::unexpected(net::error::refused);
      ++connections;
      wire_ = std::make_shared<http::memory_connection>();
      fibers_.spawn("keeper", [this, wire = wire_] {
        line_reader lines{wire->server(), most_line_size};
        while (const auto line = lines.next()) {
          const auto said = read_edge_line(*line);
          REQUIRE(said);
          if (const auto* hello = std::get_if<edge_hello>(&*said))
            hellos.push_back(hello->token);
          else
            heard.push_back(std::get<edge_demand>(*said));
        }
        wire->server().shutdown_write();
      });
      return std::make_unique<end>(wire_);
    };
  }

  void say(std::string_view line) { static_cast<void>(wire_->server().write(line)); }
  void die() {
    is_there = false;
    wire_->server().abort();
  }

 private:
  struct end final : net::byte_stream {
    explicit end(std::shared_ptr<http::memory_connection> w) : wire(std::move(w)) {}
    ~end() override {
      if (!wire->client().is_shut()) wire->client().abort();
    }
    std::expected<std::size_t, net::error> read(std::span<std::byte> out) override {
      return wire->client().read(out);
    }
    std::expected<void, net::error> write(std::span<const std::span<const std::byte>> pieces) override {
      return wire->client().write(pieces);
    }
    void shutdown_write() noexcept override { wire->client().shutdown_write(); }
    void abort() noexcept override { wire->client().abort(); }
    std::shared_ptr<http::memory_connection> wire;
  };

  std::shared_ptr<http::memory_connection> wire_;
  task::scope fibers_{"keeper"};
};

struct world {
  service behind{echo};
  keeper kept_by;
  edge front{behind.connector(), {}};
  edge_link link{front, kept_by.connector(behind.connector()), keeper_at, "secret"};
  task::scope fibers{"edge"};
  world() {
    fibers.spawn("edge link", [this] { link.run(); });
  }
};

}  // namespace

TEST_CASE("the edge says hello, gives signs of life, and goes by the table it is told") {
  simulate([] {
    world w;
    task::sleep(10ms);
    CHECK(w.kept_by.hellos == std::vector<std::string>{"secret"});
    task::sleep(10s);
    CHECK(w.kept_by.heard.size() >= 10);
    CHECK(w.kept_by.heard.size() <= 12);
    w.kept_by.say(to_line(table_of(well, {"10.0.0.1:80"})));
    client c{w.front};
    CHECK(c->ask(get("/")).starts_with("HTTP/1.1 200"));
  });
}

TEST_CASE("a request that begins to wait is told of at once, all others now and then") {
  simulate([] {
    world w;
    task::sleep(10ms);
    w.kept_by.say(to_line(table_of(asleep, {})));
    task::sleep(1s);
    const std::size_t before = w.kept_by.heard.size();
    std::deque<client> clients;
    clients.emplace_back(w.front)->send(get("/"));
    task::sleep(1ms);
    REQUIRE(w.kept_by.heard.size() == before + 1);
    CHECK(w.kept_by.heard.back().demand.at(0).waiting == 1);
    for (int i = 0; i < 300; ++i) {
      clients.emplace_back(w.front)->send(get("/"));
      task::sleep(1ms);
    }
    CHECK(w.kept_by.heard.size() <= before + 5);
    w.kept_by.say(to_line(table_of(well, {"10.0.0.1:80"})));
    task::sleep(1s);
    for (client& c : clients) CHECK(c->receive().starts_with("HTTP/1.1 200"));
    CHECK(w.kept_by.heard.back().demand.at(0).waiting == 0);
    CHECK(w.kept_by.heard.back().demand.at(0).requests == 301);
  });
}

TEST_CASE("without its keeper the edge goes on by the last table, and finds it again") {
  simulate([] {
    world w;
    task::sleep(10ms);
    w.kept_by.say(to_line(table_of(well, {"10.0.0.1:80"})));
    task::sleep(1s);
    w.kept_by.die();
    task::sleep(60s);
    client c{w.front};
    CHECK(c->ask(get("/")).starts_with("HTTP/1.1 200"));
    CHECK(w.kept_by.connections == 1);
    w.kept_by.is_there = true;
    task::sleep(1100ms);
    CHECK(w.kept_by.hellos.size() == 2);
    w.kept_by.say(to_line(table_of(well, {"10.0.0.2:80"})));
    CHECK(c->ask(get("/")).starts_with("HTTP/1.1 200"));
    CHECK(w.behind.connections[at(2)] == 1);
  });
}

TEST_CASE("a table that is none ends the connection and changes nothing") {
  simulate([] {
    world w;
    task::sleep(10ms);
    w.kept_by.say(to_line(table_of(well, {"10.0.0.1:80"})));
    task::sleep(1s);
    w.kept_by.say("{\"galaxy\":{\"routes\":[{}]}}\n");
    task::sleep(1s);
    CHECK(w.kept_by.connections == 2);
    client c{w.front};
    CHECK(c->ask(get("/")).starts_with("HTTP/1.1 200"));
  });
}
