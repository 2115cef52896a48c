// Where this site is, as the visitor sees it.
#pragma once
#include <string>
#include <string_view>

#include "aster/web.hpp"

struct origin {
  std::string host;  // and port: "sho.rt:8080"
  std::string text;  // "http://sho.rt:8080"
};

/// From the Host field, and X-Forwarded-Proto when a proxy that is trusted speaks TLS in front.
origin find_origin(const aster::web::request& req, const aster::web::proxies& trusted);
