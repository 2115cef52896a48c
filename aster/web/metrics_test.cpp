#include "aster/web/metrics.hpp"

#include <doctest/doctest.h>

#include "aster/net/virtual_link.hpp"
#include "aster/web/app.hpp"
#include "aster/web/test/client.hpp"

using namespace aster;

namespace {
constexpr web::route<"/metrics"> metrics;
}

TEST_CASE("Prometheus finds the stack's counters in its format") {
  net::virtual_link link{
      1, {}, {.left_configuration = "ip=10.0.0.1/24", .right_configuration = "ip=10.0.0.2/24"}};
  net::stack stack{link.left()};
  web::app app{web::get(metrics, web::metrics{stack})};
  web::test::client client{app};
  const auto answer = client.get("/metrics");
  CHECK(answer.status == 200);
  CHECK(answer.header("content-type") == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(answer.body.contains(
      "\n# TYPE asterism_net_tcp_no_listener_total counter\nasterism_net_tcp_no_listener_total 0\n"));
}
