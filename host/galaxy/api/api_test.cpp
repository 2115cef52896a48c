#include "host/galaxy/api/api.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <fstream>
#include <map>

#include "aster/http/client_connection.hpp"
#include "aster/json/read.hpp"
#include "aster/task/scope.hpp"
#include "aster/web/test/client.hpp"
#include "host/fibers/socket_stream.hpp"
#include "host/galaxy/api/following.hpp"
#include "host/galaxy/api/metrics.hpp"
#include "host/galaxy/api/test/invented_galaxy.hpp"

using namespace aster;
using namespace aster::host::galaxy;
using aster::host::galaxy::test::invented_galaxy;
using web::test::fields;

namespace {

struct folder {
  folder() {
    char name[] = "/tmp/galaxy-api-XXXXXX";
    path = mkdtemp(name);
  }
  ~folder() { std::filesystem::remove_all(path); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream{path / name, std::ios::app} << text;
  }
  std::filesystem::path path;
};

constexpr const char* page_origin = "http://127.0.0.1:8931";
constexpr const char* page_host = "127.0.0.1:8931";

struct world {
  folder here;
  invented_galaxy galaxy{here.path};
  api for_socket{galaxy, entrance::socket, page_origin, "secret", here.path};
  api for_page{galaxy, entrance::page, page_origin, "secret", here.path};
  web::test::client_base socket{for_socket};
  web::test::client_base page{for_page};

  web::test::reply post(std::string_view target, std::string_view body = "{}") {
    return socket.post(target, "application/json", body);
  }
};

problem_document problem_in(const web::test::reply& r) {
  CHECK(r.header("content-type") == "application/problem+json");
  const auto read = json::read<problem_document>(r.body);
  REQUIRE_MESSAGE(read.has_value(), r.body);
  CHECK(read->status == r.status);
  return *read;
}

template <class T>
std::vector<T> lines_of(const web::test::reply& r) {
  CHECK(r.status == 200);
  CHECK(r.header("content-type") == "application/x-ndjson");
  std::vector<T> all;
  for (std::string_view rest = r.body; !rest.empty();) {
    const std::size_t end = rest.find('\n');
    const auto read = json::read<T>(rest.substr(0, end));
    REQUIRE_MESSAGE(read.has_value(), r.body);
    all.push_back(*read);
    rest.remove_prefix(end + 1);
  }
  return all;
}

}  // namespace

TEST_CASE("the galaxy is shown as its types are") {
  world w;
  const auto reply = w.socket.get("/galaxy");
  CHECK(reply.status == 200);
  const auto shown = json::read<galaxy_status>(reply.body);
  REQUIRE_MESSAGE(shown.has_value(), reply.body);
  CHECK(shown->name == "sample");
  CHECK(shown->page == "http://127.0.0.1:8931/");
  CHECK(shown->services.front().name == "edge");
  CHECK(shown->services.back().state == service_state::crash_loop);
}

TEST_CASE("events are lines, from a number on") {
  world w;
  CHECK(lines_of<event>(w.socket.get("/events")).size() == 2);
  const auto later = lines_of<event>(w.socket.get("/events?after=1"));
  REQUIRE(later.size() == 1);
  CHECK(later[0].number == 2);
  CHECK(later[0].kind == "well");
  CHECK(lines_of<event>(w.socket.get("/events?limit=1"))[0].number == 1);
  CHECK(problem_in(w.socket.get("/events?after=x")).status == 400);
  SUBCASE("and server-sent events for who asks for them, which go on where the page was") {
    const auto reply = w.socket.get("/events", {{"Accept", "text/event-stream"}, {"Last-Event-ID", "1"}});
    CHECK(reply.header("content-type") == "text/event-stream");
    CHECK(reply.body.contains("id: 2\ndata: {\"number\":2"));
    CHECK_FALSE(reply.body.contains("id: 1\n"));
  }
}

TEST_CASE("what is asked of a service is done, or refused as a problem") {
  world w;
  CHECK(w.post("/services/chat/restart").status == 202);
  CHECK(w.post("/services/chat/scale", R"({"instances":3})").status == 202);
  CHECK(w.galaxy.service_of_name("chat")->wanted == 3);
  CHECK(w.post("/services/chat/scale").status == 202);
  CHECK(w.galaxy.service_of_name("chat")->wanted == 0);

  CHECK(problem_in(w.post("/services/chat/scale", R"({"instances":99})")).status == 422);
  CHECK(problem_in(w.post("/services/chat/scale", R"({"instance":2})")).status == 422);
  CHECK(problem_in(w.post("/services/chat/scale", "3")).status == 422);
  CHECK(problem_in(w.post("/services/chat/scale", "{")).status == 400);
  CHECK(problem_in(w.post("/services/shop/restart")).detail == "there is no shop");
  CHECK(problem_in(w.post("/services/shop/restart")).status == 404);

  CHECK(w.post("/services/chat/deploy", R"({"image":"/srv/new/chat"})").body == R"({"version":2})");
  CHECK(problem_in(w.post("/services/chat/deploy", R"({"image":"chat"})")).detail ==
        "image should be an absolute path");
  const auto history = json::read<std::vector<deployment>>(w.socket.get("/services/chat/deployments").body);
  REQUIRE(history.has_value());
  CHECK(history->size() == 2);
  CHECK(history->back().image == "/srv/new/chat");
  CHECK(w.post("/services/chat/rollback").body == R"({"version":3})");
  CHECK(problem_in(w.post("/services/paste/rollback")).status == 409);

  CHECK(w.post("/up").status == 202);
  CHECK_FALSE(w.galaxy.is_down);
  CHECK(w.post("/down").status == 202);
  CHECK(w.galaxy.is_down);
}

TEST_CASE("logs are lines of the instances that are meant, those that are gone too") {
  world w;
  w.here.write("chat-1.log", "one\ntwo\nthree\n");
  w.here.write("shortener-1.log", "a\n");
  w.here.write("shortener-2.log", "b\n");
  w.here.write("paste-4.log", "gone \xff\n");
  w.here.write("daemon.log", "not an instance\n");
  const auto some = lines_of<log_line>(w.socket.get("/logs?service=chat&lines=2"));
  REQUIRE(some.size() == 2);
  CHECK(some[0].instance == "chat-1");
  CHECK(some[0].text == "two");
  CHECK_FALSE(some[0].time.has_value());
  CHECK(lines_of<log_line>(w.socket.get("/logs?service=chat&service=shortener")).size() == 5);
  CHECK(lines_of<log_line>(w.socket.get("/logs?instance=shortener-2"))[0].text == "b");
  CHECK(lines_of<log_line>(w.socket.get("/logs?service=paste"))[0].text == "gone \xef\xbf\xbd");
  CHECK(lines_of<log_line>(w.socket.get("/logs")).size() == 6);
  CHECK(problem_in(w.socket.get("/logs?service=shop")).detail == "there is no service shop");
  CHECK(w.socket.get("/instances/chat-1/console?lines=1").body == "three\n");
}

TEST_CASE("what is typed reaches a console that is read, and is refused by one that is not") {
  world w;
  const auto fifo = w.here.path / "console-chat-1";
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  CHECK(problem_in(w.socket.post("/instances/chat-1/console", "text/plain", "hello\n")).detail ==
        "chat-1 reads no console");
  const host::descriptor reader(open(fifo.c_str(), O_RDONLY | O_NONBLOCK));
  CHECK(w.socket.post("/instances/chat-1/console", "text/plain", "hello\n").status == 202);
  char text[16];
  CHECK(read(reader.get(), text, sizeof text) == 6);
  CHECK(std::string_view{text, 6} == "hello\n");
  CHECK(
      problem_in(w.socket.post("/instances/chat-1/console", "text/plain", std::string(70'000, 'x'))).status ==
      413);
  CHECK(problem_in(w.socket.post("/instances/chat-9/console", "text/plain", "x")).status == 404);
}

TEST_CASE("the page's port wants a token, once in the address and then in a cookie") {
  world w;
  const fields host{{"Host", page_host}};
  CHECK(problem_in(w.page.get("/galaxy", host)).status == 401);
  CHECK(problem_in(w.page.get("/?token=wrong", host)).status == 401);
  CHECK(problem_in(w.page.get("/galaxy?token=secret", host)).status == 401);  // on the first page only
  const auto in = w.page.get("/?token=secret", host);
  CHECK(in.status == 303);
  CHECK(in.header("location") == "/");
  CHECK(in.header("set-cookie") == "asterism-8931=secret; Path=/; HttpOnly; SameSite=Strict");
  CHECK(w.page.get("/", host).status == 200);
  CHECK(w.page.get("/galaxy", host).status == 200);
  CHECK(w.page
            .post("/services/chat/restart", "application/json", "{}",
                  {{"Host", page_host}, {"Origin", page_origin}})
            .status == 202);

  CHECK(problem_in(w.page.get("/galaxy", {{"Host", "evil.example:8931"}})).status == 403);
  CHECK(problem_in(w.page.get("/galaxy", {{"Host", page_host}, {"Origin", "http://evil.example"}})).status ==
        403);
  CHECK(problem_in(w.page.post("/down", "application/json", "{}",
                               {{"Host", page_host}, {"Sec-Fetch-Site", "same-site"}}))
            .status == 403);
  CHECK_FALSE(w.galaxy.is_down);
  CHECK(problem_in(w.page.get("/page", host)).status == 403);
  CHECK(w.socket.get("/page").body == R"({"url":"http://127.0.0.1:8931/?token=secret"})");

  SUBCASE("or in the field that Prometheus sends") {
    w.page.forget_cookies();
    CHECK(w.page.get("/metrics", {{"Host", page_host}, {"Authorization", "Bearer secret"}}).status == 200);
    CHECK(w.page.get("/metrics", {{"Host", page_host}, {"Authorization", "Bearer wrong"}}).status == 401);
  }
  SUBCASE("and its policy lets nothing in from elsewhere") {
    const auto page = w.page.get("/", host);
    CHECK(page.header("content-security-policy")->starts_with("default-src 'none'; script-src 'self';"));
    CHECK_FALSE(page.body.contains("src=\"http"));
    CHECK(page.body.contains("<th scope=\"row\">shortener</th><td>well</td><td>2 of 2</td><td>1204</td>"));
    CHECK(page.body.contains("crash loop: ended with exit code 134"));
    CHECK(w.page.get("/look/page.css", host).header("content-type") == "text/css; charset=utf-8");
    CHECK(w.page.get("/look/page.js", host).header("content-type")->starts_with("text/javascript"));
  }
}

TEST_CASE("metrics are what Prometheus reads, and the dashboard asks for nothing else") {
  world w;
  w.galaxy.service_of_name("paste")->name = "a\"b\\c";
  const auto reply = w.socket.get("/metrics");
  CHECK(reply.header("content-type") == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(reply.body.contains("aster_service_requests_total{galaxy=\"sample\",service=\"shortener\"} 1204\n"));
  CHECK(reply.body.contains("aster_service_requests_total{galaxy=\"sample\",service=\"a\\\"b\\\\c\"} 17\n"));
  CHECK(reply.body.contains(
      "aster_service_state{galaxy=\"sample\",service=\"status\",state=\"crash_loop\"} 1\n"));
  CHECK(reply.body.contains(
      "aster_service_instances{galaxy=\"sample\",service=\"shortener\",state=\"well\"} 2\n"));

  std::ifstream file{GRAFANA};
  const std::string dashboard{std::istreambuf_iterator<char>{file}, {}};
  std::size_t names = 0;
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz_";
  for (std::size_t at = 0; (at = dashboard.find("aster_", at)) != dashboard.npos; ++names) {
    const std::size_t end = dashboard.find_first_not_of(letters, at);
    const std::string name = dashboard.substr(at, end - at);
    CAPTURE(name);
    CHECK(reply.body.contains("\n# TYPE " + name + " "));
    at = end;
  }
  CHECK(names > 8);
}

namespace {

struct schema {
  std::optional<std::string> type, format;
};
struct parameter {
  std::string name, in;
  bool required = false;
};
struct operation_text {
  std::string summary;
  std::optional<std::vector<parameter>> parameters;
  std::optional<json::raw> requestBody;
  std::map<std::string, json::raw> responses;
};
struct document {
  std::string openapi;
  std::map<std::string, std::map<std::string, operation_text>> paths;
  struct {
    std::map<std::string, json::raw> schemas;
  } components;
};

}  // namespace

TEST_CASE("the description is of the routes there are") {
  world w;
  const auto reply = w.socket.get("/openapi.json");
  CHECK(reply.header("content-type") == "application/json");
  const auto read = json::read<document>(reply.body);
  REQUIRE_MESSAGE(read.has_value(), read.error().text());
  CHECK(read->openapi == "3.1.0");
  std::size_t operations = 0;
  for (const auto& [path, methods] : read->paths) {
    for (const auto& [method, what] : methods) {
      CAPTURE(path);
      CAPTURE(method);
      ++operations;
      CHECK_FALSE(what.summary.empty());
      CHECK(what.responses.contains("default"));
      CHECK(what.responses.size() == 2);
      std::string target = path;
      for (const auto& p : what.parameters.value_or(std::vector<parameter>{})) {
        CHECK((p.in == "path") == path.contains("{" + p.name + "}"));
        if (p.in == "path")
          target.replace(target.find('{'), p.name.size() + 2, p.name == "service" ? "chat" : "chat-1");
      }
      std::string verb = method;
      std::ranges::transform(verb, verb.begin(), [](char c) { return static_cast<char>(c - 32); });
      // A route that is not there, or has not this method, would say so.
      const auto answer = w.socket.send(verb, target, {{"Content-Type", "application/json"}},
                                        !what.requestBody          ? ""
                                        : path.ends_with("deploy") ? R"({"image":"/srv/x"})"
                                                                   : "{}");
      CHECK(answer.status != 405);
      if (answer.status == 404) CHECK_FALSE(problem_in(answer).detail.value_or("").empty());
      if (answer.status < 300) {
        REQUIRE(what.responses.contains(std::to_string(answer.status)));
        const std::string_view type = answer.header("content-type").value_or("");
        CHECK(what.responses.at(std::to_string(answer.status)).text.contains(type.substr(0, type.find(';'))));
      }
      CHECK(w.socket.send("BREW", target, {}, "").status == 405);
    }
  }
  CHECK(operations == 15);
  const auto& status = read->components.schemas.at("service_status").text;
  CHECK(status.contains(
      R"("state":{"type":"string","enum":["asleep","starting","well","unwell","crash_loop","stopped"]})"));
  CHECK(status.contains(
      R"("instances":{"type":"array","items":{"$ref":"#/components/schemas/instance_status"}})"));
  CHECK(read->components.schemas.contains("problem_document"));
  CHECK_FALSE(read->components.schemas.at("scaling").text.contains("required"));
  CHECK(read->paths.at("/logs").at("get").parameters->size() == 4);
}

namespace {

/// Reads a body that goes on until it holds `text`.
void read_until(http::client_connection& from, std::string& seen, std::string_view text) {
  std::array<std::byte, 1024> buffer;
  while (!seen.contains(text)) {
    const auto got = from.read(buffer);
    REQUIRE(got.has_value());
    REQUIRE(*got > 0);
    seen.append(reinterpret_cast<const char*>(buffer.data()), *got);
  }
}

struct connected {
  explicit connected(const std::filesystem::path& socket) : stream(host::connect_unix(socket).value()) {}
  void get(std::string_view target) {
    REQUIRE(http.send({.target = target, .host = "galaxy"}).has_value());
    REQUIRE(http.receive().has_value());
  }
  std::unique_ptr<host::socket_stream> stream;
  http::limits limits;
  http::client_connection http{*stream, limits};
};

}  // namespace

TEST_CASE("served on its socket, it is followed, and a page's port and token outlive it") {
  folder here;
  invented_galaxy galaxy{here.path};
  here.write("chat-1.log", "before\n");
  api_options options;
  options.socket = here.path / "api";
  options.memory = here.path / "page.json";
  options.logs = here.path;
  std::string url;
  {
    task::scope fibers{"test"};
    fibers.spawn("api", [&] { serve_api(galaxy, options); });
    task::yield();
    {
      connected events{options.socket}, logs{options.socket}, status{options.socket};
      std::string seen;
      events.get("/events?after=2&follow=1");
      galaxy.tell("woken", "paste", {}, "a request woke paste");
      read_until(events.http, seen, "a request woke paste");
      CHECK_FALSE(seen.contains("edge-1"));

      logs.get("/logs?service=chat&follow=1");
      read_until(logs.http, seen, "\"text\":\"before\"");
      here.write("chat-1.log", "behind\n");
      read_until(logs.http, seen, "\"text\":\"behind\"");
      CHECK(seen.contains("\"instance\":\"chat-1\",\"time\":1"));

      status.get("/galaxy?follow=1");
      read_until(status.http, seen, "\"requests\":88");
      galaxy.service_of_name("chat")->requests = 89;
      galaxy.touch();
      read_until(status.http, seen, "\"requests\":89");

      connected page{options.socket};
      page.get("/page");
      url = page.http.all().value();
      CHECK(url.starts_with("{\"url\":\"http://127.0.0.1:"));
    }
    fibers.cancel();
  }
  CHECK((std::filesystem::status(options.memory).permissions() & std::filesystem::perms::all) ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  task::scope fibers{"test"};
  fibers.spawn("api", [&] { serve_api(galaxy, options); });
  task::yield();
  connected page{options.socket};
  page.get("/page");
  CHECK(page.http.all().value() == url);
  fibers.cancel();
}
