#include <string>

#include "aster/web/application.hpp"

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

bool wants_html(const request& req) { return req.header("accept").value_or("").contains("text/html"); }

}  // namespace

response default_error_page(const request& req, const error& e) {
  const bool shows_detail = req.options().development.value_or(false) && !e.detail.empty();
  std::string title = std::to_string(code(e.status));
  title.append(" ").append(reason(e.status));
  if (!wants_html(req)) {
    std::string body = e.text.empty() ? title : e.text;
    if (shows_detail) body.append("\n").append(e.detail);
    return text(std::move(body += '\n'), e.status);
  }
  std::string page = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>";
  append_escaped(page, title);
  page += "</title><meta name=\"viewport\" content=\"width=device-width\"><style nonce=\"";
  page += req.nonce();
  page +=
      "\">:root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:15vh "
      "auto;"
      "padding:0 1rem}pre{white-space:pre-wrap;padding:1rem;border:1px solid}</style><h1>";
  append_escaped(page, title);
  page += "</h1>";
  if (!e.text.empty()) {
    page += "<p>";
    append_escaped(page, e.text);
    page += "</p>";
  }
  if (shows_detail) {
    page += "<pre>";
    append_escaped(page,
                   std::string{req.method_text()} + " " + std::string{req.target()} + "\n\n" + e.detail);
    page += "</pre>";
  } else if (code(e.status) >= 500) {
    page += "<p>Request ";
    page += req.id();
    page += "</p>";
  }
  return {e.status, html_text, std::move(page += "</html>\n")};
}

}  // namespace aster::web
