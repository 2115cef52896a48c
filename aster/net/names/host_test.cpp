#include "aster/net/names/host.hpp"

#include <doctest/doctest.h>

using namespace aster::net;
using namespace aster::net::names;

namespace {

wire::dns_name name(std::string_view text) { return wire::dns_name::parse(text).value(); }

const settings known{.hosts = {{name("db"), {10, 0, 0, 7}},
                               {name("DB"), {10, 0, 0, 8}},
                               {name("www.example.com"), {10, 0, 0, 9}}},
                     .search = {name("galaxy.test"), name("example.com")}};

std::string read(std::string_view text) {
  const auto h = read_host(text, known);
  if (!h) return to_string(h.error());
  std::string all;
  for (const auto& a : h->addresses) all += (all.empty() ? "" : " ") + to_string(a);
  for (const auto& q : h->questions) all += (all.empty() ? "? " : " ? ") + to_string(q);
  return all;
}

}  // namespace

TEST_CASE("addresses and names that are known need no question") {
  CHECK(read("10.1.2.3") == "10.1.2.3");
  CHECK(read("2001:db8::1") == "2001:db8::1");
  CHECK(read("[2001:db8::1]") == "2001:db8::1");
  CHECK(read("Db") == "10.0.0.7 10.0.0.8");
  CHECK(read("db.") == "10.0.0.7 10.0.0.8");
  CHECK(read("www.EXAMPLE.com") == "10.0.0.9");
}

TEST_CASE("localhost is this machine, and some are nobody, whoever is asked") {
  CHECK(read("localhost") == "127.0.0.1 ::1");
  CHECK(read("a.LocalHost.") == "127.0.0.1 ::1");
  CHECK(read("example.invalid") == "no such host");
  CHECK(read("abcdefghij.onion") == "no such host");
  CHECK(read("") == "no such host");
  CHECK(read(".") == "no such host");
  CHECK(read("a..b") == "no such host");
}

TEST_CASE("short names are looked for in the search domains first") {
  CHECK(read("shop") == "? shop.galaxy.test ? shop.example.com ? shop");
  CHECK(read("shop.") == "? shop");
  CHECK(read("shop.net") == "? shop.net");
}

TEST_CASE("names below local are for their owners to answer") {
  CHECK(is_local(name("shop.LOCAL")));
  CHECK_FALSE(is_local(name("local")));
  CHECK_FALSE(is_local(name("shop.mylocal")));
  CHECK(read("shop.local") == "? shop.local");
  CHECK(read("local") == "? local.galaxy.test ? local.example.com ? local");
}
