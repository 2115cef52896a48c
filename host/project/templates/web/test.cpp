// Asks the site without a network.
#include <print>
#include <string_view>

#include "aster/web/test/client.hpp"
#include "site.hpp"

int main() {
  auto site = make_site();
  web::test::client client{site};
  int failed = 0;
  const auto expect = [&](std::string_view what, bool holds) {
    std::println("{} {}", holds ? "ok    " : "FAILED", what);
    if (!holds) ++failed;
  };
  expect("home leads to a greeting", client.get("/").header("location") == "/hello/stranger");
  expect("visitors are greeted by name", client.get("/hello/Altair").body.contains("Hello, Altair!"));
  expect("text is no markup", client.get("/hello/%3Cb%3E").body.contains("Hello, &lt;b&gt;!"));
  expect("visitors are counted", client.get("/visits").body == R"({"so_far":2})");
  expect("an unknown page is not found", client.get("/nowhere").status == 404);
  return failed == 0 ? 0 : 1;
}
