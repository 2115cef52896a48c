#include <algorithm>
#include <string>
#include <vector>

#include "aster/http/accept.hpp"
#include "aster/web/application.hpp"
#include "aster/web/media_type.hpp"
#include "aster/web/problem.hpp"

namespace aster::web {
namespace {

void append_escaped(std::string& to, std::string_view text) {
  for (const char c : text) switch (c) {
      case '&': to += "&amp;"; break;
      case '<': to += "&lt;"; break;
      case '>': to += "&gt;"; break;
      case '"': to += "&quot;"; break;
      default: to += c;
    }
}

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

/// The call chain; the program's own places with their source.
void append_trace(std::string& page, const std::vector<source_frame>& trace) {
  if (trace.empty()) return;
  page += "<h2>Where it was thrown</h2><ol>";
  for (const source_frame& frame : trace) {
    page += "<li><code>";
    append_escaped(page, frame.function);
    page += "</code>";
    if (!frame.file.empty()) {
      page += "<br><small>";
      append_escaped(page, frame.file + ":" + std::to_string(frame.line));
      page += "</small>";
    }
    if (!frame.around.empty()) {
      page += "<pre>";
      for (const source_line& line : frame.around) {
        page += line.number == frame.line ? "<mark>" : "<span>";
        append_escaped(page, std::to_string(line.number) + "  " + line.text);
        page += line.number == frame.line ? "</mark>\n" : "</span>\n";
      }
      page += "</pre>";
    }
    page += "</li>";
  }
  page += "</ol>";
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
  std::string page = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>";
  append_escaped(page, title);
  page += "</title><meta name=\"viewport\" content=\"width=device-width\"><style nonce=\"";
  page += req.nonce();
  page +=
      "\">:root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:15vh "
      "auto;"
      "padding:0 1rem}pre{white-space:pre-wrap;padding:1rem;border:1px solid "
      "GrayText;border-radius:.5rem;overflow-x:auto}mark{display:inline-block;min-width:100%}</style><h1>";
  append_escaped(page, title);
  page += "</h1>";
  if (!e.text.empty()) {
    page += "<p>";
    append_escaped(page, e.text);
    page += "</p>";
  }
  if (shows_detail(req, e)) {
    page += "<pre>";
    append_escaped(page,
                   std::string{req.method_text()} + " " + std::string{req.target()} + "\n\n" + e.detail);
    page += "</pre>";
    append_trace(page, e.trace);
  } else if (code(e.status) >= 500) {
    page += "<p>Request ";
    page += req.id();
    page += "</p>";
  }
  return response{e.status, html_text, std::move(page += "</html>\n")}.header("Vary", "Accept");
}

}  // namespace aster::web
