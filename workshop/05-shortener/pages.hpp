// The pages of the site. What they show is handed in; they know nothing of requests and tables.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aster/web.hpp"
#include "link_store.hpp"

namespace pages {

/// What the form for a new link had in it, and what was wrong with it.
struct draft {
  std::string target;
  std::string name;
  std::string target_error{};
  std::string name_error{};
  std::string error{};  // of the whole, such as: no room
};

struct home_view {
  std::string_view site;  // scheme and host: "http://sho.rt"
  instant now;
  draft form;
  std::string query;
  order by = order::newest;
  unsigned page = 1;
  unsigned pages = 1;
  listing found;
};
aster::web::response home(const home_view& view, aster::http::status status = aster::http::status::ok);

struct link_view {
  std::string_view site;
  instant now;
  const short_link& shown;
  bool may_change = false;  // the visitor has the secret
  bool is_new = false;
  std::string target{};  // as it stands in the form for a change
  std::string error{};
};
aster::web::response link_page(const link_view& view, aster::http::status status = aster::http::status::ok);

aster::web::response deleted(std::string_view id);
aster::web::response failure(const aster::web::request& req, const aster::web::error& e);

inline constexpr unsigned page_size = 20;

}  // namespace pages
