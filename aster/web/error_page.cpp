#include <algorithm>
#include <string>
#include <vector>

#include "aster/html.hpp"
#include "aster/http/accept.hpp"
#include "aster/web/application.hpp"
#include "aster/web/html.hpp"
#include "aster/web/media_type.hpp"
#include "aster/web/problem.hpp"

namespace aster::web {
namespace {

bool shows_detail(const request& req, const error& e) {
  return req.options().development.value_or(false) && !e.detail.empty();
}

/// A range of an Accept field without its weight (RFC 9110 §12.5.1): other parameters are part of the type.
std::string_view without_weight(std::string_view range) {
  for (std::size_t at = range.find(';'); at != range.npos; at = range.find(';', at + 1)) {
    const std::string_view parameter = http::trim(range.substr(at + 1));
    if (parameter.size() > 1 && http::to_lower(parameter[0]) == 'q' && parameter[1] == '=')
      return http::trim(range.substr(0, at));
  }
  return http::trim(range);
}

constexpr std::size_t most_offered = 8;

/// A place of the program's, with its source.
auto frame_item(const source_frame& frame) {
  using namespace html;
  return li(
      code(frame.function),
      when(!frame.file.empty(), [&frame] { return fragment(br(), small(frame.file, ":", frame.line)); }),
      when(!frame.around.empty(), [&frame] {
        return pre(each(frame.around, [&frame](const source_line& line) {
          return fragment(
              when(
                  line.number == frame.line, [&line] { return mark(line.number, "  ", line.text); },
                  [&line] { return span(line.number, "  ", line.text); }),
              "\n");
        }));
      }));
}

auto detail_parts(const request& req, const error& e) {
  using namespace html;
  return fragment(pre(req.method_text(), " ", req.target(), "\n\n", e.detail), when(!e.trace.empty(), [&e] {
                    return fragment(h2("Where it was thrown"), ol(each(e.trace, frame_item)));
                  }));
}

response error_html(const request& req, const error& e, std::string_view heading) {
  using namespace html;
  return web::html(
      html5(_lang = "en",
            head(meta(_charset = "utf-8"), html::title(heading),
                 meta(_name = "viewport", _content = "width=device-width"),
                 style(css(
                     ":root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;"
                     "margin:15vh auto;padding:0 1rem}pre{white-space:pre-wrap;padding:1rem;border:1px solid "
                     "GrayText;border-radius:.5rem;overflow-x:auto}mark{display:inline-block;min-width:"
                     "100%}"))),
            body(h1(heading), when(!e.text.empty(), [&e] { return p(e.text); }),
                 when(shows_detail(req, e), [&] { return detail_parts(req, e); }),
                 when(!shows_detail(req, e) && http::code(e.status) >= 500,
                      [&req] { return p("Request ", req.id()); }))),
      e.status);
}

}  // namespace

// Only what the client names is offered: "*/*" alone is said by those who did not think of a form.
error_form error_form_for(const request& req) {
  std::vector<std::string_view> offered;
  bool names_page = false;
  for (const auto [name, value] : req.headers()) {
    if (!http::equals_ignoring_case(name, "accept")) continue;
    for (std::string_view rest = value; !rest.empty();) {
      const std::size_t end = std::min(rest.find(','), rest.size());
      const std::string_view range = without_weight(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (is_media_type(range, "text/html") && !names_page) {
        names_page = true;
        offered.insert(offered.begin(), range);  // of equals, the first is chosen
      } else if (is_json_type(range) && offered.size() < most_offered) {
        offered.push_back(range);
      }
    }
  }
  if (offered.empty()) return error_form::text;
  const auto chosen = http::choose_type(req.headers(), offered);
  if (!chosen) return error_form::text;
  return names_page && *chosen == 0 ? error_form::page : error_form::json;
}

response error_problem(const request& req, const error& e) {
  problem what{.status = e.status, .detail = e.text};
  if (shows_detail(req, e)) what.detail.append(what.detail.empty() ? "" : ": ").append(e.detail);
  return to_response(std::move(what));
}

response default_error_page(const request& req, const error& e) {
  const error_form form = error_form_for(req);
  if (form == error_form::json) return error_problem(req, e).header("Vary", "Accept");
  std::string title = std::to_string(code(e.status));
  title.append(" ").append(reason(e.status));
  if (form == error_form::text) {
    std::string body = e.text.empty() ? title : e.text;
    if (shows_detail(req, e)) body.append("\n").append(e.detail);
    return text(std::move(body += '\n'), e.status).header("Vary", "Accept");
  }
  return error_html(req, e, title).header("Vary", "Accept");
}

}  // namespace aster::web
