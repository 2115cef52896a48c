// RFC 5227 in virtual time: probes, announcements, defence.
#include "aster/net/address_claim.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace aster::net;
using namespace std::chrono_literals;
using verdict = address_claim::verdict;

namespace {

constexpr mac_address our_mac{{2, 0, 0, 0, 0, 2}}, other_mac{{2, 0, 0, 0, 0, 7}};
constexpr ipv4_address ours{10, 0, 0, 2};
constexpr wire::arp their_claim{wire::arp::operation::request, other_mac, ours, {}, ours};
constexpr wire::arp their_answer{wire::arp::operation::reply, other_mac, ours, our_mac, {}};
constexpr wire::arp their_probe{wire::arp::operation::request, other_mac, {}, {}, ours};

struct world {
  random_source random{{1, 2}};
  address_claim claim{our_mac, random};
  time_point now{};

  // What is said until `d` has passed: 'p' for probes, 'a' for announcements.
  std::string step(duration d = duration::zero()) {
    std::string said;
    const time_point until = now + d;
    for (;;) {
      while (const auto a = claim.next(now)) {
        CHECK(a->op == wire::arp::operation::request);
        CHECK(a->sender_mac == our_mac);
        CHECK(a->target_ip == ours);
        said += a->sender_ip == ours ? 'a' : 'p';
      }
      if (now == until) return said;
      now = std::min(until, claim.deadline());
    }
  }
};

}  // namespace

TEST_CASE("an address that is taken at once is asked about, announced, and announced again") {
  world w;
  w.claim.begin(ours, {}, w.now);
  CHECK(w.claim.is_settled());
  CHECK(w.step() == "pa");
  CHECK(w.step(1999ms) == "");
  CHECK(w.step(1ms) == "a");
  CHECK(w.claim.deadline() == never);
}

TEST_CASE("an address that is probed first is not used for four to seven seconds") {
  world w;
  w.claim.begin(ours, {.probe_first = true}, w.now);
  CHECK_FALSE(w.claim.is_settled());
  CHECK(w.step(3999ms).find('a') == std::string::npos);
  CHECK_FALSE(w.claim.is_settled());
  CHECK(w.step(3001ms).find('a') != std::string::npos);
  CHECK(w.claim.is_settled());
  w.step(10s);
  world again;
  again.claim.begin(ours, {.probe_first = true}, again.now);
  CHECK(again.step(20s) == "pppaa");
}

TEST_CASE("who answers a probe, or probes at the same time, has the address") {
  for (const auto& a : {their_claim, their_answer, their_probe}) {
    world w;
    w.claim.begin(ours, {.probe_first = true}, w.now);
    w.step(2s);
    CHECK(w.claim.heard(a, w.now) == verdict::lost);
    CHECK_FALSE(w.claim.is_settled());
    CHECK(w.step(1h) == "");
  }
}

TEST_CASE("a fixed address that is taken is asked about once a minute until it is free") {
  world w;
  w.claim.begin(ours, {.probe_first = true, .keep = true}, w.now);
  w.step(2s);
  CHECK(w.claim.heard(their_answer, w.now) == verdict::conflict);
  CHECK(w.step(59s) == "");
  CHECK(w.step(1s) == "p");
  CHECK(w.claim.heard(their_answer, w.now) == verdict::conflict);
  CHECK(w.step(80s) == "pppaa");
  CHECK(w.claim.is_settled());
}

TEST_CASE("an address that was taken at once is given up when its owner answers") {
  world w;
  w.claim.begin(ours, {}, w.now);
  w.step(1s);
  CHECK(w.claim.heard(their_answer, w.now) == verdict::lost);
  CHECK_FALSE(w.claim.is_settled());
  CHECK(w.step(1h) == "");
}

TEST_CASE("later an address is defended once, and given up when that does not help") {
  world w;
  w.claim.begin(ours, {}, w.now);
  w.step(1min);
  CHECK(w.claim.heard(their_claim, w.now) == verdict::conflict);
  CHECK(w.step() == "a");
  CHECK(w.step(9s) == "");
  CHECK(w.claim.heard(their_claim, w.now) == verdict::lost);
  world patient;
  patient.claim.begin(ours, {}, patient.now);
  patient.step(1min);
  for (int i = 0; i < 5; ++i) {
    CHECK(patient.claim.heard(their_claim, patient.now) == verdict::conflict);
    CHECK(patient.step(10s) == "a");
  }
}

TEST_CASE("a fixed address is defended for ever, once in ten seconds") {
  world w;
  w.claim.begin(ours, {.keep = true}, w.now);
  w.step(3s);
  std::size_t defences = 0;
  for (int i = 0; i < 100; ++i) {
    CHECK(w.claim.heard(their_claim, w.now) == verdict::conflict);
    defences += w.step(1s).size();
  }
  CHECK(defences == 10);
}

TEST_CASE("others may talk to us, ask for us, and probe for an address that we use") {
  world w;
  w.claim.begin(ours, {}, w.now);
  w.step(3s);
  CHECK(w.claim.heard({wire::arp::operation::request, other_mac, {10, 0, 0, 1}, {}, ours}, w.now) ==
        verdict::no_conflict);
  CHECK(w.claim.heard(their_probe, w.now) == verdict::no_conflict);
  CHECK(w.claim.heard({wire::arp::operation::request, our_mac, ours, {}, ours}, w.now) ==
        verdict::no_conflict);
  CHECK(w.step(1h) == "");
}
