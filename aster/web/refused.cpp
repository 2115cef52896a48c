// What the framework promises not to compile, and what the compiler says. Run by cmake/refused.py.
#include <string>

#include "aster/web.hpp"

using namespace aster;

constexpr web::route<"/"> home;
constexpr web::route<"/links"> links;
constexpr web::route<"/{id}", web::slug> link;
constexpr web::route<"/{name}", web::slug> name;
constexpr web::route<"/n/{n}", int> number;

struct user {
  std::string name;
};
struct opaque {};

template <class... Items>
void ready(web::app<Items...>&& app) {
  web::served served{app};
}

void good() { ready(web::app{web::get(home, [] { return "home"; }), web::get(link, [](web::slug) { return "x"; })}); }

#ifdef two_routes_for_the_same_paths  // says: these two routes match the same paths
void f() { ready(web::app{web::get(link, [](web::slug) { return ""; }), web::get(name, [](web::slug) { return ""; })}); }
#endif

#ifdef the_message_names_both_routes  // says: "GET /{id}"
void f() { ready(web::app{web::get(link, [](web::slug) { return ""; }), web::get(name, [](web::slug) { return ""; })}); }
#endif

#ifdef a_mounted_route_that_is_there_already  // says: "GET /n/{n}"
constexpr web::route<"/{n}", int> inner;
void f() { ready(web::app{web::get(number, [](int) { return ""; }), web::mount<"/n">(web::get(inner, [](int) { return ""; }))}); }
#endif

#ifdef a_handler_that_returns_nothing  // says: each handler returns its one response
void f() { ready(web::app{web::get(home, [] {})}); }
#endif

#ifdef a_handler_that_returns_no_response  // says: what this handler returns is no response
void f() { ready(web::app{web::get(home, [] { return opaque{}; })}); }
#endif

#ifdef a_handler_that_forgets_its_response_on_one_way  // says: non-void lambda does not return a value in all control paths
void f() {
  ready(web::app{web::get(home, [](const web::request& req) -> web::response {
    if (req.query().empty()) return web::text("x");
  })});
}
#endif

#ifdef a_response_that_is_dropped  // says: ignoring return value
void f() { web::text("x"); }
#endif

#ifdef a_response_sent_twice  // says: call to implicitly-deleted copy constructor of 'web::response'
void f() {
  web::response first = web::text("x");
  web::response second = first;
}
#endif

#ifdef a_user_that_no_middleware_makes  // says: this handler wants a value that nothing makes
void f() { ready(web::app{web::get(home, [](const user&) { return ""; })}); }
#endif

#ifdef a_missing_value_is_told_with_its_route  // says: nothing_makes_it<user, aster::web::literal<7>{"/links"}>
void f() { ready(web::app{web::get(home, [] { return ""; }), web::get(links, [](const user&) { return ""; })}); }
#endif

#ifdef a_missing_value_of_a_middleware  // says: literal<10>{"web::wrap"}
void f() { ready(web::app{web::wrap([](const user&, web::next behind) { return behind(); })}); }
#endif

#ifdef a_missing_value_of_a_provider  // says: literal<13>{"web::provide"}
void f() { ready(web::app{web::provide([](const user&) { return opaque{}; })}); }
#endif

#ifdef a_missing_value_of_the_fallback  // says: literal<14>{"web::fallback"}
void f() { ready(web::app{web::fallback([](const user&) { return ""; })}); }
#endif

#ifdef a_user_made_behind_the_handler  // says: this handler wants a value that nothing makes
void f() { ready(web::app{web::get(home, [](const user&) { return ""; }), web::provide([] { return user{}; })}); }
#endif

#ifdef a_user_of_another_group  // says: this handler wants a value that nothing makes
void f() {
  ready(web::app{web::group(web::provide([] { return user{}; })), web::get(home, [](const user&) { return ""; })});
}
#endif

#ifdef a_capture_of_another_type  // says: this parameter stands where the route has a capture of another type
void f() { ready(web::app{web::get(number, [](std::string) { return ""; })}); }
#endif

#ifdef a_capture_that_nobody_takes  // says: a handler takes every capture of its route
void f() { ready(web::app{web::get(number, [] { return ""; })}); }
#endif

#ifdef a_generic_handler  // says: parameters have types: no 'auto'
void f() { ready(web::app{web::get(home, [](auto&&) { return ""; })}); }
#endif

#ifdef a_middleware_that_returns_nothing  // says: a middleware returns the response
void f() { ready(web::app{web::wrap([](web::next) {})}); }
#endif

#ifdef a_link_without_its_capture  // says: no matching function for call to object of type 'const web::route<"/{id}", web::slug>'
auto dead = link();
#endif

#ifdef a_link_with_a_value_of_another_type  // says: no matching function for call
auto dead = number("x");
#endif

#ifdef a_link_to_a_literal_that_is_no_slug  // says: a slug has 1 to 128 letters
auto dead = link("a b");
#endif

#ifdef a_link_to_a_route_that_is_not_there  // says: use of undeclared identifier 'lnik'
auto dead = lnik("xvw");
#endif

#ifdef a_capture_inside_of_a_segment  // says: the text of this route is not well formed
constexpr web::route<"/x{id}"> bad;
#endif

#ifdef more_types_than_captures  // says: a route has one type for each of its captures
constexpr web::route<"/{id}", int, int> bad;
#endif

#ifdef a_capture_that_no_text_makes  // says: a capture's type is read from text
constexpr web::route<"/{id}", opaque> bad;
#endif

#ifdef a_prefix_with_a_slash_at_its_end  // says: the prefix of a mounted application
void f() { ready(web::app{web::mount<"/admin/">(web::get(home, [] { return ""; }))}); }
#endif

struct sent_link {
  std::string target;
};
struct visitor {
  int visits = 0;
};

#ifdef a_form_of_members_that_no_text_makes  // says: a member of a form has a type that web::value knows
struct sent_opaque {
  opaque inner;
};
void f() { ready(web::app{web::post(home, [](web::form<sent_opaque>) { return ""; })}); }
#endif

#ifdef a_form_of_views  // says: string_view would have nothing to refer to
struct sent_view {
  std::optional<std::string_view> target;
};
void f() { ready(web::app{web::post(home, [](web::form<sent_view>) { return ""; })}); }
#endif

#ifdef a_field_that_the_form_has_not  // says: the form has no field of this name
void f(const web::form_result<sent_link>& sent) { (void)sent.error("tarket"); }
#endif

#ifdef an_answer_that_has_no_json  // says: this type has no JSON
void f() { ready(web::app{web::get(home, [](const web::request& req) { return web::json(&req); })}); }
#endif

#ifdef a_session_that_no_store_makes  // says: this handler wants a value that nothing makes
void f() { ready(web::app{web::get(home, [](web::session<visitor>&) { return ""; })}); }
#endif

#ifdef csrf_protection_without_sessions  // says: this handler wants a value that nothing makes
void f() { ready(web::app{web::csrf<visitor>()}); }
#endif
