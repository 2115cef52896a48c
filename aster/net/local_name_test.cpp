// Two stacks that find each other by name without any server, in virtual time.
#include "aster/net/local_name.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>

#include "aster/net.hpp"
#include "aster/net/virtual_link.hpp"
#include "aster/task/event.hpp"
#include "aster/task/scope.hpp"
#include "aster/task/simulation.hpp"

using namespace aster;
using namespace std::chrono_literals;

namespace {

struct world {
  net::virtual_link link;
  task::scope carrier{"wire"};
  net::stack left, right;

  explicit world(const char* left_at = "ip=10.0.0.1/24", const char* right_at = "ip=10.0.0.2/24")
      : link{1, {.delay = 1ms}, {.left_configuration = left_at, .right_configuration = right_at}},
        left{(start(), link.left())},
        right{link.right()} {}

  void start() {
    link.sent = [] { task::raise_event(); };
    carrier.spawn("wire", [this] {
      for (;;) {
        if (link.deliver(task::now())) task::raise_event();
        task::wait_for_event(link.next_arrival());
      }
    });
  }
};

const net::ip_address left_address{10, 0, 0, 1}, right_address{10, 0, 0, 2};

}  // namespace

TEST_CASE("two machines find each other by names that nobody gave them") {
  task::simulation{}.run([] {
    world w;
    net::local_name shop{w.left, "shop", {{.type = "_http._tcp", .port = 80}}}, desk{w.right, "desk"};
    CHECK(shop.wait_until_claimed());
    CHECK(desk.wait_until_claimed());
    CHECK(shop.name() == "shop.local");
    net::listener l = w.left.listen(80);
    CHECK(w.right.resolve("Shop.local") == std::vector{left_address});
    CHECK(w.left.resolve("desk.local") == std::vector{right_address});
    const auto before = task::now();
    auto s = w.right.connect("shop.local", 80);
    REQUIRE(s);
    CHECK(s->remote() == net::endpoint{left_address, 80});
    CHECK(task::now() - before < 50ms);
  });
}

TEST_CASE("over IPv6 as well, and by addresses of both families") {
  constexpr const char* left_at = "ip=10.0.0.1/24,ip6=2001:db8::1/64,gateway6=fe80::1";
  // On another network of IPv4: what they hear of each other is heard over IPv6.
  constexpr const char* right_at = "ip=10.9.9.2/24,ip6=2001:db8::2/64,gateway6=fe80::1";
  task::simulation{}.run([] {
    world w{left_at, right_at};
    net::local_name shop{w.left, "shop"}, other{w.right, "shop"};
    CHECK(shop.wait_until_claimed());
    CHECK(other.wait_until_claimed());
    CHECK(shop.name() != other.name());
    const net::ip_address left6 = *net::ip_address::parse("2001:db8::1");
    const auto found = w.right.resolve(shop.name());
    REQUIRE(found);
    CHECK(found->front() == left6);
    CHECK(std::ranges::contains(*found, left_address));
    net::listener l = w.left.listen(80);
    auto s = w.right.connect(shop.name(), 80);
    REQUIRE(s);
    CHECK(s->remote() == net::endpoint{left6, 80});
  });
}

TEST_CASE("the second to ask for a name gets the next one") {
  task::simulation{}.run([] {
    world w;
    net::local_name first{w.left, "shop"};
    CHECK(first.wait_until_claimed());
    net::local_name second{w.right, "shop"};
    CHECK(second.wait_until_claimed());
    CHECK(second.name() == "shop-2.local");
    CHECK(w.right.resolve("shop.local") == std::vector{left_address});
    CHECK(w.left.resolve("shop-2.local") == std::vector{right_address});
  });
}

TEST_CASE("two that ask for a name at once both end with one") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    task::simulation{seed}.run([] {
      world w;
      net::local_name one{w.left, "shop"}, other{w.right, "shop"};
      CHECK(one.wait_until_claimed());
      CHECK(other.wait_until_claimed());
      CHECK(one.name() != other.name());
    });
  }
}

TEST_CASE("a name that nobody has, and one that is given up") {
  task::simulation{}.run([] {
    world w;
    CHECK(w.left.resolve("nobody.local").error() == net::error::unknown_name);
    std::optional<net::local_name> shop;
    shop.emplace(w.right, "shop");
    CHECK(shop->wait_until_claimed());
    CHECK(w.left.resolve("shop.local"));
    shop.reset();
    task::sleep(1min);
    CHECK(w.left.resolve("shop.local").error() == net::error::unknown_name);
    CHECK_THROWS_AS((net::local_name{w.left, ""}), std::invalid_argument);
    net::local_name again{w.right, "shop"};  // the port is free again
    CHECK(again.wait_until_claimed());
  });
}

TEST_CASE("a name waits for an address") {
  task::simulation{}.run([] {
    net::virtual_link link{1, {.delay = 1ms}};  // nobody answers DHCP
    net::stack stack{link.left()};
    net::local_name shop{stack, "shop"};
    CHECK_FALSE(shop.wait_until_claimed(5min));
  });
}
