// What cases.txt is asked of: something of everything that a server can do with a request.
#pragma once
#include <array>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

#include "aster/http.hpp"
#include "aster/web.hpp"

namespace conformance {

namespace http = aster::http;
namespace net = aster::net;
namespace web = aster::web;
namespace crunch = aster::crunch;

// As asterism_crunch would write it, but for codings that a reader can tell apart.
inline constexpr crunch::file style{.path = "/style.css",
                                    .type = "text/css; charset=utf-8",
                                    .content = "body{}",
                                    .gzip = "GZIP",
                                    .brotli = "BR",
                                    .etag = "\"s\"",
                                    .gzip_etag = "\"s-gz\"",
                                    .brotli_etag = "\"s-br\"",
                                    .fingerprinted = "/style.11111111.css"};
inline constexpr crunch::entry entries[] = {{"/style.css", &style, false},
                                            {"/style.11111111.css", &style, true}};
inline constexpr const crunch::file* all_files[] = {&style};
inline constexpr crunch::folder folder{"assets", entries, all_files};

inline constexpr web::route<"/web/page"> page;
inline constexpr web::route<"/web/dated"> dated;
inline constexpr web::route<"/web/choice"> choice;

inline constexpr web::route<"/web/list"> list;
inline constexpr web::route<"/web/streamed-list"> streamed_list;

inline std::string long_list() {
  std::string text;
  for (int i = 0; i < 5000; ++i) text.append("item ").append(std::to_string(i * 7919 % 10'007)).append("\n");
  return text;
}

inline auto make_pages() {
  return web::app{
      web::get(page, [] { return web::text("0123456789").etag("v2"); }),
      web::get(
          dated,
          [] { return web::text("0123456789").header("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT"); }),
      web::get(choice,
               [](const web::request& req) {
                 const auto type = http::choose_type(req.headers(), {"text/html", "application/json"});
                 if (!type) throw http::failure{http::status::not_acceptable};
                 return web::response{http::status::ok, *type == 0 ? web::html_text : "application/json",
                                      *type == 0 ? "<p>page" : "{\"page\":1}"}
                     .header("Vary", "Accept");
               }),
      web::mount<"/web">(web::files(folder)),
      web::group(web::wrap(web::compress{.streams = true}),
                 web::get(list, [] { return web::text(long_list()).etag("list"); }),
                 web::get(streamed_list,
                          [] {
                            return web::stream("text/plain", [](http::body_writer& out) {
                              const std::string text = long_list();
                              for (std::size_t at = 0; at < text.size(); at += 10'000)
                                out.write(std::string_view{text}.substr(at, 10'000));
                            });
                          })),
  };
}

/// What was understood of a request.
inline std::string describe(const http::request& req) {
  std::string text{req.method_text()};
  text.append(" ").append(req.target()).append(" [").append(req.body()).append("]");
  for (const auto [name, value] : req.trailers()) text.append(" ").append(name).append("=").append(value);
  return text;
}

inline void echo_bytes(net::byte_stream& s) {
  std::array<std::byte, 512> buffer;
  for (;;) {
    const auto got = s.read(buffer);
    if (!got || *got == 0 || !s.write(std::span{buffer}.first(*got))) return;
  }
}

class application {
 public:
  void operator()(const http::request& req, http::response& res) const {
    const std::string_view path = req.path();
    if (path.starts_with("/web/")) return pages_(req, res);
    if (path == "/") {
      res.text("hello\n");
    } else if (path == "/ignore") {
      res.text("ignored");
    } else if (path == "/host") {
      res.text(req.host());
    } else if (path == "/close") {
      res.close().text("last");
    } else if (path == "/stream") {
      http::body_writer out = res.stream("text/plain");
      out.write(std::string_view{"abc"});
      out.write(std::string_view{"def"});
      out.trailer("X-Sum", "6");
    } else if (path == "/sized") {
      http::body_writer out = res.stream("text/plain", 6);
      out.write(std::string_view{"abcdef"});
    } else if (path == "/204") {
      res.status(http::status::no_content).text("never seen");
    } else if (path == "/304") {
      res.status(http::status::not_modified).text("never seen");
    } else if (path == "/205") {
      res.status(http::status::reset_content).text("never seen");
    } else if (path == "/fail") {
      res.header("X-Half", "done");
      throw std::runtime_error("this handler fails");
    } else if (path == "/upgrade") {
      if (req.offers_upgrade("echo"))
        res.upgrade("echo", &echo_bytes);
      else
        res.text("no upgrade");
    } else {
      res.text(describe(req));
    }
  }

 private:
  using pages = decltype(make_pages());
  template <class... Items>
  static web::served<Items...> served_type(const web::app<Items...>&);

  mutable pages app_ = make_pages();
  decltype(served_type(std::declval<const pages&>())) pages_{app_};
};

}  // namespace conformance
