#include "aster/net/wire/dhcp.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "aster/net/siphash.hpp"

using namespace aster::net;
using namespace aster::net::wire;

namespace {

constexpr mac_address mac{{0x52, 0x54, 0, 0, 0, 1}};

dhcp offer() {
  dhcp m;
  m.type = dhcp::message::offer;
  m.is_reply = true;
  m.transaction = 0xdeadbeef;
  m.client_mac = mac;
  m.yours = {10, 0, 0, 15};
  m.server = ipv4_address{10, 0, 0, 1};
  m.lease = 3600;
  m.renewal = 1800;
  m.rebinding = 3150;
  m.mask = ipv4_address{255, 255, 255, 0};
  m.router = ipv4_address{10, 0, 0, 1};
  m.dns.add({10, 0, 0, 3});
  m.dns.add({10, 0, 0, 4});
  m.domain = "example.net";
  m.routes.add({{{10, 17, 0, 0}, 16}, {10, 0, 0, 9}});
  m.routes.add({{}, {10, 0, 0, 1}});
  m.mtu = 1400;
  return m;
}

std::vector<std::byte> emitted(const dhcp& m) {
  std::vector<std::byte> out(dhcp::largest_size);
  out.resize(m.emit(out));
  return out;
}

}  // namespace

TEST_CASE("what a server says is understood") {
  const dhcp m = offer();
  const auto parsed = dhcp::parse(emitted(m));
  REQUIRE(parsed);
  CHECK(*parsed == m);
}

TEST_CASE("what we say has the least length of BOOTP, and our name") {
  dhcp m;
  m.type = dhcp::message::request;
  m.transaction = 7;
  m.client_mac = mac;
  m.requested = ipv4_address{10, 0, 0, 15};
  m.server = ipv4_address{10, 0, 0, 1};
  m.host_name = "shop";
  const auto bytes = emitted(m);
  CHECK(bytes.size() >= 300);
  auto parsed = dhcp::parse(bytes);
  REQUIRE(parsed);
  CHECK_FALSE(parsed->is_reply);
  parsed->host_name = "shop";
  CHECK(*parsed == m);
  const std::string_view text{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  CHECK(text.find("\x0c\x04shop") != text.npos);
  m.host_name = std::string_view{
      "a name that is much too long for a packet, whoever chose it, and says nothing at all"};
  CHECK(emitted(m).size() <= dhcp::largest_size);
}

TEST_CASE("a message cut short is refused, or lacks what was cut") {
  const auto whole = emitted(offer());
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const auto parsed = dhcp::parse(std::span{whole}.first(n));
    if (n < dhcp::fixed_size + 3) CHECK_FALSE(parsed);
    if (parsed) CHECK(parsed->transaction == 0xdeadbeef);
  }
}

TEST_CASE("another kind of hardware, no cookie, no type") {
  for (const std::size_t at : {0u, 1u, 2u, 236u, 239u}) {
    auto bytes = emitted(offer());
    bytes[at] = std::byte{0x77};
    CHECK_FALSE(dhcp::parse(bytes));
  }
  auto bytes = emitted(offer());
  bytes[dhcp::fixed_size + 2] = std::byte{99};  // the type's value
  CHECK_FALSE(dhcp::parse(bytes));
  bytes[dhcp::fixed_size] = std::byte{200};  // an option that nobody knows instead
  CHECK_FALSE(dhcp::parse(bytes));
}

TEST_CASE("options may overflow into the fields for file and server name") {
  auto bytes = emitted(offer());
  const auto put = [&](std::size_t at, std::initializer_list<int> values) {
    for (const int v : values) bytes[at++] = static_cast<std::byte>(v);
  };
  put(dhcp::fixed_size, {53, 1, 2, 52, 1, 3, 255});
  put(108, {1, 4, 255, 255, 0, 0, 255});
  put(44, {3, 4, 10, 0, 0, 9, 255});
  const auto parsed = dhcp::parse(bytes);
  REQUIRE(parsed);
  CHECK(parsed->mask == ipv4_address{255, 255, 0, 0});
  CHECK(parsed->router == ipv4_address{10, 0, 0, 9});
  CHECK_FALSE(parsed->lease);
}

TEST_CASE("routes are read as RFC 3442 writes them, all or none") {
  auto bytes = emitted(offer());
  const auto put = [&](std::initializer_list<int> values) {
    std::size_t at = dhcp::fixed_size;
    for (const int v : values) bytes[at++] = static_cast<std::byte>(v);
  };
  // The RFC's own examples: 0, 10.0.0.0/8, 10.17.0.0/16, 10.27.129.0/24, 10.229.0.128/25, 10.198.122.47/32.
  put({53, 1,   2, 121, 44, 0, 1,  1,  1,   1, 8,   10, 1, 1, 1, 1,  16, 10,  17,  1,  1, 1, 1, 24, 10,
       27, 129, 1, 1,   1,  1, 25, 10, 229, 0, 128, 1,  1, 1, 1, 32, 10, 198, 122, 47, 1, 1, 1, 1,  255});
  auto parsed = dhcp::parse(bytes);
  REQUIRE(parsed);
  REQUIRE(parsed->routes.count == 6);
  const char* expected[] = {"0.0.0.0/0",      "10.0.0.0/8",      "10.17.0.0/16",
                            "10.27.129.0/24", "10.229.0.128/25", "10.198.122.47/32"};
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK(to_string(parsed->routes.values[i].network) == expected[i]);
    CHECK(parsed->routes.values[i].router == ipv4_address{1, 1, 1, 1});
  }
  // What is written beyond the prefix is cleared.
  put({53, 1, 2, 121, 7, 9, 10, 255, 10, 0, 0, 1, 255});
  CHECK(to_string(dhcp::parse(bytes)->routes.values[0].network) == "10.128.0.0/9");
  put({53, 1, 2, 121, 6, 33, 10, 0, 0, 0, 1, 255});
  CHECK(dhcp::parse(bytes)->routes.count == 0);
  put({53, 1, 2, 121, 9, 0, 10, 0, 0, 1, 24, 10, 0, 1, 255});
  CHECK(dhcp::parse(bytes)->routes.count == 0);
}

TEST_CASE("a domain is a domain, or is not believed") {
  dhcp m = offer();
  m.domain = "shop.example";
  auto bytes = emitted(m);
  CHECK(dhcp::parse(bytes)->domain == "shop.example");
  for (std::size_t i = 0; i + 12 < bytes.size(); ++i)
    if (std::memcmp(bytes.data() + i, "shop.example", 12) == 0) bytes[i + 4] = std::byte{' '};
  CHECK(dhcp::parse(bytes)->domain.empty());
}

TEST_CASE("any options are read or refused") {
  random_source random{{6, 6}};
  auto bytes = emitted(offer());
  for (int round = 0; round < 20000; ++round) {
    for (std::size_t i = dhcp::fixed_size; i < bytes.size(); ++i)
      bytes[i] = static_cast<std::byte>(random.below(2) == 0 ? random.below(60) : random.below(256));
    (void)dhcp::parse(std::span{bytes}.first(dhcp::fixed_size + random.below(60)));
  }
}
