// JSON to and from values: everything a program includes.
//
//   struct link { std::string id, target; int clicks = 0; };
//
//   std::string text = json::write(link{"xvw", "https://example.org/"});
//   std::expected<link, json::error> back = json::read<link>(text);
#pragma once
#include "aster/json/read.hpp"
#include "aster/json/write.hpp"
