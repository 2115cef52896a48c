#include "aster/proxy/failure_page.hpp"

#include <string>

#include "aster/html.hpp"
#include "aster/http/accept.hpp"
#include "aster/json/write.hpp"

namespace aster::proxy {
namespace {

struct problem {
  std::string_view title;
  int status;
  std::string_view detail, request;
};

/// In words of those who have not heard of status codes.
std::string_view heading(http::status s) {
  switch (s) {
    case http::status::bad_gateway: return "This part is out of order";
    case http::status::service_unavailable: return "This part is not there just now";
    case http::status::gateway_timeout: return "This part does not answer";
    case http::status::not_found: return "There is nothing here";
    default: return http::reason(s);
  }
}

bool passes_by_itself(http::status s) {
  return s == http::status::bad_gateway || s == http::status::service_unavailable ||
         s == http::status::gateway_timeout;
}

std::string page(http::status s, std::string_view text, std::string_view id) {
  using namespace html;
  return to_string(html5(
      _lang = "en",
      head(
          meta(_charset = "utf-8"), html::title(heading(s)),
          meta(_name = "viewport", _content = "width=device-width, initial-scale=1"),
          style(css(":root{color-scheme:light dark}body{font:1.1rem/1.6 system-ui,sans-serif;max-width:34rem;"
                    "margin:18vh auto 2rem;padding:0 1.25rem}h1{font-size:1.7rem;line-height:1.2;margin:0 0 "
                    "1rem}svg{width:3rem;height:3rem}a{color:inherit}small{color:GrayText}"))),
      body(main(
          h1(heading(s)), p(text),
          when(passes_by_itself(s),
               [] { return p("Most often this passes in a moment. ", a(_href = "", "Try again"), "."); }),
          p(a(_href = "/", "To the front page")),
          when(!id.empty(), [&] { return p(small(http::code(s), " · request ", code(id))); })))));
}

}  // namespace

void show_failure(const http::request& request, http::response& response, const http::failure& what,
                  std::string_view id) {
  const http::status s = what.status();
  const std::string_view text = what.text().empty() ? http::reason(s) : std::string_view{what.text()};
  response.status(s).header("Vary", "Accept").header("Cache-Control", "no-store");
  if (s == http::status::service_unavailable) response.header("Retry-After", "5");
  switch (http::choose_type(request.headers(), {"text/plain", "text/html", "application/json"}).value_or(0)) {
    case 1:
      response
          .header("Content-Security-Policy",
                  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'")
          .html(page(s, text, id));
      return;
    case 2:
      response.send("application/problem+json",
                    json::write(problem{http::reason(s), http::code(s), text, id}));
      return;
    default: response.text(std::string{text} + "\n");
  }
}

}  // namespace aster::proxy
