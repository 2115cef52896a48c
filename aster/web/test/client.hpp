// An application driven in memory: requests go in and responses come out without a network, through the same
// parser and the same server as over one.
//
//   web::test::client client{app};
//   auto page = client.get("/xvw");
//   CHECK(page.status == 303);
//   CHECK(page.header("location") == "https://example.org/");
//   client.post_form("/", {{"target", "https://example.org/"}});
//
// Cookies are kept as a browser keeps them, so that a test can log in. A client runs inside of a fiber; where
// there is none, as in a unit test, it makes the little world it needs for the time of a call.
#pragma once
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aster/http/handler.hpp"
#include "aster/web/app.hpp"

namespace aster::web::test {

struct reply {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  /// Value of the first field of the name, in any case.
  std::optional<std::string_view> header(std::string_view name) const;
};

using fields = std::vector<std::pair<std::string, std::string>>;

class client_base {
 public:
  explicit client_base(http::handler_reference handler) : handler_(handler) {}

  reply get(std::string_view target, const fields& headers = {}) { return send("GET", target, headers, {}); }
  reply head(std::string_view target, const fields& headers = {}) {
    return send("HEAD", target, headers, {});
  }
  reply post(std::string_view target, std::string_view type, std::string_view body, fields headers = {});
  reply post_form(std::string_view target, const fields& values, const fields& headers = {});
  reply send(std::string_view method, std::string_view target, const fields& headers, std::string_view body);

  /// What the client would send as Cookie.
  std::string cookies() const;
  void forget_cookies() { cookies_.clear(); }

 private:
  void keep_cookie(std::string_view field);

  http::handler_reference handler_;
  fields cookies_;
};

template <class... Items>
class client : public client_base {
 public:
  /// `what` must outlive the client.
  explicit client(app<Items...>& what) : client_base(handler_), handler_(what) {}

 private:
  served<Items...> handler_;
};

}  // namespace aster::web::test
