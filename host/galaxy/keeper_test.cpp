#include "host/galaxy/test_world.hpp"

using namespace aster::host::galaxy;
using namespace aster::host::galaxy::test;
using namespace std::chrono_literals;
namespace switch_control = aster::host::switch_control;

TEST_CASE("a service that may sleep is not started, one that may not is, and the edge always is") {
  service busy = sleeper("busy");
  busy.fewest = busy.most = 2;
  world w{galaxy_of({sleeper("shop"), busy})};
  w.run(1s);
  CHECK(w.running("shop") == 0);
  CHECK(w.running("busy") == 2);
  CHECK(w.running("edge") == 1);
  CHECK(w.status("shop").state == service_state::asleep);
  CHECK(w.status("busy").state == service_state::well);
  REQUIRE(w.published);
  CHECK(w.published->port == 8080);
  CHECK(w.published->station == 2);
}

TEST_CASE("a thousand requests at once start one instance, and all are answered") {
  service shop = sleeper("shop");
  shop.most = 8;
  world w{galaxy_of({shop})};
  w.run(1s);
  w.request("shop", 1000);
  w.run(200ms);
  CHECK(w.done == 1000);
  CHECK(w.refused == 0);
  CHECK(w.starts["shop"] == 1);
  CHECK(w.told("woken", "shop") == 1);
}

TEST_CASE("requests that come while an instance starts do not start another") {
  world w{galaxy_of({sleeper("shop")})};
  w.behaviours["shop.1"].boots = 2s;
  w.run(1s);
  for (int i = 0; i < 100; ++i) {
    w.request("shop");
    w.run(10ms);
  }
  w.run(3s);
  CHECK(w.starts["shop"] == 1);
  CHECK(w.done == 100);
}

TEST_CASE("many that wait for a slow start do not start more than the one they woke") {
  service shop = sleeper("shop");
  shop.most = 8;
  world w{galaxy_of({shop})};
  w.behaviours["shop.1"].boots = 3s;
  w.run(1s);
  w.request("shop", 1000);
  w.run(2900ms);
  CHECK(w.starts["shop"] == 1);
  w.run(1s);
  CHECK(w.done == 1000);
}

TEST_CASE("it sleeps when it was not used for its idle time, and wakes again") {
  world w{galaxy_of({sleeper("shop")})};
  w.run(1s);
  w.request("shop");
  w.run(25s);
  CHECK(w.running("shop") == 1);
  w.request("shop");
  w.run(29s);
  CHECK(w.running("shop") == 1);
  w.run(5s);
  CHECK(w.running("shop") == 0);
  CHECK(w.told("asleep", "shop") == 1);
  CHECK(w.status("shop").state == service_state::asleep);
  CHECK(w.instances.size() == 1);  // the edge's
  w.request("shop");
  w.run(1s);
  CHECK(w.done == 3);
  CHECK(w.starts["shop"] == 2);
}

TEST_CASE("traffic that does not come from the edge keeps it awake as well") {
  world w{galaxy_of({sleeper("shop")})};
  w.run(1s);
  w.request("shop");
  for (int i = 0; i < 10; ++i) {
    w.run(10s);
    w.traffic("shop");
  }
  CHECK(w.running("shop") == 1);
  w.run(35s);
  CHECK(w.running("shop") == 0);
}

TEST_CASE("a request that takes long keeps it awake") {
  world w{galaxy_of({sleeper("shop")})};
  w.behaviours["shop.1"].answers = 5min;
  w.run(1s);
  w.request("shop");
  w.run(4min);
  CHECK(w.running("shop") == 1);
  w.run(2min);
  CHECK(w.done == 1);
  CHECK(w.running("shop") == 0);
}

TEST_CASE("a request that comes while it drains is served by the one that drains") {
  world w{galaxy_of({sleeper("shop")})};
  w.run(1s);
  w.request("shop");
  while (w.told("draining", "shop") == 0) w.run(10ms);
  w.request("shop");
  w.run(1s);
  CHECK(w.done == 2);
  CHECK(w.starts["shop"] == 1);
}

TEST_CASE("asked by name it wakes, and the answer comes when it is well") {
  service shop = sleeper("shop");
  shop.fewest = 1;
  shop.reaches = {"paste"};
  world w{galaxy_of({shop, sleeper("paste")})};
  w.behaviours["paste.1"].boots = 100ms;
  w.run(1s);
  const auto first = w.ask("shop", "paste");
  const auto second = w.ask("shop", "paste");
  w.run(50ms);
  CHECK(w.answers.empty());
  w.run(1s);
  REQUIRE(w.answers.contains(first));
  CHECK(w.answers[first].addresses == std::vector{address_of(w.processes.at("paste-1").station)});
  CHECK(w.answers.contains(second));
  CHECK(w.starts["paste"] == 1);
}

TEST_CASE("a name that one may not reach is no name, and wakes nobody") {
  service shop = sleeper("shop");
  shop.fewest = 1;
  world w{galaxy_of({shop, sleeper("paste")})};
  w.run(1s);
  const auto paste = w.ask("shop", "paste"), nothing = w.ask("shop", "nothing"), edge = w.ask("shop", "edge");
  w.run(1s);
  for (const auto id : {paste, nothing, edge}) {
    REQUIRE(w.answers.contains(id));
    CHECK(w.answers[id].addresses.empty());
    CHECK_FALSE(w.answers[id].failed);
  }
  CHECK(w.starts["paste"] == 0);
}

TEST_CASE("a question for who cannot be woken fails before the switch gives up") {
  service shop = sleeper("shop");
  shop.fewest = 1;
  shop.reaches = {"paste"};
  world w{galaxy_of({shop, sleeper("paste")})};
  w.behaviours["paste.1"].never_well = true;
  w.run(1s);
  const auto id = w.ask("shop", "paste");
  w.run(9500ms);
  REQUIRE(w.answers.contains(id));
  CHECK(w.answers[id].failed);
}

TEST_CASE("what a service needs is there before it starts, and does not sleep while it runs") {
  service shop = sleeper("shop");
  shop.needs = {"database"};
  world w{galaxy_of({sleeper("database"), shop})};
  w.behaviours["database.1"].boots = 300ms;
  w.run(1s);
  CHECK(w.running("database") == 0);
  w.request("shop");
  w.run(250ms);
  CHECK(w.running("database") == 1);
  CHECK(w.running("shop") == 0);
  w.run(500ms);
  CHECK(w.done == 1);
  for (int i = 0; i < 10; ++i) {
    w.run(20s);
    w.request("shop");
  }
  CHECK(w.starts["database"] == 1);
  w.run(3min);
  CHECK(w.running("shop") == 0);
  CHECK(w.running("database") == 0);
}

TEST_CASE("an instance that is killed comes back, and the service is not lost meanwhile") {
  service shop = sleeper("shop");
  shop.fewest = shop.most = 2;
  world w{galaxy_of({shop})};
  w.run(1s);
  w.kill_instance("shop-1");
  w.run(10ms);
  CHECK(w.status("shop").state == service_state::well);
  CHECK(w.running("shop") == 1);
  w.request("shop", 10);
  w.run(1s);
  CHECK(w.done == 10);
  CHECK(w.running("shop") == 2);
  CHECK(w.told("crashed", "shop") == 1);
}

TEST_CASE("one that ends again and again waits longer and longer, and requests are refused meanwhile") {
  service shop = sleeper("shop");
  shop.fewest = 1;
  world w{galaxy_of({shop})};
  w.behaviours["shop.1"] = {.never_well = true, .ends = 5ms};
  w.run(5s);
  CHECK(w.status("shop").state == service_state::crash_loop);
  CHECK(w.told("crash_loop", "shop") > 0);
  w.request("shop", 10);
  CHECK(w.refused == 10);
  const unsigned before = w.starts["shop"];
  CHECK(before <= 7);
  w.run(10min);
  CHECK(w.starts["shop"] - before >= 10min / 31s);
  CHECK(w.starts["shop"] - before <= 10min / 14s);
  w.behaviours["shop.1"] = {};
  w.run(1min);
  CHECK(w.status("shop").state == service_state::well);
  CHECK(w.status("shop").why == "");
}

TEST_CASE("a sleeper in a crash loop is tried again by the first request after the wait") {
  world w{galaxy_of({sleeper("shop")})};
  w.behaviours["shop.1"] = {.never_well = true, .ends = 5ms};
  w.run(1s);
  w.request("shop", 3);
  w.run(1s);
  CHECK(w.refused == 3);
  CHECK(w.starts["shop"] == 3);
  w.run(1min);
  CHECK(w.starts["shop"] == 3);  // nobody asks
  CHECK(w.status("shop").state == service_state::asleep);
  w.behaviours["shop.1"] = {};
  w.request("shop");
  w.run(1s);
  CHECK(w.done == 1);
}

TEST_CASE("a restart policy that says so leaves an instance that ended alone") {
  service once = sleeper("once"), job = sleeper("job");
  once.fewest = 1;
  once.restart.when = restart_policy::condition::never;
  job.restart.when = restart_policy::condition::on_failure;
  world w{galaxy_of({once, job})};
  w.behaviours["once.1"] = {.ends = 100ms, .code = 3};
  w.behaviours["job.1"] = {.ends = 100ms, .code = 0};
  w.run(1min);
  CHECK(w.starts["once"] == 1);
  CHECK(w.status("once").state == service_state::stopped);
  CHECK(w.status("once").why.contains("exit code 3"));
  w.request("job");
  w.run(1min);
  CHECK(w.done == 1);
  CHECK(w.starts["job"] == 1);
  CHECK(w.status("job").state == service_state::asleep);
  REQUIRE(w.k->restart(w.time(), "once"));
  w.run(50ms);
  CHECK(w.starts["once"] == 2);
}

TEST_CASE("one that does not answer any more is replaced") {
  service shop = sleeper("shop");
  shop.fewest = 1;
  shop.health = {
      .by = health_check::kind::http, .path = "/health", .every = 1s, .timeout = 500ms, .failures = 3};
  world w{galaxy_of({shop})};
  w.run(5s);
  w.processes.at("shop-1").frozen = true;
  const auto pid = w.processes.at("shop-1").pid;
  w.run(2s);
  CHECK(w.processes.at("shop-1").pid == pid);
  w.run(6s);
  CHECK(w.told("unwell", "shop") == 1);
  CHECK(w.processes.at("shop-1").pid != pid);
  CHECK(w.status("shop").state == service_state::well);
}

TEST_CASE("load that lasts starts more instances, up to the most, and they go when it is over") {
  service shop = sleeper("shop");
  shop.most = 4;
  shop.concurrency = 10;
  shop.idle = 5s;
  world w{galaxy_of({shop})};
  w.behaviours["shop.1"].answers = 100ms;
  w.run(1s);
  for (int i = 0; i < 300; ++i) {  // 60 at once
    w.request("shop", 6);
    w.run(10ms);
  }
  CHECK(w.running("shop") == 4);
  for (int i = 0; i < 2000; ++i) {  // 15 at once
    if (i % 2 == 0) w.request("shop", 3);
    w.run(10ms);
  }
  CHECK(w.running("shop") == 3);  // 15 · 10/7 in tens
  w.run(20s);
  CHECK(w.running("shop") == 0);
  CHECK(w.broken == 0);
  CHECK(w.done == 300 * 6 + 1000 * 3);
}

TEST_CASE("scaled by hand there are as many, and after that as many as requests need") {
  service shop = sleeper("shop");
  world w{galaxy_of({shop})};
  w.run(1s);
  REQUIRE(w.k->scale(w.time(), "shop", 3));
  w.run(1s);
  CHECK(w.running("shop") == 3);
  w.run(5min);
  CHECK(w.running("shop") == 3);
  REQUIRE(w.k->scale(w.time(), "shop", 0));
  w.run(5s);
  CHECK(w.running("shop") == 0);
  CHECK(w.status("shop").state == service_state::stopped);
  w.request("shop");
  CHECK(w.refused == 1);
  REQUIRE(w.k->scale(w.time(), "shop", std::nullopt));
  w.run(1ms);
  w.request("shop");
  w.run(1s);
  CHECK(w.done == 1);
  CHECK(w.k->scale(w.time(), "edge", 2).error().what == refusal::kind::invalid);
  CHECK(w.k->scale(w.time(), "nobody", 2).error().what == refusal::kind::unknown);
  CHECK(w.k->scale(w.time(), "shop", 1001).error().what == refusal::kind::invalid);
}

TEST_CASE("a deployment replaces one instance after the other and breaks no request") {
  service shop = sleeper("shop");
  shop.fewest = shop.most = 3;
  world w{galaxy_of({shop})};
  w.behaviours["shop.1"].answers = w.behaviours["shop.2"].answers = 50ms;
  w.behaviours["shop.2"].boots = 200ms;
  w.run(1s);
  REQUIRE(w.k->deploy(w.time(), "shop", {"shop.2", "shop.2"}) == 2u);
  CHECK(w.k->deploy(w.time(), "shop", {"shop.3", "shop.3"}).error().what == refusal::kind::conflict);
  for (int i = 0; i < 2000; ++i) {
    w.request("shop");
    w.run(5ms);
    CHECK(w.status("shop").state == service_state::well);
  }
  w.run(1s);
  CHECK(w.done == 2000);
  CHECK(w.broken == 0);
  CHECK(w.refused == 0);
  CHECK(w.running("shop") == 3);
  for (const auto& [name, p] : w.processes) CHECK((p.service == "edge" || p.file == "shop.2"));
  const auto all = w.k->deployments("shop");
  REQUIRE(all);
  REQUIRE(all->size() == 2);
  CHECK(all->at(0).state == deployment_state::replaced);
  CHECK(all->at(1).state == deployment_state::live);
}

TEST_CASE("a deployment whose instance is not well is taken back, and nobody notices") {
  service shop = sleeper("shop");
  shop.fewest = shop.most = 2;
  world w{galaxy_of({shop})};
  w.run(1s);
  w.behaviours["bad"] = {.never_well = true};
  w.behaviours["worse"] = {.never_well = true, .ends = 3ms};
  for (const char* image : {"bad", "worse"}) {
    const auto version = w.k->deploy(w.time(), "shop", {image, image});
    REQUIRE(version);
    for (int i = 0; i < 2000; ++i) {
      w.request("shop");
      w.run(10ms);
    }
    CHECK(w.k->deployments("shop")->at(*version - 1).state == deployment_state::failed);
  }
  CHECK(w.done == 4000);
  CHECK(w.refused + w.broken == 0);
  CHECK(w.told("rolled_back", "shop") == 2);
  CHECK(w.status("shop").version == 1);
  CHECK(w.running("shop") == 2);
}

TEST_CASE("a deployment of who sleeps is tried before it is live") {
  world w{galaxy_of({sleeper("shop")})};
  w.run(1s);
  REQUIRE(w.k->deploy(w.time(), "shop", {"shop.2", "shop.2"}));
  w.run(2s);
  CHECK(w.starts["shop"] == 1);
  CHECK(w.k->deployments("shop")->at(1).state == deployment_state::live);
  w.run(1min);
  CHECK(w.running("shop") == 0);
}

TEST_CASE("rolled back, the version that was live before is live again, under a new number") {
  service shop = sleeper("shop");
  shop.fewest = 1;
  world w{galaxy_of({shop})};
  w.run(1s);
  CHECK(w.k->rollback(w.time(), "shop").error().what == refusal::kind::conflict);
  REQUIRE(w.k->deploy(w.time(), "shop", {"shop.2", "shop.2"}));
  w.run(5s);
  REQUIRE(w.k->rollback(w.time(), "shop") == 3u);
  w.run(5s);
  CHECK(w.processes.at(w.some_instance("shop")).file == "shop.1");
  CHECK(w.k->deployments("shop")->at(1).state == deployment_state::rolled_back);
  CHECK(w.k->deployments("shop")->at(2).state == deployment_state::live);
}

TEST_CASE("a restart by hand breaks no request, and the edge itself is restarted too") {
  service shop = sleeper("shop");
  shop.fewest = 1;
  world w{galaxy_of({shop})};
  w.run(1s);
  const auto pid = w.processes.at("shop-1").pid;
  REQUIRE(w.k->restart(w.time(), "shop"));
  for (int i = 0; i < 500; ++i) {
    w.request("shop");
    w.run(5ms);
  }
  w.run(2s);
  CHECK(w.broken + w.refused == 0);
  CHECK(w.running("shop") == 1);
  CHECK(w.processes.at(w.some_instance("shop")).pid != pid);
  const auto edge = w.processes.at("edge-1").pid;
  REQUIRE(w.k->restart(w.time(), "edge"));
  w.run(2s);
  CHECK(w.processes.at("edge-1").pid != edge);
  CHECK(w.published);
  w.request("shop");
  w.run(1s);
  CHECK(w.broken + w.refused == 0);
}

TEST_CASE("what is changed in galaxy.toml is done: services come, change and go") {
  service shop = sleeper("shop"), old = sleeper("old");
  shop.fewest = old.fewest = 1;
  world w{galaxy_of({shop, old})};
  w.run(1s);
  const auto pid = w.processes.at("shop-1").pid;
  service fresh = sleeper("fresh");
  fresh.fewest = 1;
  w.declared = galaxy_of({shop, fresh});
  w.declared.front.port = 9090;
  w.image.erase("old");
  w.image["fresh"] = {"fresh.1", "fresh.1"};
  w.declare();
  w.run(3s);
  CHECK(w.running("old") == 0);
  CHECK_FALSE(w.services.contains("old"));
  CHECK(w.running("fresh") == 1);
  CHECK(w.processes.at("shop-1").pid == pid);  // nothing changed for it
  CHECK(w.published->port == 9090);
  w.settings["shop"] = "other arguments";
  w.declare();
  w.run(5s);
  CHECK(w.status("shop").version == 2);
  CHECK(w.processes.at(w.some_instance("shop")).pid != pid);
}

TEST_CASE("the daemon that was killed finds what runs, and starts nothing twice") {
  service shop = sleeper("shop");
  shop.fewest = shop.most = 2;
  world w{galaxy_of({shop, sleeper("paste")})};
  w.run(1s);
  w.request("paste");
  w.run(1s);
  const auto before = w.starts;
  w.kill_daemon();
  w.request("shop", 10);  // the edge goes on with the table that it has
  w.run(1s);
  CHECK(w.done == 11);
  w.kill_instance("shop-2");
  w.start_daemon();
  w.run(100ms);
  CHECK(w.told("adopted") == 4);
  w.run(2s);
  CHECK(w.running("shop") == 2);
  CHECK(w.starts["shop"] == before.at("shop") + 1);
  CHECK(w.starts["paste"] == 1);
  CHECK(w.starts["edge"] == 1);
  w.run(1min);
  CHECK(w.running("paste") == 0);
}

TEST_CASE("what the operator wanted, and what was deployed, outlives the daemon") {
  world w{galaxy_of({sleeper("shop")})};
  w.run(1s);
  REQUIRE(w.k->scale(w.time(), "shop", 2));
  REQUIRE(w.k->deploy(w.time(), "shop", {"shop.2", "shop.2"}));
  w.run(50ms);
  w.kill_daemon();
  w.start_daemon();  // in the midst of it
  w.run(10s);
  CHECK(w.running("shop") == 2);
  CHECK(w.status("shop").version == 2);
  CHECK(w.k->deployments("shop")->at(1).state == deployment_state::live);
  for (const auto& [name, p] : w.processes) CHECK((p.service == "edge" || p.file == "shop.2"));
}

TEST_CASE("after the machine was started again, all that should run does, under its old numbers") {
  service shop = sleeper("shop");
  shop.fewest = 1;
  world w{galaxy_of({shop})};
  w.run(1s);
  REQUIRE(w.k->deploy(w.time(), "shop", {"shop.2", "shop.2"}));
  w.run(5s);
  w.kill_daemon();
  w.processes.clear();
  w.restart_switch();
  w.start_daemon();
  w.run(2s);
  CHECK(w.running("shop") == 1);
  CHECK(w.running("edge") == 1);
  CHECK(w.processes.at(w.some_instance("shop")).file == "shop.2");
}

TEST_CASE("the switch that ends takes the network along: instances are replaced") {
  service shop = sleeper("shop");
  shop.fewest = 1;
  world w{galaxy_of({shop})};
  w.run(1s);
  const auto pid = w.processes.at("shop-1").pid;
  w.restart_switch();
  w.run(5s);
  CHECK(w.processes.at("shop-1").pid != pid);
  CHECK(w.status("shop").state == service_state::well);
  CHECK(w.status("edge").state == service_state::well);
  w.request("shop");
  w.run(1s);
  CHECK(w.done == 1);
}

TEST_CASE("a new connection to a switch that stayed changes nothing") {
  service shop = sleeper("shop");
  shop.fewest = 1;
  world w{galaxy_of({shop})};
  w.run(1s);
  const auto starts = w.starts;
  w.kill_daemon();
  w.run(100ms);
  w.start_daemon();
  w.run(1min);
  CHECK(w.starts == starts);
}

TEST_CASE("a disk that is full starts nothing that would be forgotten, and ends nothing") {
  service shop = sleeper("shop");
  shop.fewest = 1;
  world w{galaxy_of({shop, sleeper("paste")})};
  w.run(1s);
  w.store_is_full = true;
  w.request("paste");
  w.run(5s);
  CHECK(w.starts["paste"] == 0);
  CHECK(w.running("shop") == 1);
  w.store_is_full = false;
  w.run(30s);
  w.request("paste");
  w.run(10s);
  CHECK(w.starts["paste"] == 1);
}

TEST_CASE("taken down, requests end first, then all instances, then the galaxy") {
  service shop = sleeper("shop");
  shop.fewest = 1;
  world w{galaxy_of({shop, sleeper("paste")})};
  w.behaviours["shop.1"].answers = 500ms;
  w.behaviours["paste.1"].deaf = true;
  w.run(1s);
  w.request("paste");
  w.run(100ms);
  w.request("shop", 5);
  w.run(1ms);
  w.k->take_down(w.time());
  w.run(30s);
  CHECK(w.finished);
  CHECK(w.processes.empty());
  CHECK(w.instances.empty());
  CHECK_FALSE(w.published);
  CHECK(w.k->scale(w.time(), "shop", 2).error().what == refusal::kind::conflict);
}

TEST_CASE("a port that is taken is told, and tried again") {
  world w{galaxy_of({sleeper("shop")})};
  w.run(1s);
  w.k->switch_said(w.time(),
                   switch_control::failed{.of = "publish", .port = 8080, .why = "port 8080 is in use"});
  w.published.reset();
  CHECK(w.status("edge").why == "port 8080 is in use");
  w.run(1s);
  CHECK_FALSE(w.published);
  w.run(2s);
  CHECK(w.published);
  w.k->switch_said(w.time(), switch_control::done{.of = "publish", .port = 8080});
  CHECK(w.status("edge").why == "");
}

TEST_CASE("sleepers cost nothing: when all sleep, the keeper wants to be called only for the edge") {
  service edge_only = sleeper("a");
  world w{galaxy_of({edge_only, sleeper("b"), sleeper("c")})};
  w.run(10s);
  // Between two probes of the edge there is nothing to do.
  CHECK(w.k->next() - w.now <= 2s);
  w.k->look(w.time());
  CHECK(w.k->take_actions().empty());
}
