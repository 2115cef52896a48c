// One question, its answers, and what is kept of them: servers that are scripted by hand.
#include "aster/net/names/query.hpp"

#include <doctest/doctest.h>

#include <string>

#include "aster/net/names/cache.hpp"

using namespace aster::net;
using namespace aster::net::names;
using namespace std::chrono_literals;
using wire::dns_code;
using wire::dns_record;
using wire::dns_type;

namespace {

constexpr time_point start{};
const ip_address first{10, 0, 0, 53}, second{10, 0, 1, 53};

wire::dns_name name(std::string_view text) { return wire::dns_name::parse(text).value(); }
dns_record address(std::string_view of, std::uint8_t last, std::uint32_t ttl = 300) {
  return {name(of), dns_type::a, ttl, false, ip_address{192, 0, 2, last}};
}
dns_record alias(std::string_view of, std::string_view to, std::uint32_t ttl = 300) {
  return {name(of), dns_type::cname, ttl, false, name(to)};
}
dns_record authority(std::string_view zone, std::uint32_t ttl, std::uint32_t minimum) {
  return {name(zone), dns_type::soa, ttl, false, wire::dns_authority{minimum}};
}

struct asking {
  random_source random{{3, 5}};
  query q;
  time_point now = start;

  explicit asking(std::string_view what, std::vector<ip_address> servers = {first},
                  dns_type type = dns_type::a)
      : q(name(what), type, std::move(servers), random, start) {}

  // What the current attempt asks, as an answer without content.
  wire::dns answer() const {
    auto m = wire::dns::parse(q.current()->message).value();
    m.is_response = m.recursion_available = true;
    return m;
  }
  void say(const wire::dns& m, const ip_address& from) {
    std::vector<std::byte> out(4096);
    q.arrived(from, std::span{out}.first(m.emit(out).value()), now);
  }
  void say(const wire::dns& m) { say(m, q.current()->server); }
  void expire() {
    now = q.deadline();
    q.expired(now);
  }
  std::size_t found() const {
    return q.result() && q.result()->is == finding::kind::found ? q.result()->records.size() : 0;
  }
};

finding::kind kind(const asking& a) { return a.q.result().value().is; }

}  // namespace

TEST_CASE("a question is asked as it should be, and an answer ends it") {
  asking a{"www.example.com"};
  const auto m = a.answer();
  CHECK(m.recursion_desired);
  CHECK(m.payload_limit == query::payload_limit);
  REQUIRE(m.questions.size() == 1);
  CHECK(m.questions[0].name == name("www.example.com"));
  CHECK_FALSE(m.questions[0].name.is_exactly(name("www.example.com")));  // the case is random
  auto good = m;
  good.answers = {address("www.example.com", 1, 60), address("www.example.com", 2, 50)};
  a.say(good);
  CHECK(a.found() == 2);
  CHECK(a.q.result()->lifetime == 50s);
  CHECK(a.q.current() == nullptr);
  CHECK(a.q.deadline() == never);
}

TEST_CASE("an answer that does not match exactly is not believed") {
  const auto spoofed = [](auto&& change) {
    asking a{"www.example.com"};
    auto m = a.answer();
    m.answers = {address("www.example.com", 66)};
    change(m);
    a.say(m);
    CHECK_FALSE(a.q.result());
    CHECK(a.q.wrong() == 1);
    return a.q.current()->by_tcp;
  };
  CHECK_FALSE(spoofed([](auto& m) { m.id ^= 1; }));
  CHECK_FALSE(spoofed([](auto& m) { m.is_response = false; }));
  CHECK_FALSE(spoofed([](auto& m) { m.opcode = 5; }));
  CHECK_FALSE(spoofed([](auto& m) { m.questions.clear(); }));
  CHECK_FALSE(spoofed([](auto& m) { m.questions[0].type = dns_type::aaaa; }));
  CHECK_FALSE(spoofed([](auto& m) { m.questions[0].name = name("www.example.org"); }));
  CHECK_FALSE(spoofed([](auto& m) { m.questions.push_back(m.questions[0]); }));
  // All but the case of the letters: then a stream has to tell.
  CHECK(spoofed([](auto& m) { m.questions[0].name = name("www.example.com"); }));

  asking a{"www.example.com"};
  auto m = a.answer();
  m.answers = {address("www.example.com", 66)};
  a.say(m, second);
  CHECK_FALSE(a.q.result());
  a.q.arrived(first, std::as_bytes(std::span{"nonsense"}), start);
  CHECK(a.q.wrong() == 2);
}

TEST_CASE("a flood of wrong answers moves the question to TCP") {
  asking a{"www.example.com"};
  for (unsigned i = 0; i < query::wrong_answers; ++i) {
    CHECK_FALSE(a.q.current()->by_tcp);
    auto m = a.answer();
    m.id = static_cast<std::uint16_t>(m.id + 1 + i);
    a.say(m);
  }
  CHECK(a.q.current()->by_tcp);
  auto m = a.answer();
  m.answers = {address("www.example.com", 1)};
  a.say(m);
  CHECK(a.found() == 1);
}

TEST_CASE("records that do not belong to the question are left out") {
  asking a{"www.example.com"};
  auto m = a.answer();
  m.answers = {address("bank.example.org", 66), alias("WWW.example.com", "cdn.example.net"),
               address("cdn.example.net", 1), address("cdn.example.net", 2, 7)};
  m.additionals = {address("www.example.com", 67)};
  a.say(m);
  REQUIRE(a.found() == 2);
  CHECK(a.q.result()->lifetime == 7s);
  for (const auto& r : a.q.result()->records) CHECK(r.name == name("cdn.example.net"));
}

TEST_CASE("an alias that the answer does not follow is asked for; one that goes in a circle ends") {
  asking a{"www.example.com"};
  auto m = a.answer();
  m.answers = {alias("www.example.com", "cdn.example.net", 20)};
  a.say(m);
  REQUIRE(a.q.current());
  auto next = a.answer();
  CHECK(next.questions[0].name == name("cdn.example.net"));
  next.answers = {address("cdn.example.net", 1)};
  a.say(next);
  CHECK(a.found() == 1);
  CHECK(a.q.result()->lifetime == 20s);

  asking circle{"a.example.com"};
  auto c = circle.answer();
  c.answers = {alias("a.example.com", "b.example.com"), alias("b.example.com", "a.example.com")};
  circle.say(c);
  while (circle.q.current()) circle.expire();
  CHECK(kind(circle) == finding::kind::failed);

  // One link in each answer, for ever.
  asking endless{"0.example.com"};
  int asked = 0;
  for (; endless.q.current() && asked < 100; ++asked) {
    auto e = endless.answer();
    e.answers = {alias(to_string(e.questions[0].name), std::to_string(asked + 1) + ".example.com")};
    endless.say(e);
  }
  CHECK(kind(endless) == finding::kind::failed);
  CHECK(asked < 60);
}

TEST_CASE("what is not there, and for how long") {
  const auto told = [](dns_code code, std::vector<dns_record> authorities,
                       std::vector<dns_record> answers = {}) {
    asking a{"www.example.com"};
    auto m = a.answer();
    m.code = code;
    m.authorities = std::move(authorities);
    m.answers = std::move(answers);
    a.say(m);
    return a.q.result().value();
  };
  auto f = told(dns_code::no_such_name, {authority("example.com", 3600, 60)});
  CHECK(f.is == finding::kind::no_such_name);
  CHECK(f.lifetime == 60s);
  f = told(dns_code::no_error, {authority("example.com", 30, 60)});
  CHECK(f.is == finding::kind::no_data);
  CHECK(f.lifetime == 30s);
  CHECK(told(dns_code::no_such_name, {authority("example.com", 1000000, 1000000)}).lifetime == 15min);
  CHECK(told(dns_code::no_such_name, {}).lifetime == 0s);
  CHECK(told(dns_code::no_such_name, {authority("example.org", 60, 60)}).lifetime == 0s);  // of another zone
  f = told(dns_code::no_such_name, {authority("example.net", 60, 60)},
           {alias("www.example.com", "gone.example.net", 10)});
  CHECK(f.is == finding::kind::no_such_name);
  CHECK(f.lifetime == 10s);
}

TEST_CASE("an answer that was cut is asked for over TCP") {
  asking a{"www.example.com"};
  auto m = a.answer();
  m.is_truncated = true;
  m.answers = {address("www.example.com", 1)};
  a.say(m);
  REQUIRE(a.q.current());
  CHECK(a.q.current()->by_tcp);
  CHECK(a.q.current()->server == first);
  CHECK(a.q.deadline() == start + 5s);
  auto whole = a.answer();
  whole.answers = {address("www.example.com", 1), address("www.example.com", 2)};
  a.say(whole);
  CHECK(a.found() == 2);
}

TEST_CASE("servers are asked in turn, with more patience each round, and in the end nobody has answered") {
  asking a{"www.example.com", {first, second}};
  std::vector<std::pair<ip_address, time_point>> seen;
  while (const auto* attempt = a.q.current()) {
    seen.emplace_back(attempt->server, a.now);
    a.expire();
  }
  CHECK(seen == std::vector<std::pair<ip_address, time_point>>{{first, start},
                                                               {second, start + 1s},
                                                               {first, start + 2s},
                                                               {second, start + 4s},
                                                               {first, start + 6s},
                                                               {second, start + 10s}});
  CHECK(a.now == start + 14s);
  CHECK(kind(a) == finding::kind::failed);
  CHECK(a.q.result()->silence);
}

TEST_CASE("a server that will not, or cannot be reached, is left for the next at once") {
  for (const dns_code code : {dns_code::server_failure, dns_code::refused, dns_code::not_implemented}) {
    asking a{"www.example.com", {first, second}};
    auto m = a.answer();
    m.code = code;
    a.say(m);
    CHECK(a.q.current()->server == second);
    a.q.failed(start);
    CHECK(a.q.current()->server == first);
    while (a.q.current()) a.q.failed(start);
    CHECK_FALSE(a.q.result()->silence);
    CHECK(a.q.result()->lifetime == 2s);
  }
  asking nobody{"www.example.com", {}};
  CHECK(kind(nobody) == finding::kind::failed);
  CHECK_FALSE(nobody.q.result()->silence);
}

TEST_CASE("a server that has never heard of EDNS is asked without") {
  asking a{"www.example.com", {first, second}};
  auto m = a.answer();
  m.code = dns_code::format_error;
  m.payload_limit.reset();
  m.questions.clear();
  a.say(m);
  REQUIRE(a.q.current());
  CHECK(a.q.current()->server == first);
  auto plain = a.answer();
  CHECK_FALSE(plain.payload_limit);
  plain.answers = {address("www.example.com", 1)};
  a.say(plain);
  CHECK(a.found() == 1);
}

TEST_CASE("each attempt has another number, other letters and another message") {
  asking a{"www.example.com"};
  const auto before = a.answer();
  const unsigned number = a.q.current()->number;
  a.expire();
  CHECK(a.answer().id != before.id);
  CHECK_FALSE(a.answer().questions[0].name.is_exactly(before.questions[0].name));
  CHECK(a.q.current()->number != number);
  auto late = before;
  late.answers = {address("www.example.com", 1)};
  a.say(late);
  CHECK_FALSE(a.q.result());
}

TEST_CASE("the cache keeps what was found for as long as it holds, and no more than its limit") {
  cache c{3};
  finding f{.is = finding::kind::found, .records = {address("a.example", 1)}, .lifetime = 10s};
  c.keep(name("a.example"), dns_type::a, f, start);
  CHECK(c.find(name("A.Example"), dns_type::a, start + 9s));
  CHECK_FALSE(c.find(name("a.example"), dns_type::a, start + 10s));
  CHECK_FALSE(c.find(name("a.example"), dns_type::aaaa, start));
  CHECK_FALSE(c.find(name("b.example"), dns_type::a, start));
  f.lifetime = 0s;
  c.keep(name("b.example"), dns_type::a, f, start);
  CHECK(c.size() == 1);
  for (int i = 0; i < 100; ++i) {
    f.lifetime = std::chrono::seconds{100 + i % 7};
    c.keep(name("n" + std::to_string(i) + ".example"), dns_type::a, f, start);
    CHECK(c.find(name("n" + std::to_string(i) + ".example"), dns_type::a, start));
  }
  CHECK(c.size() == 3);
}
