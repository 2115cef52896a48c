// Multicast DNS, message by message.
#include "aster/net/names/responder.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace aster::net;
using namespace aster::net::names;
using namespace std::chrono_literals;
using wire::dns;
using wire::dns_record;
using wire::dns_type;

namespace {

const endpoint neighbour{{10, 0, 0, 9}, 5353}, resolver{{10, 0, 0, 9}, 50000};

wire::dns_name name(std::string_view text) { return wire::dns_name::parse(text).value(); }

struct shop {
  random_source random{{7, 9}};
  responder r{"shop", random};
  time_point now{};
  std::vector<responder::transmission> sent;

  void collect() {
    while (auto t = r.next()) sent.push_back(*std::move(t));
  }
  void pass(duration d) {
    const time_point until = now + d;
    while (r.deadline() <= until) {
      now = std::max(now, r.deadline());
      r.expired(now);
    }
    now = until;
    collect();
  }
  void hear(const dns& m, const endpoint& from = neighbour) {
    std::vector<std::byte> bytes(4000);
    r.arrived(from, std::span{bytes}.first(m.emit(bytes).value()), now);
    collect();
  }
  void claim() {
    r.set_addresses({ip_address{10, 0, 0, 2}}, now);
    pass(10s);
    sent.clear();
  }
};

dns asking(std::string_view about, dns_type type, std::vector<dns_record> known = {}) {
  dns m;
  m.questions = {{name(about), type}};
  m.answers = std::move(known);
  return m;
}

dns claiming(dns_record r) {
  dns m;
  m.is_response = m.is_authoritative = true;
  r.flush = true;
  m.answers = {std::move(r)};
  return m;
}

bool has(const std::vector<dns_record>& records, std::string_view of, dns_type type) {
  return std::ranges::any_of(records, [&](const auto& r) { return r.name == name(of) && r.type == type; });
}

const dns_record theirs{name("shop.local"), dns_type::a, 120, false, ip_address{10, 0, 0, 9}};
const dns_record ours{name("shop.local"), dns_type::a, 120, true, ip_address{10, 0, 0, 2}};

}  // namespace

TEST_CASE("a name is asked for three times, then announced twice") {
  shop s;
  s.pass(1h);
  CHECK(s.sent.empty());  // without an address there is nothing to say
  s.r.announce({.type = "_http._tcp", .port = 8080, .texts = {"path=/"}}, s.now);
  s.r.set_addresses({ip_address{10, 0, 0, 2}}, s.now);
  s.pass(10s);
  REQUIRE(s.sent.size() == 5);
  for (int i = 0; i < 3; ++i) {
    const dns& m = s.sent[static_cast<std::size_t>(i)].message;
    CHECK_FALSE(m.is_response);
    REQUIRE(m.questions.size() == 2);
    CHECK(m.questions[0].name == name("shop.local"));
    CHECK(m.questions[0].type == dns_type::any);
    CHECK(m.questions[0].unicast_wanted);
    CHECK(m.questions[1].name == name("shop._http._tcp.local"));
    CHECK(has(m.authorities, "shop.local", dns_type::a));
    CHECK(has(m.authorities, "shop._http._tcp.local", dns_type::srv));
  }
  for (int i = 3; i < 5; ++i) {
    const dns& m = s.sent[static_cast<std::size_t>(i)].message;
    CHECK(m.is_response);
    CHECK(m.is_authoritative);
    CHECK(m.answers.size() == 6);
    for (const auto& a : m.answers) CHECK(a.flush == (a.type != dns_type::ptr));
  }
  CHECK(s.r.now_in() == responder::state::running);
}

TEST_CASE("a name that somebody has is left to him, and the next is tried") {
  shop s;
  s.r.set_addresses({ip_address{10, 0, 0, 2}}, s.now);
  s.pass(300ms);
  s.hear(claiming(theirs));
  CHECK(s.r.name() == name("shop-2.local"));
  dns_record second = theirs;
  second.name = name("SHOP-2.local");
  s.hear(claiming(second));
  CHECK(s.r.name() == name("shop-3.local"));
  s.sent.clear();
  s.pass(10s);
  CHECK(s.sent.size() == 5);
  CHECK(s.r.now_in() == responder::state::running);
}

TEST_CASE("of two that ask at the same time the one with the greater records goes on") {
  const auto after_probe_with = [](ip_address a) {
    shop s;
    s.r.set_addresses({ip_address{10, 0, 0, 2}}, s.now);
    s.pass(260ms);
    dns m = asking("shop.local", dns_type::any);
    dns_record r = theirs;
    r.data = a;
    m.authorities = {r};
    const time_point before = s.r.deadline();
    s.hear(m);
    CHECK(s.r.name() == name("shop.local"));
    return s.r.deadline() - before;
  };
  CHECK(after_probe_with({10, 0, 0, 1}) == 0s);
  CHECK(after_probe_with({10, 0, 0, 2}) == 0s);  // ourselves, by another way
  CHECK(after_probe_with({10, 0, 0, 3}) > 700ms);
}

TEST_CASE("questions are answered: to the group, to the asker, and as a name server would") {
  shop s;
  s.r.announce({}, s.now);
  s.claim();
  s.hear(asking("shop.local", dns_type::a));
  REQUIRE(s.sent.size() == 1);
  CHECK_FALSE(s.sent[0].to);
  CHECK(s.sent[0].message.answers == std::vector{ours});
  s.hear(asking("shop.local", dns_type::a));
  CHECK(s.sent.size() == 1);  // everybody has heard it less than a second ago

  dns m = asking("SHOP.local", dns_type::a);
  m.questions[0].unicast_wanted = true;
  s.hear(m);
  REQUIRE(s.sent.size() == 2);
  CHECK(s.sent[1].to == neighbour);

  m = asking("shop.local", dns_type::a);
  m.id = 77;
  s.hear(m, resolver);
  REQUIRE(s.sent.size() == 3);
  CHECK(s.sent[2].to == resolver);
  CHECK(s.sent[2].message.id == 77);
  CHECK(s.sent[2].message.questions == m.questions);
  CHECK_FALSE(s.sent[2].message.answers[0].flush);
  CHECK(s.sent[2].message.answers[0].ttl == 10);

  s.hear(asking("other.local", dns_type::a));
  s.hear(asking("shop.local", dns_type::ptr, {}), resolver);
  REQUIRE(s.sent.size() == 4);
  CHECK(s.sent[3].message.answers[0].type == dns_type::nsec);  // there is no such record
}

TEST_CASE("who browses hears of the service, with what he will ask for next") {
  shop s;
  s.r.announce({.port = 8080}, s.now);
  s.claim();
  s.hear(asking("_http._tcp.local", dns_type::ptr));
  CHECK(s.sent.empty());  // others may answer as well: not all at once
  CHECK(s.r.deadline() - s.now >= 20ms);
  s.pass(1s);
  REQUIRE(s.sent.size() == 1);
  const dns& m = s.sent[0].message;
  REQUIRE(m.answers.size() == 1);
  CHECK(std::get<wire::dns_name>(m.answers[0].data) == name("shop._http._tcp.local"));
  CHECK(has(m.additionals, "shop._http._tcp.local", dns_type::srv));
  CHECK(has(m.additionals, "shop._http._tcp.local", dns_type::txt));
  CHECK(has(m.additionals, "shop.local", dns_type::a));
  s.hear(asking("_services._dns-sd._udp.local", dns_type::ptr));
  s.pass(1s);
  REQUIRE(s.sent.size() == 2);
  CHECK(std::get<wire::dns_name>(s.sent[1].message.answers[0].data) == name("_http._tcp.local"));
}

TEST_CASE("what the asker knows is not told again") {
  shop s;
  s.r.announce({}, s.now);
  s.claim();
  const dns_record pointer{name("_http._tcp.local"), dns_type::ptr, 4000, false,
                           name("shop._http._tcp.local")};
  s.hear(asking("_http._tcp.local", dns_type::ptr, {pointer}));
  s.pass(1s);
  CHECK(s.sent.empty());
  auto old = pointer;
  old.ttl = 2000;  // less than half of its time is left
  s.hear(asking("_http._tcp.local", dns_type::ptr, {old}));
  s.pass(1s);
  CHECK(s.sent.size() == 1);
  s.now += 5s;
  // The list of what is known goes on in another message.
  dns m = asking("_http._tcp.local", dns_type::ptr);
  m.is_truncated = true;
  s.hear(m);
  CHECK(s.r.deadline() - s.now >= 400ms);
  dns rest;
  rest.answers = {pointer};
  s.hear(rest);
  s.pass(1s);
  CHECK(s.sent.size() == 1);
}

TEST_CASE("a name is defended, and who contradicts makes us ask again") {
  shop s;
  s.claim();
  dns probe = asking("shop.local", dns_type::any);
  probe.questions[0].unicast_wanted = true;
  probe.authorities = {theirs};
  s.hear(probe);
  REQUIRE(s.sent.size() == 1);
  CHECK(s.sent[0].message.answers[0] == ours);
  CHECK(s.r.now_in() == responder::state::running);

  s.hear(claiming(ours));  // our own words, by some way
  CHECK(s.r.now_in() == responder::state::running);
  s.hear(claiming(theirs), resolver);  // not from a multicast DNS host
  CHECK(s.r.now_in() == responder::state::running);
  s.hear(claiming(theirs));
  CHECK(s.r.now_in() == responder::state::probing);
  s.hear(claiming(theirs));
  CHECK(s.r.name() == name("shop-2.local"));
}

TEST_CASE("another address is announced, and the end as well") {
  shop s;
  s.claim();
  s.r.set_addresses({ip_address{10, 0, 0, 2}, *ip_address::parse("fe80::2")}, s.now);
  s.pass(5s);
  REQUIRE(s.sent.size() == 2);
  CHECK(has(s.sent[0].message.answers, "shop.local", dns_type::aaaa));
  s.sent.clear();
  s.r.stop();
  s.collect();
  REQUIRE(s.sent.size() == 1);
  for (const auto& r : s.sent[0].message.answers) CHECK(r.ttl == 0);
  CHECK(s.r.deadline() == never);
  s.hear(asking("shop.local", dns_type::a));
  CHECK(s.sent.size() == 1);
}

TEST_CASE("labels and types that can be none are refused") {
  random_source random{{1, 1}};
  CHECK_THROWS_AS((responder{"", random}), std::invalid_argument);
  CHECK_THROWS_AS((responder{std::string(64, 'x'), random}), std::invalid_argument);
  responder r{std::string(63, 'x'), random};
  CHECK_THROWS_AS(r.announce({.type = "http"}, {}), std::invalid_argument);
  CHECK_THROWS_AS(r.announce({.type = std::string(64, 'y') + "._tcp"}, {}), std::invalid_argument);
}

TEST_CASE("a flood of questions holds no more answers than it may") {
  shop s;
  s.r.announce({}, s.now);
  s.claim();
  for (int i = 0; i < 1000; ++i)
    s.hear(asking("_http._tcp.local", dns_type::ptr), {{10, 0, 0, 9}, static_cast<std::uint16_t>(5353)});
  s.pass(10s);
  CHECK(s.sent.size() == 1);
}
