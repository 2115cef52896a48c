#include "host/galaxy/declaration.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <ranges>

using namespace aster::host;
using namespace aster::host::galaxy;
using namespace std::chrono_literals;

namespace {

declaration accepted(std::string_view text) {
  auto result = read_declaration(text, "sample");
  if (!result)
    for (const complaint& c : result.error()) MESSAGE(to_string(c, "galaxy.toml"));
  REQUIRE(result.has_value());
  return std::move(*result);
}

/// All complaints as a person reads them.
std::string refused(std::string_view text) {
  const auto result = read_declaration(text, "sample");
  REQUIRE_FALSE(result.has_value());
  REQUIRE_FALSE(result.error().empty());
  std::string out;
  for (const complaint& c : result.error()) out += to_string(c, "galaxy.toml") + "\n";
  return out;
}

constexpr std::string_view one = "[service.a]\nimage = 'a.img'\n";

}  // namespace

TEST_CASE("the smallest galaxy is one image, and everything else has a default") {
  const declaration d = accepted(one);
  CHECK(d.name == "sample");
  CHECK(d.front.address == "127.0.0.1");
  CHECK(d.front.port == 8080);
  REQUIRE(d.services.size() == 1);
  const service& s = d.services.front();
  CHECK(s.name == "a");
  CHECK(s.image == "a.img");
  CHECK(s.source.empty());
  CHECK(s.target == run_target::automatic);
  CHECK(s.memory == 64u << 20);
  CHECK_FALSE(s.processor_share.has_value());
  CHECK(s.port == 80);
  CHECK(s.fewest == 0);
  CHECK(s.most == 1);
  CHECK(s.idle == 30s);
  CHECK(s.health.by == health_check::kind::tcp);
  CHECK(s.restart.when == restart_policy::condition::always);
  CHECK(d.routes.empty());
}

TEST_CASE("everything that can be said about a service is read") {
  const declaration d = accepted(R"(
name = "constellation"

[edge]
listen = "0.0.0.0:80"
source = "site"
memory = "32M"

[service.shortener]
source = "../workshop/05-shortener"
on = "sandbox"
memory = "16M"
cpu = 0.5
port = 8000
arguments = ["--origin", "http://example.org"]
environment = { TITLE = "Short", COLOUR = "" }
secrets = { KEY = "secrets/key" }
devices = { lan = "tap:tap7", wan = "user" }
replicas = { min = 1, max = 4 }
concurrency = 10
idle = "2m"
health = { http = "/health", every = "500ms", timeout = "100ms", failures = 5 }
restart = { when = "on-failure", backoff = "50ms", most = "1m" }
needs = ["paste"]
reaches = ["paste", "world"]

[service.paste]
image = "paste.img"
health = { tcp = false }
)");
  CHECK(d.name == "constellation");
  CHECK(d.front.address == "0.0.0.0");
  CHECK(d.front.port == 80);
  CHECK(d.front.source == "site");
  CHECK(d.front.memory == 32u << 20);
  REQUIRE(d.services.size() == 2);
  CHECK(d.services[0].name == "paste");  // the other one needs it
  CHECK(d.services[0].health.by == health_check::kind::started);
  const service& s = d.services[1];
  CHECK(s.source == "../workshop/05-shortener");
  CHECK(s.target == run_target::sandbox);
  CHECK(s.memory == 16u << 20);
  CHECK(s.processor_share == 0.5);
  CHECK(s.port == 8000);
  CHECK(s.arguments == std::vector<std::string>{"--origin", "http://example.org"});
  CHECK(s.environment == std::vector<std::string>{"TITLE=Short", "COLOUR="});
  REQUIRE(s.secrets.size() == 1);
  CHECK(s.secrets[0].variable == "KEY");
  CHECK(s.secrets[0].file == "secrets/key");
  CHECK(s.devices == std::vector<std::string>{"lan=tap:tap7", "wan=user"});
  CHECK(s.fewest == 1);
  CHECK(s.most == 4);
  CHECK(s.concurrency == 10);
  CHECK(s.idle == 2min);
  CHECK(s.health.by == health_check::kind::http);
  CHECK(s.health.path == "/health");
  CHECK(s.health.every == 500ms);
  CHECK(s.health.timeout == 100ms);
  CHECK(s.health.failures == 5);
  CHECK(s.restart.when == restart_policy::condition::on_failure);
  CHECK(s.restart.first == 50ms);
  CHECK(s.restart.most == 1min);
  CHECK(s.needs == std::vector<std::string>{"paste"});
  CHECK(s.reaches == std::vector<std::string>{"paste"});
  CHECK(s.reaches_world);
}

TEST_CASE("services stand in the file's order, but behind those they need") {
  const declaration d = accepted(
      "[service.z]\nimage='i'\nneeds=['m']\n[service.y]\nimage='i'\n[service.m]\nimage='i'\nneeds=['y']\n["
      "service.a]\nimage='i'\n");
  CHECK(std::ranges::equal(d.services | std::views::transform(&service::name),
                           std::array<std::string_view, 4>{"y", "m", "z", "a"}));
}

TEST_CASE("services of a common network reach each other") {
  const declaration d = accepted(R"(
[service.a]
image = "a"
reaches = ["c"]
[service.b]
image = "b"
[service.c]
image = "c"
[network.back]
services = ["a", "b"]
[network.front]
services = ["c", "a"]
)");
  CHECK(d.services[0].reaches == std::vector<std::string>{"c", "b"});
  CHECK(d.services[1].reaches == std::vector<std::string>{"a"});
  CHECK(d.services[2].reaches == std::vector<std::string>{"a"});
}

TEST_CASE("routes are tried with a host's first, and the longest path first") {
  const declaration d = accepted(std::string{one} +
                                 "[[route]]\nservice='a'\n"
                                 "[[route]]\npath='/s/'\nservice='a'\nstrip=true\n"
                                 "[[route]]\npath='/s/deep'\nservice='a'\n"
                                 "[[route]]\nhost='Example.org'\nservice='a'\n");
  REQUIRE(d.routes.size() == 4);
  CHECK(d.routes[0].host == "example.org");
  CHECK(d.routes[1].path == "/s/deep");
  CHECK(d.routes[2].path == "/s");
  CHECK(d.routes[2].strip);
  CHECK(d.routes[3].path == "/");
}

TEST_CASE("a complaint says where, what, and the nearest that is allowed") {
  CHECK(refused("[service.shortener]\nimage = 'a'\nmemroy = '16M'\n") ==
        "galaxy.toml:3:1: service.shortener: no key `memroy`; did you mean `memory`?\n");
  CHECK(refused("[servce.a]\nimage = 'a'\n").contains("no key `servce`; did you mean `service`?"));
  CHECK(refused(std::string{one} + "restart = { when = 'alway' }\n") ==
        "galaxy.toml:3:20: service.a.restart.when: no `alway`; did you mean `always`? There are: always, "
        "on-failure, "
        "never\n");
  CHECK(refused(std::string{one} + "needs = ['b']\n[service.bb]\nimage='i'\n")
            .contains("service.a.needs: no service `b`; did you mean `bb`?"));
  CHECK(refused(std::string{one} + "on = 'sandbx'\n").contains("galaxy.toml:3:6: service.a.on: "));
}

TEST_CASE("everything that is wrong is told at once, in the file's order") {
  const std::string all =
      refused("[service.a]\nimage = 'a'\nport = 0\nmemory = 'much'\n[[route]]\nservice = 'b'\n");
  const auto lines = std::ranges::count(all, '\n');
  CHECK(lines == 3);
  CHECK(all.find(":3:") < all.find(":4:"));
  CHECK(all.find(":4:") < all.find(":6:"));
}

TEST_CASE("values out of range or of another kind are named with what is wanted") {
  struct sample {
    std::string line, part;
  };
  for (const auto& [line, part] : {
           sample{"port = 0", "is 0; wanted is a whole number from 1 to 65535"},
           {"port = -1", "is -1; wanted is a whole number"},
           {"port = 80.5", "is a number; wanted is a whole number"},
           {"port = '80'", "is a text; wanted is a whole number"},
           {"memory = 16", "is a whole number; wanted is a text"},
           {"memory = '16X'", "`16X` is no amount of memory; write it as \"512K\""},
           {"cpu = 0", "is 0; wanted is a number above 0"},
           {"cpu = nan", "wanted is a number above 0"},
           {"cpu = true", "is true or false; wanted is a number"},
           {"idle = '5'", "`5` is no span of time; write it as \"250ms\""},
           {"idle = '1ms'", "is 1ms; the least is 100ms"},
           {"arguments = 'a'", "is a text; wanted is a list of texts"},
           {"arguments = [1]", "holds a whole number; wanted is a list of texts"},
           {"environment = ['a']", "is a list; wanted is a table"},
           {"environment = { '1A' = 'x' }", "`1A` is no variable's name"},
           {"environment = { A = 'x' }\nsecrets = { A = 'f' }", "`A` is set twice"},
           {"secrets = { A = '' }", "`A` names no file"},
           {"replicas = { min = 3, max = 2 }", "is 2, and `min` is 3"},
           {"health = { http = 'x' }", "is no path"},
           {"health = { http = '/x', tcp = true }", "is beside `http`"},
           {"restart = { backoff = '1m', most = '1s' }", "is shorter than `backoff`"},
           {"devices = { lan = 'tap' }", "devices"},
           {"devices = { service = 'user' }", "which is on the galaxy's network"},
           {"devices = { lan = 'switch:/s,t' }", "to a switch; write \"tap:NAME\""},
           {"[network.n]\nservices = ['a']", "names fewer than two services"},
           {"[network.n]\nservices = ['a', 'b']", "no service `b`"},
           {"[volume.v]", "an image has no disk"},
           {"needs = ['a']", "names the service itself"},
           {"reaches = ['x']", "no service `x` in this file"},
           {"source = 's'", "is beside `image`"},
           {"[[route]]\npath = '/'", "leads to no `service`"},
           {"[[route]]\npath = 's'\nservice = 'a'", "is no path"},
           {"[[route]]\npath = '/a/../b'\nservice = 'a'", "is no path"},
           {"[[route]]\nhost = 'a:80'\nservice = 'a'", "is no host's name"},
           {"[[route]]\nservice = 'a'\n[[route]]\nservice = 'a'", "another route has the same host and path"},
           {"[edge]\nlisten = 'here'", "write it as \"127.0.0.1:8080\""},
           {"[edge]\nlisten = '1.2.3:80'", "write it as"},
           {"[edge]\nlisten = '70000'", "write it as"},
           {"[service.A]\nimage = 'i'", "a name is made of a–z"},
           {"[service.world]\nimage = 'i'", "has a meaning of its own"},
           {"[service.b]", "has neither `image` (a file) nor `source`"},
           {"[service]\nb = 1", "is a whole number; wanted is a table"},
       }) {
    CAPTURE(line);
    const std::string all = refused(std::string{one} + line + "\n");
    CAPTURE(all);
    CHECK(all.contains(part));
  }
}

TEST_CASE("services that need each other in a circle are named along it") {
  CHECK(refused("[service.a]\nimage='i'\nneeds=['b']\n[service.b]\nimage='i'\nneeds=['c']\n[service.c]"
                "\nimage='i'\nneeds=['b']\n")
            .contains("leads in a circle: b needs c needs b"));
}

TEST_CASE("a file that is no TOML, or has no service, says so") {
  CHECK(refused("[service.a\nimage = 1").starts_with("galaxy.toml:1:"));
  CHECK(refused("").contains("there is no service; begin one with [service.NAME]"));
  CHECK(refused("[service]\n").contains("has no service in it"));
}

TEST_CASE("bytes of the file never act on a terminal") {
  CHECK(refused("\"\\u001b[31m\" = 1\n" + std::string{one}).contains("\\x1b[31m"));
}
