// HTTP/1.1 (RFC 9110, RFC 9112): everything a program includes.
//
//   http::serve(stack.listen(80), [](const http::request& req, http::response& res) {
//     res.text("Hello from a unikernel\n");
//   });
#pragma once
#include "aster/http/accept.hpp"
#include "aster/http/access_log.hpp"
#include "aster/http/client_connection.hpp"
#include "aster/http/compress.hpp"
#include "aster/http/failure.hpp"
#include "aster/http/request.hpp"
#include "aster/http/response.hpp"
#include "aster/http/selection.hpp"
#include "aster/http/server.hpp"
