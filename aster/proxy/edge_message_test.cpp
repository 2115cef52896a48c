#include "aster/proxy/edge_message.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace aster;
using namespace aster::proxy;

TEST_CASE("what the edge says is what the keeper reads") {
  const auto hello = read_edge_line(R"({"hello":"edge","token":"6f1c"})");
  REQUIRE(hello);
  CHECK(std::get<edge_hello>(*hello).token == "6f1c");

  const edge_demand demand{{{"shortener", 2, 5, 1234, 3, {{"10.77.0.7:80", 5}}}}};
  const std::string line = to_line(demand);
  CHECK(line == R"({"demand":[{"service":"shortener","waiting":2,"outstanding":5,"requests":1234,"failed":3,)"
                R"("instances":[{"at":"10.77.0.7:80","outstanding":5}]}]})"
                "\n");
  const auto back = read_edge_line(line);
  REQUIRE(back);
  const service_load& s = std::get<edge_demand>(*back).demand.at(0);
  CHECK(s.service == "shortener");
  CHECK(s.waiting == 2);
  CHECK(s.requests == 1234);
  CHECK(s.instances.at(0).outstanding == 5);
}

TEST_CASE("what the keeper says is what the edge reads, and what it does not know is passed over") {
  const std::string line =
      R"({"galaxy":{"routes":[{"host":"","path":"/s","service":"shortener","strip":true,"later":1}],)"
      R"("services":[{"name":"shortener","concurrency":64,"state":"asleep","instances":["10.77.0.7:80"]}]},)"
      R"("later":{}})";
  const auto table = read_table_line(line);
  REQUIRE(table);
  CHECK(table->routes.at(0).strip);
  CHECK(table->services.at(0).state == service_readiness::asleep);
  const auto again = read_table_line(to_line(*table));
  REQUIRE(again);
  CHECK(to_line(*again) == to_line(*table));
}

TEST_CASE("a line that is wrong says why and is nothing") {
  const auto table = [](std::string_view routes, std::string_view services) {
    std::string line = R"({"galaxy":{"routes":[)";
    line.append(routes).append(R"(],"services":[)").append(services).append("]}}");
    const auto result = read_table_line(line);
    return result ? std::string{} : result.error();
  };
  const std::string a = R"({"name":"a","concurrency":1,"state":"well","instances":[]})";
  CHECK(table("", a).empty());
  CHECK(table("", a + "," + a) == "two services have one name");
  CHECK(table(R"({"host":"","path":"/","service":"b","strip":false})", a) ==
        "a route leads to a service that is not there");
  CHECK(table(R"({"host":"","path":"s","service":"a","strip":false})", a) == "a route's path is none");
  CHECK(table("", R"({"name":"a","concurrency":0,"state":"well","instances":[]})") ==
        "a service has a concurrency of 0");
  CHECK(table("", R"({"name":"a","concurrency":1,"state":"well","instances":["10.0.0.7"]})") ==
        "an instance is at no address");
  CHECK(table("", R"({"name":"a","concurrency":1,"state":"good","instances":[]})").contains("state"));
  CHECK(table("", R"({"name":"","concurrency":1,"state":"well","instances":[]})").contains("no name"));
  std::string many = a;
  for (int i = 0; i < 1000; ++i)
    many += R"(,{"name":"s)" + std::to_string(i) + R"(","concurrency":1,"state":"well","instances":[]})";
  CHECK(table("", many) == "too many services");
  CHECK(read_table_line(std::string(most_line_size + 1, ' ')).error() == "the line is too long");
  CHECK_FALSE(read_table_line(""));
  CHECK_FALSE(read_table_line("[]"));
  CHECK_FALSE(read_edge_line("{}"));
  CHECK_FALSE(read_edge_line(R"({"hello":"world","token":""})"));
  CHECK_FALSE(read_edge_line(R"({"hello":"edge"})"));
  CHECK_FALSE(read_edge_line(R"({"demand":[{"service":"a"}]})"));
}

TEST_CASE("an address with a port, of either family") {
  CHECK(parse_endpoint("10.77.0.7:80") == net::endpoint{{10, 77, 0, 7}, 80});
  CHECK(net::to_string(*parse_endpoint("[2001:db8::7]:8080")) == "[2001:db8::7]:8080");
  for (const char* none : {"", ":", "10.0.0.1", "10.0.0.1:", "10.0.0.1:0", "10.0.0.1:65536", "10.0.0.1:80x",
                           "10.0.0.1:-1", "2001:db8::7:80", "[10.0.0.1]:80", "[]:80", "name:80"})
    CHECK_FALSE_MESSAGE(parse_endpoint(none), none);
}
