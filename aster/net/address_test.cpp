#include "aster/net/address.hpp"

#include <doctest/doctest.h>

#include "aster/net/configuration.hpp"
#include "aster/net/rate_limit.hpp"
#include "aster/net/siphash.hpp"

using namespace aster::net;
using namespace std::chrono_literals;

TEST_CASE("addresses are written as they are read") {
  for (const char* text : {"0.0.0.0", "10.0.0.2", "255.255.255.255", "192.168.178.1"}) {
    const auto address = ipv4_address::parse(text);
    REQUIRE(address);
    CHECK(to_string(*address) == text);
  }
  for (const char* text : {"", "10", "10.0.0", "10.0.0.", "10.0.0.256", "10.0.0.02", "10.0.0.2 ", " 10.0.0.2",
                           "10.0.0.2.3", "0x10.0.0.1", "10..0.1", "-1.0.0.1", "1000000000000.0.0.1"})
    CHECK_FALSE(ipv4_address::parse(text));
  CHECK(to_string(endpoint{{10, 0, 0, 2}, 80}) == "10.0.0.2:80");
  CHECK(to_string(mac_address{{0x52, 0x54, 0, 0x0a, 0xb, 0xff}}) == "52:54:00:0a:0b:ff");
}

TEST_CASE("interfaces know their network") {
  const auto i = ipv4_interface::parse("10.1.2.3/20");
  REQUIRE(i);
  CHECK(to_string(*i) == "10.1.2.3/20");
  CHECK(i->contains({10, 1, 15, 255}));
  CHECK_FALSE(i->contains({10, 1, 16, 0}));
  CHECK(i->is_directed_broadcast({10, 1, 15, 255}));
  CHECK_FALSE(i->is_directed_broadcast({10, 1, 15, 254}));
  CHECK(ipv4_interface::parse("10.0.0.1/0")->contains({1, 2, 3, 4}));
  CHECK_FALSE(ipv4_interface::parse("10.0.0.1/32")->is_directed_broadcast({10, 0, 0, 1}));
  CHECK_FALSE(ipv4_interface::parse("10.0.0.1/31")->is_directed_broadcast({10, 0, 0, 1}));
  for (const char* text : {"10.0.0.1", "10.0.0.1/", "10.0.0.1/33", "10.0.0.1/8/8", "/8", "10.0.0.1/08"})
    CHECK_FALSE(ipv4_interface::parse(text));
}

TEST_CASE("what kind of address it is") {
  CHECK(ipv4_address{10, 0, 0, 1}.is_unicast());
  for (const ipv4_address a : {ipv4_address{0, 0, 0, 0},
                               {0, 1, 2, 3},
                               {127, 0, 0, 1},
                               {224, 0, 0, 1},
                               {240, 0, 0, 1},
                               {255, 255, 255, 255}})
    CHECK_FALSE(a.is_unicast());
}

TEST_CASE("a device's configuration is read, or the fault named") {
  const auto good = configuration::parse("ip=10.0.0.2/24,gateway=10.0.0.1,dns=10.0.0.3");
  REQUIRE(good);
  CHECK(to_string(*good->address) == "10.0.0.2/24");
  CHECK(good->gateway == ipv4_address{10, 0, 0, 1});
  CHECK(good->dns == ipv4_address{10, 0, 0, 3});
  CHECK_FALSE(configuration::parse("")->address);
  for (const char* text : {"ip=10.0.0.2", "ip=10.0.0.2/24,gateway=10.0.1.1", "ip=10.0.0.0/24",
                           "ip=10.0.0.255/24", "ip=127.0.0.1/8", "ip=10.0.0.2/24,gateway=10.0.0.2",
                           "gateway=10.0.0.1", "ip", "ip=", "mtu=3", "ip=10.0.0.2/24,,"}) {
    CAPTURE(text);
    const auto bad = configuration::parse(text);
    REQUIRE_FALSE(bad);
    CHECK(bad.error().size() > 10);
    CHECK(bad.error().find('\n') == std::string::npos);
  }
  CHECK(configuration::parse("ip=10.0.0.0/31,gateway=10.0.0.1"));  // RFC 3021
}

TEST_CASE("SipHash-2-4 gives the numbers of its paper") {
  constexpr siphash_key key{0x0706050403020100, 0x0f0e0d0c0b0a0908};
  CHECK(siphash<0>(key, {}) == 0x726fdb47dd0e0e31);
  CHECK(siphash<1>(key, {0x0706050403020100}) == 0x93f5f5799a932462);
}

TEST_CASE("a token bucket gives so many at once, and so many a second") {
  rate_limit limit{3, 100ms};
  time_point now{};
  for (int i = 0; i < 3; ++i) CHECK(limit.take(now));
  CHECK_FALSE(limit.take(now));
  now += 99ms;
  CHECK_FALSE(limit.take(now));
  now += 1ms;
  CHECK(limit.take(now));
  CHECK_FALSE(limit.take(now));
  now += 250ms;  // two and a half
  CHECK(limit.take(now));
  CHECK(limit.take(now));
  CHECK_FALSE(limit.take(now));
  now += 50ms;  // the half was not lost
  CHECK(limit.take(now));
  now += 1h;
  for (int i = 0; i < 3; ++i) CHECK(limit.take(now));
  CHECK_FALSE(limit.take(now));
}
