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

TEST_CASE("IPv6 addresses are written as RFC 5952 wants them") {
  const std::pair<const char*, const char*> cases[] = {
      {"::", "::"},
      {"::1", "::1"},
      {"2001:0DB8:0:0:0:0:0:1", "2001:db8::1"},
      {"2001:db8::0:1", "2001:db8::1"},
      {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},  // one zero group stays (§4.2.2)
      {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},           // the longer run (§4.2.3)
      {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},     // the first of equals
      {"fe80::", "fe80::"},
      {"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
      {"1::8", "1::8"},
      {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
      {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
      {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
      {"::ffff:192.0.2.33", "::ffff:192.0.2.33"},
      {"::ffff:c000:221", "::ffff:192.0.2.33"},
      {"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"},
  };
  for (const auto [given, written] : cases) {
    CAPTURE(given);
    const auto address = ipv6_address::parse(given);
    REQUIRE(address);
    CHECK(to_string(*address) == written);
    CHECK(ipv6_address::parse(written) == address);
  }
  for (const char* text : {"",
                           ":",
                           ":::",
                           "1",
                           "1:",
                           ":1",
                           "1:2:3:4:5:6:7",
                           "1:2:3:4:5:6:7:8:9",
                           "1::2::3",
                           "12345::",
                           "g::",
                           "::1 ",
                           " ::1",
                           "fe80::1%eth0",
                           "1:2:3:4:5:6:7:8::",
                           "::1:2:3:4:5:6:7:8",
                           "1:2:3:4:5:6:7:1.2.3.4",
                           "1.2.3.4",
                           "::1.2.3",
                           "::1.2.3.4.5",
                           "::1.2.3.4:5",
                           "::01.2.3.4",
                           "1:2:3:4::5:6:7:8",
                           "[::1]",
                           "::1/64"}) {
    CAPTURE(text);
    CHECK_FALSE(ipv6_address::parse(text));
  }
}

TEST_CASE("what kind of IPv6 address it is") {
  const auto a = [](const char* text) { return ipv6_address::parse(text).value(); };
  CHECK(a("fe80::1").is_link_local());
  CHECK(a("febf::1").is_link_local());
  CHECK_FALSE(a("fec0::1").is_link_local());
  CHECK(a("fd12::1").is_unique_local());
  CHECK(a("ff02::1").is_multicast());
  CHECK(a("::ffff:1.2.3.4").is_v4_mapped());
  for (const char* none : {"::", "::1", "ff02::1", "::ffff:1.2.3.4"}) CHECK_FALSE(a(none).is_unicast());
  CHECK(a("2001:db8::1:800:200e:8c6c").solicited_node() == a("ff02::1:ff0e:8c6c"));
  CHECK(a("ff02::1:ff0e:8c6c").is_solicited_node());
  CHECK_FALSE(a("ff02::1").is_solicited_node());
  CHECK_FALSE(a("fe80::1:ff0e:8c6c").is_solicited_node());
  CHECK(a("2001:db8::").common_prefix(a("2001:db8::")) == 128);
  CHECK(a("2001:db8::").common_prefix(a("2001:db9::")) == 31);
  CHECK(a("8000::").common_prefix(a("::")) == 0);
  CHECK(a("2001:db8:ffff:ffff::1").prefix(35) == a("2001:db8:e000::"));
  CHECK(a("2001:db8::1").prefix(0) == a("::"));
  CHECK(a("2001:db8::1").prefix(128) == a("2001:db8::1"));
  const auto i = ipv6_interface::parse("2001:db8::2/64");
  REQUIRE(i);
  CHECK(to_string(*i) == "2001:db8::2/64");
  CHECK(i->contains(a("2001:db8::ffff:0:0:1")));
  CHECK_FALSE(i->contains(a("2001:db8:0:1::1")));
  for (const char* text : {"2001:db8::2", "2001:db8::2/129", "2001:db8::2/", "10.0.0.1/8", "/64"})
    CHECK_FALSE(ipv6_interface::parse(text));
}

TEST_CASE("an address of either family") {
  const ip_address four{10, 0, 0, 2}, six{ipv6_address{0x2001, 0xdb8, 0, 0, 0, 0, 0, 2}};
  CHECK(four.is_v4());
  CHECK(four.v4() == ipv4_address{10, 0, 0, 2});
  CHECK(six.is_v6());
  CHECK(ip_address::parse("10.0.0.2") == four);
  CHECK(ip_address::parse("::ffff:10.0.0.2") == four);
  CHECK(ip_address::parse("2001:db8::2") == six);
  CHECK_FALSE(ip_address::parse("host"));
  CHECK(to_string(endpoint{four, 80}) == "10.0.0.2:80");
  CHECK(to_string(endpoint{six, 80}) == "[2001:db8::2]:80");
  CHECK(ip_address{}.is_unspecified());
  CHECK(ip_address{ipv4_address{}}.is_unspecified());
  CHECK(four.is_unicast());
  CHECK(six.is_unicast());
  CHECK_FALSE(ip_address{224, 0, 0, 1}.is_unicast());
  const auto prefix = ip_prefix::parse("10.0.0.0/8").value();
  CHECK(prefix.contains({10, 255, 0, 1}));
  CHECK_FALSE(prefix.contains({11, 0, 0, 1}));
  CHECK_FALSE(prefix.contains(six));
  CHECK_FALSE(ip_prefix::parse("::/0").value().contains(four));
  CHECK(ip_prefix::parse("::/0").value().contains(six));
  for (const char* text : {"10.0.0.0/8", "2001:db8::/32", "10.0.0.1", "::1", "0.0.0.0/0"})
    CHECK(to_string(ip_prefix::parse(text).value()) == text);
  for (const char* text : {"10.0.0.0/33", "::/129", "/8", "10.0.0.0/", "10.0.0.0/8x", "x/8"})
    CHECK_FALSE(ip_prefix::parse(text));
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
  const auto both =
      configuration::parse("ip=10.0.0.2/24,ip6=2001:db8::2/64,gateway6=fe80::1,dns6=2001:db8::53");
  REQUIRE(both);
  CHECK(to_string(*both->address6) == "2001:db8::2/64");
  CHECK(to_string(*both->gateway6) == "fe80::1");
  CHECK(both->ipv6);
  CHECK_FALSE(configuration::parse("ip6=off")->ipv6);
  CHECK(configuration::parse("ip6=auto")->ipv6);
  for (const char* text :
       {"ip6=2001:db8::2", "ip6=ff02::1/64", "ip6=::1/128", "ip6=::ffff:1.2.3.4/64", "gateway6=fe80::1",
        "ip6=2001:db8::2/64,gateway6=2001:db9::1", "ip6=2001:db8::2/64,gateway6=2001:db8::2", "dns6=x"})
    CHECK_FALSE(configuration::parse(text));
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
