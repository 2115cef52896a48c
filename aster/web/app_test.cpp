#include "aster/web/app.hpp"

#include <doctest/doctest.h>

#include <array>
#include <stdexcept>
#include <string>

#include "aster/web/authorization.hpp"
#include "aster/web/test/client.hpp"

using namespace aster;

namespace {

constexpr web::route<"/"> home;
constexpr web::route<"/links"> links;
constexpr web::route<"/{id}", web::slug> link;
constexpr web::route<"/{id}/edit", web::slug> edit;
constexpr web::route<"/n/{number}", int> number;
constexpr web::route<"/files/{path...}", std::string_view> files;
constexpr web::route<"/search?{q}&{page?}&{tag*}", std::string, int, std::string> search;
constexpr web::route<"/about/"> about;

struct user {
  std::string name;
};
struct table {
  int size = 3;
};

/// Does not say what it should be.
struct taste {
  static std::optional<taste> parse(std::string_view text) {
    if (text != "sweet") return std::nullopt;
    return taste{};
  }
  std::string_view text() const { return "sweet"; }
};

std::string show(const web::slug& id) { return "link " + std::string{id.text()}; }

}  // namespace

TEST_CASE("a request finds the handler of its route, which gets what was captured") {
  web::app app{
      web::get(home, [] { return "home"; }),
      web::get(links, [] { return "links"; }),
      web::post(links, [](const web::request& req) { return "made of " + std::string{req.body()}; }),
      web::get(link, show),
      web::get(edit, [](web::slug id) { return "edit " + std::string{id.text()}; }),
      web::get(number, [](int n) { return std::to_string(n + 1); }),
      web::get(files, [](std::string_view path) { return "file " + std::string{path}; }),
      web::get(about, [] { return "about"; }),
      web::get(search,
               [](std::string q, std::optional<int> page, std::vector<std::string> tags) {
                 return q + " " + std::to_string(page.value_or(1)) + " " + std::to_string(tags.size());
               }),
  };
  web::test::client client{app};
  CHECK(client.get("/").body == "home");
  CHECK(client.get("/links").body == "links");
  CHECK(client.post("/links", "text/plain", "x").body == "made of x");
  CHECK(client.get("/xvw").body == "link xvw");
  CHECK(client.get("/xvw/edit").body == "edit xvw");
  CHECK(client.get("/%78vw").body == "link xvw");
  CHECK(client.get("/links/edit").body == "edit links");
  CHECK(client.get("/n/41").body == "42");
  CHECK(client.get("/files/a/b%20c").body == "file a/b c");
  CHECK(client.get("/files/").body == "file ");
  CHECK(client.get("/search?q=a+b&page=2&tag=x&tag=y").body == "a b 2 2");
  CHECK(client.get("/search?q=1").body == "1 1 0");

  SUBCASE("what does not fit is no match, or a bad request that names the parameter") {
    CHECK(client.get("/n/x").status == 404);
    CHECK(client.get("/n/007").status == 404);
    CHECK(client.get("/a.b").status == 404);
    CHECK(client.get("/a/b/c").status == 404);
    CHECK(client.get("//x").status == 404);
    CHECK(client.get("/%").status == 400);
    CHECK(client.get("/search").status == 400);
    CHECK(client.get("/search").body == "the parameter 'q' is missing\n");
    CHECK(client.get("/search?q=1&page=x").body == "the parameter 'page' should be a whole number\n");
  }
  SUBCASE("a method without a route is told which there are") {
    const auto reply = client.send("DELETE", "/links", {}, {});
    CHECK(reply.status == 405);
    CHECK(reply.header("allow") == "GET, HEAD, POST, OPTIONS");
    CHECK(client.send("OPTIONS", "/links", {}, {}).status == 204);
    CHECK(client.send("OPTIONS", "/links", {}, {}).header("allow") == "GET, HEAD, POST, OPTIONS");
    CHECK(client.send("OPTIONS", "*", {}, {}).status == 204);
    CHECK(client.send("BREW", "/links", {}, {}).status == 405);
  }
  SUBCASE("HEAD is GET without the body") {
    const auto reply = client.head("/links");
    CHECK(reply.status == 200);
    CHECK(reply.header("content-length") == "5");
    CHECK(reply.body.empty());
  }
  SUBCASE("a slash too many or too few is mended by a redirect") {
    CHECK(client.get("/about").status == 200);  // a slug
    CHECK(client.get("/links/").status == 308);
    CHECK(client.get("/links/").header("location") == "/links");
    CHECK(client.get("/files?x=1").status == 200);  // a slug
    CHECK(client.get("/n/41/?x=1").header("location") == "/n/41?x=1");
    CHECK(client.get("//evil.example/").status == 404);
  }
  SUBCASE("a path deeper than any route is not found, and a rest takes it") {
    std::string deep;
    for (int i = 0; i < 40; ++i) deep += "/x";
    CHECK(client.get(deep).status == 404);
    CHECK(client.get("/files" + deep).body == "file " + deep.substr(1));
  }
}

TEST_CASE("a parameter that cannot be read is told with what it should be") {
  enum class order { newest, name_ };
  constexpr static web::route<"/whole?{n?}", int> whole;
  constexpr static web::route<"/natural?{n?}", unsigned> natural;
  constexpr static web::route<"/byte?{n?}", std::uint8_t> byte;
  constexpr static web::route<"/flag?{n?}", bool> flag;
  constexpr static web::route<"/order?{n?}", order> sorted;
  constexpr static web::route<"/slug?{n?}", web::slug> named;
  constexpr static web::route<"/taste?{n?}", taste> tasted;
  web::app app{web::get(whole, [](std::optional<int>) { return ""; }),
               web::get(natural, [](std::optional<unsigned>) { return ""; }),
               web::get(byte, [](std::optional<std::uint8_t>) { return ""; }),
               web::get(flag, [](std::optional<bool>) { return ""; }),
               web::get(sorted, [](std::optional<order>) { return ""; }),
               web::get(named, [](std::optional<web::slug>) { return ""; }),
               web::get(tasted, [](std::optional<taste>) { return ""; })};
  web::test::client client{app};
  const auto told = [&](std::string_view path) { return client.get(std::string{path} + "?n=-.").body; };
  CHECK(told("/whole") == "the parameter 'n' should be a whole number\n");
  CHECK(told("/natural") == "the parameter 'n' should be a whole number, 0 or more\n");
  CHECK(told("/byte") == "the parameter 'n' should be a whole number from 0 to 255\n");
  CHECK(told("/flag") == "the parameter 'n' should be true or false\n");
  CHECK(told("/order") == "the parameter 'n' should be one of newest, name\n");
  CHECK(told("/slug") == "the parameter 'n' should be 1 to 128 letters, digits, '-' and '_'\n");
  CHECK(told("/taste") == "the parameter 'n' is not what it should be\n");
  CHECK(client.get("/whole?n=%").body == "the parameter 'n' is not well encoded\n");
}

TEST_CASE("middlewares add typed values, refuse, and stand around what is behind them") {
  int destroyed = 0;
  struct counted {
    int& n;
    explicit counted(int& to) : n(to) {}
    ~counted() { ++n; }
  };
  table shared;
  web::app app{
      web::state(shared),
      web::wrap([](web::next behind) { return behind().header("X-Around", "1"); }),
      web::get(home, [](table& t) { return std::to_string(t.size); }),
      web::group(web::provide([](const web::request& req) -> std::expected<user, web::response> {
                   const auto name = req.header("x-user");
                   if (!name) return std::unexpected(web::response{http::status::unauthorized});
                   return user{std::string{*name}};
                 }),
                 web::provide([&](const user& u) { return u.name.size(); }),
                 web::get(links,
                          [](const user& u, std::size_t size, table& t) {
                            ++t.size;
                            return u.name + std::to_string(size);
                          })),
      web::mount<"/admin">(web::provide([&] { return counted{destroyed}; }),
                           web::get(home, [](counted&) { return "admin"; }),
                           web::get(number, [](int n) { return std::to_string(n); })),
      web::get(link, [](web::slug) -> web::response { throw std::runtime_error{"broken"}; }),
  };
  web::test::client client{app};
  CHECK(client.get("/").body == "3");
  CHECK(client.get("/").header("x-around") == "1");
  CHECK(client.get("/links").status == 401);
  CHECK(client.get("/links", {{"X-User", "ada"}}).body == "ada3");
  CHECK(shared.size == 4);
  CHECK(client.get("/admin").body == "admin");
  CHECK(client.get("/admin/n/7").body == "7");
  CHECK(destroyed >= 2);
  CHECK(client.get("/no/such").header("x-around") == "1");
  CHECK(client.get("/broken").status == 500);
  CHECK(client.get("/broken").header("x-around") == "1");
  CHECK(!client.get("/broken").body.contains("broken"));
}

TEST_CASE("state is destroyed in reverse order") {
  std::string log;
  struct named {
    std::string* log;
    char name;
    named(std::string* l, char n) : log(l), name(n) {}
    named(named&& other) noexcept : log(std::exchange(other.log, nullptr)), name(other.name) {}
    ~named() {
      if (log != nullptr) *log += name;
    }
  };
  struct second : named {
    using named::named;
  };
  {
    web::app app{web::state(named{&log, 'a'}), web::state(second{&log, 'b'}),
                 web::get(home, [] { return "x"; })};
    web::test::client client{app};
    CHECK(client.get("/").status == 200);
    CHECK(log.empty());
  }
  CHECK(log == "ba");
}

TEST_CASE("errors have a page: a terse one, and in development one that says more") {
  const auto handlers = [](web::application_options options) {
    return web::app{
        std::move(options), web::get(home, []() -> std::string { throw std::runtime_error{"the <reason>"}; }),
        web::get(links, []() -> std::string { throw http::failure{http::status::gone, "no more"}; })};
  };
  auto production = handlers({.development = false});
  web::test::client visitor{production};
  CHECK(visitor.get("/").body == "500 Internal Server Error\n");
  CHECK(visitor.get("/links").status == 410);
  CHECK(visitor.get("/links").body == "no more\n");
  const auto terse = visitor.get("/", {{"Accept", "text/html"}});
  CHECK(!terse.body.contains("reason"));
  CHECK(terse.header("content-security-policy")->contains("nonce-"));
  auto development = handlers({.development = true});
  web::test::client developer{development};
  CHECK(developer.get("/", {{"Accept", "text/html"}}).body.contains("the &lt;reason&gt;"));

  web::app own{web::on_error([](const web::request&, const web::error& e) {
                 return web::text("sorry: " + std::to_string(code(e.status)), e.status);
               }),
               web::get(links, [] { return http::status::no_content; })};
  web::test::client other{own};
  CHECK(other.get("/nothing").body == "sorry: 404");
  CHECK(other.get("/links").status == 204);
}

TEST_CASE("an error has the form that the client likes") {
  web::app app{web::get(home, [] { return std::optional<std::string>{}; }),
               web::get(links, []() -> std::string { throw http::failure{http::status::gone, "no <more>"}; }),
               web::get(about, [] { return web::unauthorized(web::bearer_token::challenge); })};
  web::test::client client{app};
  const auto type = [&](std::string_view accept) {
    return std::string{*client.get("/links", {{"Accept", std::string{accept}}}).header("content-type")};
  };
  constexpr std::string_view page = "text/html; charset=utf-8", plain = "text/plain; charset=utf-8",
                             json = "application/problem+json";
  for (const auto& [accept, expected] : std::initializer_list<std::array<std::string_view, 2>>{
           {"*/*", plain},
           {"", plain},
           {"text/plain", plain},
           {"image/png", plain},
           {"text/html,application/xhtml+xml,*/*;q=0.8", page},
           {"TEXT/HTML", page},
           {"application/json", json},
           {"application/json, text/plain, */*", json},
           {"Application/JSON;charset=utf-8;q=0.5", json},
           {"application/problem+json", json},
           {"application/vnd.site+json", json},
           {"application/json;q=0.9, text/html", page},
           {"application/json, text/html", page},
           {"text/html;q=0.5, application/json", json},
           {"text/html;q=0, application/json;q=0.1", json},
           {"application/json;q=0", plain},
           {"application/jsonp", plain}})
    CHECK_MESSAGE(type(accept) == expected, accept);
  CHECK(client.get("/links").header("vary") == "Accept");

  const web::test::fields likes_json{{"Accept", "application/json"}};
  CHECK(client.get("/links", likes_json).body == R"({"title":"Gone","status":410,"detail":"no <more>"})");
  CHECK(client.get("/nothing", likes_json).body == R"({"title":"Not Found","status":404})");

  SUBCASE("and so has what a handler answers by a status alone") {
    CHECK(client.get("/", likes_json).body == R"({"title":"Not Found","status":404})");
    CHECK(client.get("/").body == "404 Not Found\n");
    CHECK(client.get("/", {{"Accept", "text/html"}}).body.contains("<h1>404 Not Found</h1>"));
  }
  SUBCASE("and keeps the fields that belong to it") {
    const auto asked = client.get("/about/", likes_json);
    CHECK(asked.body == R"({"title":"Unauthorized","status":401})");
    CHECK(asked.header("www-authenticate")->starts_with("Bearer"));
    const auto wrong_method = client.send("PUT", "/links", likes_json, {});
    CHECK(wrong_method.body == R"({"title":"Method Not Allowed","status":405})");
    CHECK(wrong_method.header("allow") == "GET, HEAD, OPTIONS");
  }
}

TEST_CASE("a page of the application's own for errors is used for a status alone, too") {
  web::app app{web::on_error([](const web::request&, const web::error& e) {
                 return web::text("own " + std::to_string(code(e.status)), e.status);
               }),
               web::wrap([](const web::request& req, web::next behind) -> web::response {
                 if (req.path() == "/links") return web::to_response(http::status::forbidden).header("X-Why", "x");
                 return behind();
               }),
               web::get(home, [] { return http::status::not_found; }), web::get(links, [] { return "x"; }),
               web::get(about, [] { return web::text("mine", http::status::not_found); })};
  web::test::client client{app};
  CHECK(client.get("/").body == "own 404");
  CHECK(client.get("/links").body == "own 403");
  CHECK(client.get("/links").header("x-why") == "x");
  CHECK(client.get("/about/").body == "mine");
}

TEST_CASE("a fallback answers what no route matches") {
  web::app app{web::get(links, [] { return "links"; }), web::fallback([](const web::request& req) {
                 return "fallback for " + std::string{req.path()};
               })};
  web::test::client client{app};
  CHECK(client.get("/x/y/z").body == "fallback for /x/y/z");
  CHECK(client.send("DELETE", "/links", {}, {}).status == 405);
}

TEST_CASE("handlers return what they have to say") {
  web::app app{
      web::get(home,
               []() -> std::expected<std::string, http::status> {
                 return std::unexpected(http::status::conflict);
               }),
      web::get(links, []() -> std::optional<std::string> { return std::nullopt; }),
      web::get(link, [](web::slug id) { return web::see_other(edit(id)); }),
      web::get(about,
               [] {
                 return web::stream("text/plain", [](http::body_writer& out) {
                   out.write("part one, ");
                   out.write("part two");
                 });
               }),
      web::get(number, [](int) { return web::borrow("text/css", "a{}").etag("v1"); }),
  };
  web::test::client client{app};
  CHECK(client.get("/").status == 409);
  CHECK(client.get("/links").status == 404);
  CHECK(client.get("/xvw").status == 303);
  CHECK(client.get("/xvw").header("location") == "/xvw/edit");
  CHECK(client.get("/about/").body == "part one, part two");
  CHECK(client.get("/n/1").header("etag") == "\"v1\"");
  CHECK(client.get("/n/1").header("x-content-type-options") == "nosniff");
}

TEST_CASE("a connection is taken over by another protocol") {
  web::app app{web::get(home, [] {
    return web::response::taking_over(
               "echo", [](net::byte_stream& s) { static_cast<void>(s.write(std::string_view{"taken"})); })
        .header("X-Note", "7");
  })};
  web::test::client client{app};
  const auto answer = client.get("/", {{"Upgrade", "echo"}});
  CHECK(answer.status == 101);
  CHECK(answer.header("upgrade") == "echo");
  CHECK(answer.header("connection") == "Upgrade");
  CHECK(answer.header("x-note") == "7");
  CHECK(answer.body == "taken");
}
