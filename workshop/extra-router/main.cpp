// A router for a small network: the hosts on `lan` share the one address that it has on `wan`.
#include <chrono>
#include <cstdio>
#include <print>
#include <string>

#include "aster/net.hpp"
#include "aster/task.hpp"
#include "firewall.hpp"
#include "translation.hpp"
using namespace aster;

net::device<"wan"> wan;
net::device<"lan"> lan;

/// What becomes of each packet.
class policy final : public net::packet_hook {
 public:
  policy(firewall rules, translation& nat) : rules_(std::move(rules)), nat_(nat) {}

  verdict arriving(net::transit_packet& p, net::time_point now) override {
    is_answer_ = p.from() == "wan" && nat_.inward(p, now);
    return verdict::accept;
  }

  verdict leaving(net::transit_packet& p, net::time_point now) override {
    if (p.from() == "wan") return is_answer_ ? verdict::accept : verdict::drop;
    if (const verdict v = rules_.about(p); v != verdict::accept) return v;
    return nat_.outward(p, now) ? verdict::accept : verdict::drop;
  }

 private:
  firewall rules_;
  translation& nat_;
  bool is_answer_ = false;  // the packet that is being looked at belongs to something that began inside
};

int main(int count, char** words) {
  std::string text;
  for (int i = 1; i < count; ++i) text += std::string{words[i]} + "\n";
  auto rules = firewall::parse(text);
  if (!rules) {
    std::println(stderr, "{}", rules.error());
    return 2;
  }

  net::stack stack{wan};
  stack.attach(lan);
  const auto outside = stack.wait_for_address();
  const auto inside = stack.interfaces()[1].address;
  if (!outside || !inside) {
    std::println(stderr, "a router needs an address on both sides, and on the lan a fixed one");
    return 1;
  }

  translation nat{[&] { return stack.address().value_or(net::ipv4_interface{}).address; }};
  policy p{*std::move(rules), nat};
  stack.forward({.hook = &p});
  std::println("{} is {} outside", net::to_string(*inside), net::to_string(outside->address));
  std::fflush(stdout);
  for (;;) task::sleep(std::chrono::hours{1});  // until somebody asks us to stop
}
