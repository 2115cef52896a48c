#include "host/switch/name_desk.hpp"

#include <doctest/doctest.h>

#include <string_view>

using namespace aster::host;
using namespace std::chrono_literals;

namespace {

constexpr name_desk::time_point start{1h};

name_desk::asker asker(std::uint32_t station, std::uint16_t port, std::string name, std::uint16_t id = 1) {
  name_question q;
  q.id = id;
  q.name = std::move(name);
  q.type = name_question::type_a;
  return {station, {{}, 0x0a4d0000 | station, port}, std::move(q)};
}

/// The response code and the number of answers of a datagram (RFC 1035 §4.1.1).
std::pair<int, int> verdict(const name_desk::reply& r) {
  return {std::to_integer<int>(r.datagram[3]) & 15, std::to_integer<int>(r.datagram[7])};
}

}  // namespace

TEST_CASE("those that ask for the same name wait for one answer, and each gets it") {
  name_desk desk;
  const auto first = desk.ask(asker(7, 4000, "shop"), start);
  CHECK(first.is_new);
  const auto second = desk.ask(asker(8, 5000, "shop", 2), start + 1s);
  CHECK(!second.is_new);
  CHECK(second.id == first.id);
  CHECK(desk.ask(asker(8, 5000, "shop", 2), start + 2s).id == first.id);  // repeated
  const auto other = desk.ask(asker(7, 4001, "paste"), start);
  CHECK(other.is_new);
  CHECK(other.id != first.id);
  const auto open = desk.waiting();
  REQUIRE(open.size() == 2);
  CHECK(open[0].name == "shop");
  CHECK(open[0].station == 7);

  const std::uint32_t addresses[] = {0x0a4d0009, 0x0a4d000a};
  const auto replies = desk.answer(first.id, addresses, false);
  REQUIRE(replies.size() == 2);
  CHECK(replies[0].station == 7);
  CHECK(replies[0].to.port == 4000);
  CHECK(replies[1].station == 8);
  CHECK(verdict(replies[0]) == std::pair{0, 2});
  CHECK(desk.answer(first.id, addresses, false).empty());
  CHECK(desk.answer(999, addresses, false).empty());
}

TEST_CASE("a name that is none is told from one that has nobody now") {
  name_desk desk;
  const auto none = desk.ask(asker(7, 1, "none"), start), failed = desk.ask(asker(7, 2, "failed"), start);
  CHECK(verdict(desk.answer(none.id, {}, false).at(0)) == std::pair{3, 0});
  CHECK(verdict(desk.answer(failed.id, {}, true).at(0)) == std::pair{2, 0});
}

TEST_CASE("nobody waits for longer than ten seconds") {
  name_desk desk;
  CHECK(!desk.deadline());
  static_cast<void>(desk.ask(asker(7, 1, "a"), start));
  static_cast<void>(desk.ask(asker(7, 2, "b"), start + 1s));
  static_cast<void>(desk.ask(asker(8, 2, "a"), start + 9s));
  CHECK(desk.deadline() == start + 10s);
  CHECK(desk.expire(start + 10s - 1ns).empty());
  const auto replies = desk.expire(start + 10s);
  REQUIRE(replies.size() == 2);
  CHECK(verdict(replies[0]) == std::pair{2, 0});
  CHECK(desk.deadline() == start + 11s);
  CHECK(desk.ask(asker(8, 2, "a"), start + 10s).is_new);
}

TEST_CASE("there is an end to what waits") {
  name_desk desk;
  for (std::size_t i = 0; i < name_desk::name_limit; ++i)
    CHECK(desk.ask(asker(7, 1, "name" + std::to_string(i)), start).is_new);
  CHECK(desk.ask(asker(7, 1, "one-more"), start).id == 0);
  for (std::size_t i = 1; i < name_desk::asker_limit; ++i)
    CHECK(desk.ask(asker(7, static_cast<std::uint16_t>(1 + i), "name0"), start).id != 0);
  CHECK(desk.ask(asker(8, 1, "name0"), start).id == 0);
}
