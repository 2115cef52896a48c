// Whatever happens, in whatever order: what must hold does (test_world.hpp checks it after each action), and
// once things leave the galaxy alone, it is well.
#include "host/galaxy/test_world.hpp"

using namespace aster::host::galaxy;
using namespace aster::host::galaxy::test;
using namespace std::chrono_literals;

namespace {

declaration some_galaxy() {
  service shop = sleeper("shop"), paste = sleeper("paste"), chat = sleeper("chat"), links = sleeper("links");
  shop.fewest = 1;
  shop.most = 4;
  shop.concurrency = 8;
  shop.idle = 5s;
  shop.needs = {"paste"};
  shop.reaches = {"paste", "chat"};
  paste.idle = 3s;
  chat.fewest = chat.most = 2;
  chat.reaches = {"paste"};
  links.most = 3;
  links.concurrency = 4;
  links.idle = 2s;
  return galaxy_of({paste, shop, chat, links});
}

const std::vector<std::string> names{"paste", "shop", "chat", "links"};

void something_happens(world& w) {
  const std::string& service = names[w.chance(4)];
  switch (w.chance(20)) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4: w.request(service, 1 + w.chance(5)); break;
    case 5: w.request(service, 1 + w.chance(200)); break;
    case 6: w.kill_instance(w.some_instance(service), static_cast<int>(w.chance(3))); break;
    case 7:
      if (const auto name = w.some_instance(service); !name.empty()) w.processes.at(name).frozen = true;
      break;
    case 8:
      w.kill_daemon();
      w.run(std::chrono::milliseconds(w.chance(3000)));
      w.start_daemon();
      break;
    case 9: w.die_after(w.chance(12)); break;
    case 10:
      if (w.chance(3) == 0) w.restart_switch();
      break;
    case 11:
      if (w.chance(3) == 0) w.kill_instance("edge-1");
      break;
    case 12:
      if (w.k) w.ask(names[1 + w.chance(2)], service);
      break;
    case 13:
      if (w.k)
        (void)w.k->scale(w.time(), service, w.chance(2) == 0 ? std::nullopt : std::optional(w.chance(6)));
      break;
    case 14:
      if (w.k) (void)w.k->restart(w.time(), service);
      break;
    case 15:
    case 16:
      if (w.k) {
        const std::string file = std::format("{}.{}", service, w.chance(6));
        behaviour& b = w.behaviours[file];
        b.boots = std::chrono::milliseconds(1 + w.chance(400));
        b.never_well = w.chance(4) == 0;
        b.deaf = w.chance(4) == 0;
        if (w.chance(4) == 0) b.ends = std::chrono::milliseconds(w.chance(3000));
        b.code = static_cast<int>(w.chance(2));
        b.answers = std::chrono::milliseconds(1 + w.chance(300));
        (void)w.k->deploy(w.time(), service, {file, file});
      }
      break;
    case 17:
      if (w.k) (void)w.k->rollback(w.time(), service);
      break;
    case 18: w.store_is_full = w.chance(2) == 0; break;
    case 19:
      if (w.k) {
        w.settings[service] = std::to_string(w.chance(3));
        w.declare();
      }
      break;
  }
}

}  // namespace

TEST_CASE("a galaxy that everything happens to keeps its rules, and is well when it is left alone") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    world w{some_galaxy(), seed};
    w.run(2s);
    for (int i = 0; i < 150; ++i) {
      something_happens(w);
      w.run(std::chrono::milliseconds(w.chance(w.chance(8) == 0 ? 8000 : 200)));
      if (!w.k) w.start_daemon();
    }
    // The faults are over.
    w.store_is_full = false;
    w.behaviours.clear();
    for (auto& [name, p] : w.processes) p.answers = 5ms;
    for (const std::string& name : names) {
      w.run(60s);  // a deployment that was under way
      if (!w.k) w.start_daemon();
      REQUIRE(w.k->scale(w.time(), name, std::nullopt));
      w.image[name] = {name + ".last", name + ".last"};
    }
    w.declare();
    w.run(3min);
    for (const char* name : {"shop", "chat", "paste"}) CHECK(w.status(name).state == service_state::well);
    CHECK(w.status("edge").state == service_state::well);
    CHECK(w.running("chat") == 2);
    CHECK(w.running("shop") == 1);
    CHECK(w.running("links") == 0);
    CHECK(w.questions.empty());
    for (const auto& [name, p] : w.processes) CHECK((p.service == "edge" || p.file == p.service + ".last"));
    const auto before = w.done;
    for (const std::string& name : names) w.request(name, 5);
    w.run(2s);
    CHECK(w.done - before == 20);
    for (const auto& [service, count] : w.waiting) CHECK(count == 0);
    w.k->take_down(w.time());
    w.run(1min);
    CHECK(w.finished);
  }
}

TEST_CASE("killed after any number of actions of a deployment, the daemon brings it to its end") {
  for (unsigned actions = 0; actions < 40; ++actions) {
    CAPTURE(actions);
    service shop = sleeper("shop");
    shop.fewest = shop.most = 2;
    world w{galaxy_of({shop}), actions + 1};
    w.run(2s);
    REQUIRE(w.k->deploy(w.time(), "shop", {"shop.2", "shop.2"}));
    w.die_after(actions);
    for (int i = 0; i < 1000; ++i) {
      w.request("shop");
      w.run(10ms);
      if (!w.k) w.start_daemon();
    }
    w.run(10s);
    CHECK(w.running("shop") == 2);
    CHECK(w.broken + w.refused == 0);
    CHECK(w.done == 1000);
    // Killed before it was written down, it was never begun.
    CHECK(w.status("shop").version == (actions == 0 ? 1 : 2));
    CHECK_FALSE(w.k->deployments("shop")->back().state == deployment_state::rolling);
  }
}

TEST_CASE("killed while it takes in a changed galaxy.toml, the daemon does not forget the change") {
  for (unsigned actions = 0; actions < 12; ++actions) {
    CAPTURE(actions);
    service shop = sleeper("shop");
    shop.fewest = 1;
    world w{galaxy_of({shop}), actions + 1};
    w.run(2s);
    w.settings["shop"] = "other arguments";
    w.image["shop"] = {"shop.2", "shop.2"};
    w.declare();
    w.die_after(actions);
    w.run(1s);
    if (!w.k) w.start_daemon();
    w.run(20s);
    CHECK(w.processes.at(w.some_instance("shop")).file == "shop.2");
    CHECK(w.running("shop") == 1);
  }
}
