// Targets, names, times and the table, by themselves.
#include <doctest/doctest.h>

#include "memory_store.hpp"
#include "moment.hpp"
#include "names.hpp"
#include "target.hpp"

using namespace std::chrono_literals;

TEST_CASE("targets are made absolute and plain") {
  for (const auto& [typed, made] : std::initializer_list<std::pair<const char*, const char*>>{
           {"example.org", "https://example.org/"},
           {" HTTP://EXAMPLE.org/A?b#c ", "http://example.org/A?b#c"},
           {"example.org:8080/x", "https://example.org:8080/x"},
           {"https://example.org?q", "https://example.org/?q"},
           {"http://über.example/ä ö", "http://xn--ber-goa.example/%C3%A4%20%C3%B6"},
           {"http://аррӏе.com", "http://xn--80ak6aa92e.com/"},
           {"http://[2001:DB8::1]:8080/", "http://[2001:db8::1]:8080/"},
           {"localhost:3000", "https://localhost:3000/"},
           {"http://x.org/a\"><b>", "http://x.org/a%22%3E%3Cb%3E"}})
    CHECK(read_target(typed, "sho.rt") == made);
}

TEST_CASE("targets that mislead or run code are refused") {
  for (const char* typed : {"",
                            "   ",
                            "javascript:alert(1)",
                            "JaVaScRiPt:alert(1)",
                            "data:text/html,x",
                            "ftp://x.org",
                            "mailto:a@b.c",
                            "http://",
                            "https:///path",
                            "http://user:password@x.org",
                            "sho.rt/x",
                            "SHO.RT",
                            "http://sho.rt:80/",
                            "a b.org",
                            "a_b.org",
                            "-a.org",
                            "a..b",
                            "x.org:99999",
                            "x.org:",
                            "http://[::1",
                            "file:///etc/passwd",
                            "//x.org",
                            "intranet"})
    CHECK_MESSAGE(!read_target(typed, "sho.rt"), typed);
  CHECK(!read_target("http://x.org/" + std::string(2000, 'a'), "sho.rt"));
}

TEST_CASE("names are short, plain, and not the site's own") {
  for (const char* name : {"xvw", "a1", "my-link-2", "XVW"}) CHECK_MESSAGE(!refuse_name(name), name);
  for (const char* name : {"a", "", "-a", "a-", "a_b", "a b", "ä1", "api", "Links"})
    CHECK_MESSAGE(refuse_name(name), name);
  CHECK(refuse_name(std::string(41, 'a')));
}

TEST_CASE("the table keeps to its budget and gives back what is deleted") {
  memory_store table{3000};
  std::vector<std::string> ids;
  for (int i = 0;; ++i) {
    const auto made =
        table.add({.id = "link" + std::to_string(i), .target = "https://example.org/", .secret = "s"});
    if (!made) {
      CHECK(made.error() == link_store::refusal::full);
      break;
    }
    ids.push_back((*made)->id);
  }
  CHECK(ids.size() > 3);
  CHECK(!table.change(ids[0], std::string(2000, 'x')));
  CHECK(table.find(ids[0])->target == "https://example.org/");
  CHECK(table.remove(ids[1]));
  CHECK(!table.remove(ids[1]));
  CHECK(table.add({.id = "again", .target = "https://example.org/", .secret = "s"}));
}

TEST_CASE("visits are counted by day, and days pass") {
  daily_visits visits;
  const instant day{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24}};
  visits.count(day + 1h);
  visits.count(day + 23h);
  CHECK(visits.on(day + 2h, 0) == 2);
  CHECK(visits.on(day + 24h, 0) == 0);
  CHECK(visits.on(day + 24h, 1) == 2);
  visits.count(day + 48h);
  CHECK(visits.on(day + 48h, 0) == 1);
  CHECK(visits.on(day + 48h, 1) == 0);
  CHECK(visits.on(day + 48h, 2) == 2);
  CHECK(visits.on(day + 24h * 31, 29) == 1);
  visits.count(day + 24h * 100);
  CHECK(visits.on(day + 24h * 100, 0) == 1);
  for (std::size_t ago = 1; ago < daily_visits::days; ++ago) CHECK(visits.on(day + 24h * 100, ago) == 0);
}

TEST_CASE("times are told as people say them") {
  const instant now{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} + 12h + 5min + 9s};
  CHECK(instant_text(now) == "2026-11-24T12:05:09Z");
  CHECK(age_text(now - 5s, now) == "just now");
  CHECK(age_text(now - 60s, now) == "1 minute ago");
  CHECK(age_text(now - 5h, now) == "5 hours ago");
  CHECK(age_text(now - 72h, now) == "3 days ago");
  CHECK(age_text(now - 24h * 100, now) == "2026-08-16");
}
