// What somebody is told whose request no service could answer: a page for people, a problem document (RFC
// 9457) for programs that like JSON, and a line of text for the others.
#pragma once
#include <string_view>

#include "aster/http/failure.hpp"
#include "aster/http/request.hpp"
#include "aster/http/response.hpp"

namespace aster::proxy {

/// Answers with the failure. `id`: what the request is found by in the log; may be empty. Nothing may have
/// been sent of the response yet.
void show_failure(const http::request& request, http::response& response, const http::failure& what,
                  std::string_view id);

}  // namespace aster::proxy
