// The web framework: everything a program includes.
//
//   constexpr web::route<"/hello/{name}"> hello;
//
//   int main() {
//     return web::run(service, web::app{web::get(hello, [](std::string name) { return "Hello, " + name +
//     "!\n"; })});
//   }
#pragma once
#include "aster/web/app.hpp"
#include "aster/web/authorization.hpp"
#include "aster/web/compress.hpp"
#include "aster/web/cookie.hpp"
#include "aster/web/cors.hpp"
#include "aster/web/csrf.hpp"
#include "aster/web/events.hpp"
#include "aster/web/files.hpp"
#include "aster/web/form.hpp"
#include "aster/web/html.hpp"
#include "aster/web/json.hpp"
#include "aster/web/metrics.hpp"
#include "aster/web/multipart.hpp"
#include "aster/web/preconditions.hpp"
#include "aster/web/problem.hpp"
#include "aster/web/proxies.hpp"
#include "aster/web/rate_limit.hpp"
#include "aster/web/request.hpp"
#include "aster/web/request_id.hpp"
#include "aster/web/response.hpp"
#include "aster/web/route.hpp"
#include "aster/web/run.hpp"
#include "aster/web/session.hpp"
#include "aster/web/timing.hpp"
