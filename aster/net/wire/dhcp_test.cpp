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
  m.dns = ipv4_address{10, 0, 0, 3};
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

TEST_CASE("any options are read or refused") {
  random_source random{{6, 6}};
  auto bytes = emitted(offer());
  for (int round = 0; round < 20000; ++round) {
    for (std::size_t i = dhcp::fixed_size; i < bytes.size(); ++i)
      bytes[i] = static_cast<std::byte>(random.below(2) == 0 ? random.below(60) : random.below(256));
    (void)dhcp::parse(std::span{bytes}.first(dhcp::fixed_size + random.below(60)));
  }
}
