// What a GET or HEAD of something that can be cached is answered with: all of it, some of it, or nothing
// because the client has it already. Conditions (RFC 9110 §13) and ranges (§14) together, in their order.
//
//   const auto chosen = http::select(req.method(), req.headers(), {.etag = "\"v7\""}, file.size());
//   res.status(chosen.status);               // 200, 206, 304, 412 or 416
#pragma once
#include <cstdint>

#include "aster/http/conditional.hpp"
#include "aster/http/field.hpp"
#include "aster/http/method.hpp"
#include "aster/http/range.hpp"
#include "aster/http/status.hpp"

namespace aster::http {

struct selection {
  http::status status = http::status::ok;
  selected_ranges ranges{};  // with 206
};

/// For a request whose answer without conditions would be 200 with `size` bytes. Asks the wall clock only
/// when a field with a date may need it.
selection select(method, const field_list&, const validators&, std::uint64_t size);

}  // namespace aster::http
