// What the galaxy's API and who asks it send each other, besides what galaxy.hpp has: each is an object of JSON.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace aster::host::galaxy {

/// A line of an instance's console.
struct log_line {
  std::string instance;
  std::optional<std::int64_t> time;  // milliseconds since 1970, when it was written while somebody looked
  std::string text;
};

struct scaling {
  std::optional<unsigned> instances;  // absent: as many as requests need
};

struct new_deployment {
  std::string image;  // its path, absolute
};

struct deployed_version {
  unsigned version = 0;
};

struct page_address {
  std::string url;  // with the token
};

/// Why something is not done (RFC 9457), as aster/web writes it.
struct problem_document {
  std::string title;
  int status = 0;
  std::optional<std::string> detail, field, suggestion;
  std::optional<std::size_t> line, column;
};

}  // namespace aster::host::galaxy
