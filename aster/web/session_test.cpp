#include "aster/web/session.hpp"

#include <doctest/doctest.h>

#include <string>

#include "aster/web/csrf.hpp"
#include "aster/web/form.hpp"
#include "aster/web/sealed_session.hpp"
#include "aster/web/test/client.hpp"

using namespace aster;
using namespace std::literals;

namespace {

struct visitor {
  std::optional<std::string> user;
  int visits = 0;
};

constexpr web::route<"/"> home;
constexpr web::route<"/count"> count;
constexpr web::route<"/login"> login;
constexpr web::route<"/logout"> logout;
constexpr web::route<"/token"> token;

/// The same program over either kind of sessions.
template <class Store>
auto program(Store& store) {
  return web::app{
      web::sessions(store),
      web::get(home,
               [](web::session<visitor>& s) {
                 std::string page = s->user.value_or("nobody") + " " + std::to_string(s->visits);
                 for (const std::string& flash : s.take_flashes()) page += " [" + flash + "]";
                 return page;
               }),
      web::get(count, [](web::session<visitor>& s) { return std::to_string(++s->visits); }),
      web::post(login,
                [](web::session<visitor>& s) {
                  s.renew();
                  s->user = "ada";
                  s.flash("Welcome!");
                  return web::see_other(home());
                }),
      web::post(logout,
                [](web::session<visitor>& s) {
                  s.end();
                  return web::see_other(home());
                }),
      web::group(web::csrf<visitor>(),
                 web::get(token, [](web::session<visitor>& s) { return s.csrf_token(); }),
                 web::post(token, [](const web::request& req) { return std::string{req.body()}; })),
  };
}

template <class Store>
void check_sessions(Store& store) {
  auto app = program(store);
  web::test::client client{app};
  const auto first = client.get("/");
  CHECK(first.body == "nobody 0");
  CHECK(!first.header("set-cookie"));

  const auto counted = client.get("/count");
  CHECK(counted.body == "1");
  CHECK(counted.header("set-cookie")->starts_with("__Host-session="));
  CHECK(counted.header("set-cookie")->ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax"));
  CHECK(client.get("/count").body == "2");
  CHECK(!client.get("/").header("set-cookie"));

  const std::string before = client.cookies();
  CHECK(client.post("/login", "text/plain", "").status == 303);
  CHECK(client.cookies() != before);
  CHECK(client.get("/").body == "ada 2 [Welcome!]");
  CHECK(client.get("/").body == "ada 2");

  web::test::client other{app};
  CHECK(other.get("/").body == "nobody 0");
  CHECK(other.get("/", {{"Cookie", "__Host-session=forged"}}).body == "nobody 0");

  CHECK(client.post("/logout", "text/plain", "").header("set-cookie")->contains("Max-Age=0"));
  CHECK(client.cookies().empty());
  CHECK(client.get("/").body == "nobody 0");
}

template <class Store>
void check_csrf(Store& store) {
  auto app = program(store);
  web::test::client client{app};
  const std::string one = client.get("/token").body, two = client.get("/token").body;
  CHECK(one != two);
  for (const std::string& each : {one, two}) {
    CHECK(client.post_form("/token", {{"a", "b"}, {"csrf_token", each}}).status == 200);
    CHECK(client.post("/token", "application/json", "{}", {{"X-CSRF-Token", each}}).body == "{}");
  }
  CHECK(client.post_form("/token", {{"a", "b"}}).status == 403);
  CHECK(client.post_form("/token", {{"csrf_token", ""}}).status == 403);
  CHECK(client.post_form("/token", {{"csrf_token", one.substr(1)}}).status == 403);
  CHECK(client.post_form("/token", {{"csrf_token", std::string(one.size(), 'A')}}).status == 403);
  CHECK(client.post("/token", "application/json", "{}").status == 403);

  const web::test::fields good{{"csrf_token", one}};
  CHECK(client.post_form("/token", good, {{"Sec-Fetch-Site", "same-origin"}}).status == 200);
  CHECK(client.post_form("/token", good, {{"Sec-Fetch-Site", "cross-site"}}).status == 403);
  CHECK(client.post_form("/token", good, {{"Sec-Fetch-Site", "same-site"}}).status == 403);
  CHECK(client.post_form("/token", good, {{"Origin", "https://test.example"}}).status == 200);
  CHECK(client.post_form("/token", good, {{"Origin", "https://evil.example"}}).status == 403);
  CHECK(client.post_form("/token", good, {{"Origin", "null"}}).status == 403);

  const std::string parts = "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--b--";
  const std::string type = "multipart/form-data; boundary=b";
  CHECK(client.post("/token", type, parts).status == 403);
  CHECK(client.post("/token", type, parts, {{"Sec-Fetch-Site", "same-origin"}}).body == parts);
  CHECK(client.post("/token", type, parts, {{"X-CSRF-Token", one}}).body == parts);

  web::test::client other{app};
  CHECK(other.post_form("/token", good).status == 403);
  CHECK(other.get("/token").status == 200);
  CHECK(other.post_form("/token", good).status == 403);

  CHECK(client.post("/login", "text/plain", "").status == 303);
  CHECK(client.post_form("/token", good).status == 403);  // of the time before
  CHECK(client.post_form("/token", {{"csrf_token", client.get("/token").body}}).status == 200);
}

}  // namespace

TEST_CASE("a session is kept in memory") {
  web::session_store<visitor> store;
  check_sessions(store);
  CHECK(store.size() == 0);
}
TEST_CASE("a session is kept in an encrypted cookie") {
  web::sealed_sessions<visitor> store{web::keys{std::string(32, 'a')}};
  check_sessions(store);
}
TEST_CASE("forms need a token of the session (in memory)") {
  web::session_store<visitor> store;
  check_csrf(store);
}
TEST_CASE("forms need a token of the session (in a cookie)") {
  web::sealed_sessions<visitor> store{web::keys{std::string(32, 'a')}};
  check_csrf(store);
}

TEST_CASE("the number of sessions in memory is bounded: the one unused for longest goes") {
  web::session_store<visitor> store{{.sessions = 2}};
  auto app = program(store);
  web::test::client a{app}, b{app}, c{app};
  CHECK(a.get("/count").body == "1");
  CHECK(b.get("/count").body == "1");
  CHECK(a.get("/count").body == "2");
  CHECK(c.get("/count").body == "1");
  CHECK(store.size() == 2);
  CHECK(a.get("/count").body == "3");
  CHECK(b.get("/count").body == "1");
}

TEST_CASE("an old id is nothing after a renewal, and sessions end when nobody uses them") {
  web::session_store<visitor> store;
  auto app = program(store);
  web::test::client client{app};
  client.get("/count");
  const std::string old = client.cookies();
  client.post("/login", "text/plain", "");
  CHECK(store.size() == 1);
  web::test::client thief{app};
  CHECK(thief.get("/", {{"Cookie", old}}).body == "nobody 0");

  web::session_store<visitor> brief{{.lifetime = 0s}};
  auto short_lived = program(brief);
  web::test::client late{short_lived};
  CHECK(late.get("/count").body == "1");
  CHECK(late.get("/count").body == "1");
  CHECK(brief.size() == 1);
}

TEST_CASE("a cookie without secure has no prefix, and one of another shape begins anew") {
  const web::keys keys{std::string(32, 'a')};
  web::sealed_sessions<visitor> store{keys, {.secure = false}};
  auto app = program(store);
  web::test::client client{app};
  CHECK(client.get("/count").header("set-cookie")->starts_with("session="));
  CHECK(!client.get("/count").header("set-cookie")->contains("Secure"));

  struct grown {
    int visits = 0;
    std::string must;
  };
  web::sealed_sessions<grown> later{keys, {.secure = false}};
  web::app next{web::sessions(later),
                web::get(home, [](web::session<grown>& s) { return std::to_string(s->visits); })};
  web::test::client same{next};
  const auto answer = same.get("/", {{"Cookie", client.cookies()}});
  CHECK(answer.body == "0");
  CHECK(answer.header("set-cookie")->contains("Max-Age=0"));
}

TEST_CASE("a program without sessions can refuse what other sites send") {
  web::app app{web::same_origin({.origins = {"https://friend.example"}}),
               web::get(home, [] { return "read"; }), web::post(home, [] { return "written"; })};
  web::test::client client{app};
  CHECK(client.post("/", "text/plain", "").status == 200);
  CHECK(client.post("/", "text/plain", "", {{"Sec-Fetch-Site", "same-origin"}}).status == 200);
  CHECK(client.post("/", "text/plain", "", {{"Sec-Fetch-Site", "cross-site"}}).status == 403);
  CHECK(client
            .post("/", "text/plain", "",
                  {{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://friend.example"}})
            .status == 200);
  CHECK(client.post("/", "text/plain", "", {{"Origin", "https://test.example:8443"}}).status == 403);
  CHECK(client.get("/", {{"Sec-Fetch-Site", "cross-site"}}).status == 200);
}
