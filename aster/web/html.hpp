// Typed HTML (aster/html.hpp) as a response.
//
//   return web::html(page(links));
//   return web::html(page(links), http::status::unprocessable_content);
//   return web::stream_html(req, [&table = links] { return long_page(table); });
//
// Scripts and styles of the page get the nonce of the request's Content-Security-Policy by themselves.
#pragma once
#include <concepts>
#include <string>
#include <utility>

#include "aster/html/render.hpp"
#include "aster/http/status.hpp"
#include "aster/web/nonce.hpp"
#include "aster/web/request.hpp"
#include "aster/web/response.hpp"

namespace aster::web {

/// The page, rendered now: what it refers to need not live longer.
template <html::part Page>
response html(const Page& page, http::status status = http::status::ok) {
  return {status, html_text, html::to_string(page, {.nonce = nonce_placeholder()})};
}

/// The page that `make` returns, rendered while it is sent, in blocks of 4 KiB: for one that is too large to
/// be held. `make` owns what it uses, or refers to what outlives the response.
template <class Make>
  requires html::part<std::invoke_result_t<Make&>>
response stream_html(const request& req, Make&& make) {
  return stream(html_text, [nonce = std::string{req.nonce()},
                            make = std::forward<Make>(make)](http::body_writer& out) mutable {
    html::render(make(), [&](std::string_view block) { out.write(block); }, {.nonce = nonce});
  });
}

}  // namespace aster::web
