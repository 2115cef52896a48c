#include "aster/net/names/destinations.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace aster::net;
using namespace aster::net::names;

namespace {

ip_address a(std::string_view text) { return ip_address::parse(text).value(); }

// "destination<source" each; no source: no way there. Returns the destinations in their order.
std::string ordered(std::initializer_list<std::string_view> given) {
  std::vector<candidate> candidates;
  for (const auto text : given) {
    const auto at = text.find('<');
    candidates.push_back(
        {a(text.substr(0, at)), at == text.npos ? std::nullopt : std::optional{a(text.substr(at + 1))}});
  }
  order(candidates);
  std::string text;
  for (const auto& c : candidates) text += (text.empty() ? "" : " ") + to_string(c.destination);
  return text;
}

std::string interleaved(std::initializer_list<std::string_view> given) {
  std::vector<ip_address> addresses;
  for (const auto text : given) addresses.push_back(a(text));
  interleave(addresses);
  std::string text;
  for (const auto& one : addresses) text += (text.empty() ? "" : " ") + to_string(one);
  return text;
}

}  // namespace

TEST_CASE("the examples of RFC 6724 §10.2, as far as its rules hold here") {
  CHECK(ordered({"198.51.100.121<169.254.13.78", "2001:db8:1::1<2001:db8:1::2"}) ==
        "2001:db8:1::1 198.51.100.121");
  CHECK(ordered({"2001:db8:1::1<fe80::1", "198.51.100.121<198.51.100.117"}) ==
        "198.51.100.121 2001:db8:1::1");
  CHECK(ordered({"10.1.2.3<10.1.2.4", "2001:db8:1::1<2001:db8:1::2"}) == "2001:db8:1::1 10.1.2.3");
  CHECK(ordered({"2001:db8:1::1<2001:db8:1::2", "fe80::1<fe80::2"}) == "fe80::1 2001:db8:1::1");
  CHECK(ordered({"2001:db8:3ffe::1<2001:db8:3f44::2", "2001:db8:1::1<2001:db8:1::2"}) ==
        "2001:db8:1::1 2001:db8:3ffe::1");
  CHECK(ordered({"2002:c633:6401::1<2002:c633:6401::2", "2001:db8:1::1<2002:c633:6401::2"}) ==
        "2002:c633:6401::1 2001:db8:1::1");
}

TEST_CASE("what cannot be reached comes last, and what is equal stays") {
  CHECK(ordered({"2001:db8::1", "10.0.0.1<10.0.0.9"}) == "10.0.0.1 2001:db8::1");
  CHECK(ordered({"10.0.0.3<10.0.0.9", "10.0.0.1<10.0.0.9", "10.0.0.2<10.0.0.9"}) ==
        "10.0.0.3 10.0.0.1 10.0.0.2");
  CHECK(ordered({"2001:db8::1", "2001:db8::2"}) == "2001:db8::1 2001:db8::2");
}

TEST_CASE("a private network's IPv6 comes after the Internet's IPv4, unless we are in it") {
  CHECK(ordered({"fd00::1<2001:db8::9", "192.0.2.1<192.0.2.9"}) == "192.0.2.1 fd00::1");
  CHECK(ordered({"192.0.2.1<192.0.2.9", "fd00::1<fd00::9"}) ==
        "192.0.2.1 fd00::1");  // §2.1: IPv4 has 35, ULA 3
  CHECK(ordered({"2001:db8::1<fd00::9", "fd00::1<fd00::9"}) == "fd00::1 2001:db8::1");
}

TEST_CASE("whatever the order of what is given, the result is one") {
  std::vector<candidate> all;
  for (const auto* text :
       {"2001:db8::1", "fd00::1", "fe80::7", "192.0.2.1", "10.0.0.1", "2002:c633:6401::1", "::1"})
    for (const auto* source : {"", "2001:db8::9", "fe80::9", "10.0.0.9"})
      if (*source == 0 || a(source).is_v4() == a(text).is_v4())
        all.push_back({a(text), *source == 0 ? std::nullopt : std::optional{a(source)}});
  auto sorted = all;
  order(sorted);
  for (int i = 0; i < 200; ++i) {
    std::ranges::rotate(all, all.begin() + 1 + i % 5);
    std::ranges::reverse(all.begin() + i % 7, all.end());
    auto again = all;
    order(again);
    // Usable ones are told apart by the rules but for those of one kind.
    for (std::size_t n = 0; n < again.size(); ++n)
      CHECK(again[n].source.has_value() == sorted[n].source.has_value());
    auto twice = again;
    order(twice);
    CHECK(twice == again);
  }
}

TEST_CASE("families take turns, beginning with that of the first") {
  CHECK(interleaved({"2001:db8::1", "2001:db8::2", "2001:db8::3", "10.0.0.1", "10.0.0.2"}) ==
        "2001:db8::1 10.0.0.1 2001:db8::2 10.0.0.2 2001:db8::3");
  CHECK(interleaved({"10.0.0.1", "2001:db8::1", "2001:db8::2", "2001:db8::3"}) ==
        "10.0.0.1 2001:db8::1 2001:db8::2 2001:db8::3");
  CHECK(interleaved({"10.0.0.1", "10.0.0.2"}) == "10.0.0.1 10.0.0.2");
  CHECK(interleaved({}) == "");
}
