// Joining and leaving multicast groups as routers and switches hear of it.
#include "aster/net/group_membership.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "aster/net/wire/checksum.hpp"

using namespace aster::net;
using namespace std::chrono_literals;
using wire::igmp;

namespace {

constexpr ipv4_address mdns{224, 0, 0, 251}, other{239, 1, 2, 3};

std::vector<std::byte> bytes_of(std::initializer_list<int> list) {
  std::vector<std::byte> v;
  for (const int b : list) v.push_back(static_cast<std::byte>(b));
  wire::checksum sum;
  sum.add(v);
  wire::store16(v, 2, sum.value());
  return v;
}
const auto query_v1 = bytes_of({0x11, 0, 0, 0, 0, 0, 0, 0});
const auto query_v2 = bytes_of({0x11, 100, 0, 0, 0, 0, 0, 0});
const auto query_v3 = bytes_of({0x11, 100, 0, 0, 0, 0, 0, 0, 2, 125, 0, 0});
const auto query_v3_mdns = bytes_of({0x11, 10, 0, 0, 224, 0, 0, 251, 2, 125, 0, 0});

struct world {
  random_source random{{1, 2}};
  counters counts;
  group_membership groups{random, counts};
  time_point now{};

  // What is said until `d` has passed, as "to: what group, …".
  std::vector<std::string> step(duration d = duration::zero()) {
    std::vector<std::string> said;
    const time_point until = now + d;
    for (;;) {
      groups.expired(now, [&](ipv4_address to, wire::bytes m) {
        CHECK(igmp::parse(m));
        std::string text = to_string(to) + ":";
        const auto type = static_cast<igmp::kind>(wire::load8(m, 0));
        if (type == igmp::kind::report_v3) {
          REQUIRE(m.size() == 8u + wire::load16(m, 6) * 8u);
          for (std::size_t at = 8; at < m.size(); at += 8) {
            const auto what = static_cast<igmp::change>(wire::load8(m, at));
            text += what == igmp::change::begins ? " begins "
                    : what == igmp::change::ends ? " ends "
                                                 : " listens ";
            text += to_string(ipv4_address{wire::load32(m, at + 4)});
          }
        } else {
          text += type == igmp::kind::leave ? " leave " : type == igmp::kind::report_v1 ? " v1 " : " v2 ";
          text += to_string(ipv4_address{wire::load32(m, 4)});
        }
        said.push_back(text);
      });
      if (now == until) return said;
      now = std::min(until, groups.deadline());
    }
  }
};
using lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a group that is joined is reported twice, and again when it is left") {
  world w;
  CHECK(w.groups.join(mdns, w.now));
  CHECK(w.groups.contains(mdns));
  CHECK(w.step() == lines{"224.0.0.22: begins 224.0.0.251"});
  CHECK(w.step(2s) == lines{"224.0.0.22: begins 224.0.0.251"});
  CHECK(w.groups.join(mdns, w.now));  // a second listener changes nothing
  w.groups.leave(mdns, w.now);
  CHECK(w.step(1h).empty());
  w.groups.leave(mdns, w.now);
  CHECK_FALSE(w.groups.contains(mdns));
  CHECK(w.step(2s) == lines{"224.0.0.22: ends 224.0.0.251", "224.0.0.22: ends 224.0.0.251"});
  CHECK(w.groups.deadline() == never);
}

TEST_CASE("a query is answered within its time, by one report for all groups") {
  world w;
  w.groups.join(mdns, w.now);
  w.groups.join(other, w.now);
  w.step(10s);
  w.groups.arrived(query_v3, w.now);
  CHECK(w.groups.deadline() <= w.now + 10s);
  CHECK(w.step(10s) == lines{"224.0.0.22: listens 224.0.0.251 listens 239.1.2.3"});
  w.groups.arrived(query_v3_mdns, w.now);
  CHECK(w.step(1s) == lines{"224.0.0.22: listens 224.0.0.251"});
  CHECK(w.counts[counter::igmp_queries] == 2);
}

TEST_CASE("an old router is answered in its words, and forgotten after a while") {
  world w;
  w.groups.join(mdns, w.now);
  w.step(10s);
  w.groups.arrived(query_v2, w.now);
  CHECK(w.step(10s) == lines{"224.0.0.251: v2 224.0.0.251"});
  w.groups.join(other, w.now);
  CHECK(w.step(2s) == lines{"239.1.2.3: v2 239.1.2.3", "239.1.2.3: v2 239.1.2.3"});
  w.groups.leave(other, w.now);
  CHECK(w.step() == lines{"224.0.0.2: leave 239.1.2.3"});
  w.step(10s);
  w.groups.arrived(query_v1, w.now);
  CHECK(w.step(10s) == lines{"224.0.0.251: v1 224.0.0.251"});
  w.step(260s);
  w.groups.arrived(query_v3, w.now);
  CHECK(w.step(10s) == lines{"224.0.0.22: listens 224.0.0.251"});
}

TEST_CASE("under an old router one report of a group is enough (RFC 2236 §3)") {
  world w;
  w.groups.join(mdns, w.now);
  w.step(10s);
  w.groups.arrived(query_v2, w.now);
  std::vector<std::byte> report(8);
  igmp::emit(report, igmp::kind::report_v2, mdns);
  w.groups.arrived(report, w.now);
  CHECK(w.step(10s).empty());
}

TEST_CASE("nothing is said of the group of all hosts, and nothing joined that is no group") {
  world w;
  CHECK(w.groups.contains(group_membership::all_hosts));
  CHECK(w.groups.join(group_membership::all_hosts, w.now));
  CHECK_FALSE(w.groups.join({10, 0, 0, 1}, w.now));
  w.groups.arrived(query_v3, w.now);
  CHECK(w.step(1min).empty());
  for (std::uint8_t i = 0; i < group_membership::group_limit; ++i)
    CHECK(w.groups.join({239, 0, 0, i}, w.now));
  CHECK_FALSE(w.groups.join({239, 0, 1, 0}, w.now));
}

TEST_CASE("damaged messages are counted and change nothing") {
  world w;
  w.groups.join(mdns, w.now);
  w.step(10s);
  auto damaged = query_v3;
  damaged[11] ^= std::byte{1};
  w.groups.arrived(damaged, w.now);
  w.groups.arrived(wire::bytes{query_v3}.first(7), w.now);
  w.groups.arrived(bytes_of({0x11, 100, 0, 0, 10, 0, 0, 1, 2, 125, 0, 0}), w.now);
  w.groups.arrived(bytes_of({0x13, 0, 0, 0, 0, 0, 0, 0}), w.now);
  w.groups.arrived(bytes_of({0x11, 1, 0, 0, 0, 0, 0, 0, 2, 125}), w.now);
  CHECK(w.step(1min).empty());
  CHECK(w.counts[counter::igmp_malformed] == 5);
}
