#include "aster/json/aggregate.hpp"

#include <doctest/doctest.h>

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aster/json/enumeration.hpp"

using namespace aster;

namespace named {
struct link {
  std::string id, target;
  int clicks = 0;
};
}  // namespace named

namespace {

struct empty {};
struct inner {
  int a = 0;
  std::optional<std::string> b{};
};
struct everything {
  bool yes;
  char letter;
  double number;
  std::string text;
  std::string_view view;
  std::optional<int> maybe;
  std::optional<std::string> note;
  std::optional<inner> more;
  std::vector<inner> list;
  std::vector<std::optional<int>> holes;
  std::map<std::string, int> map;
  std::array<int, 3> three;
  inner nested;
  std::unique_ptr<int> owned;
  std::string class_;
};
struct without_default {
  explicit without_default(int) {}
};
struct holding {
  int first;
  without_default second;
  without_default third;
};
template <class T>
struct pair_of {
  T left, right;
};
struct twenty_four {
  int a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, a18, a19, a20, a21, a22,
      a23, last;
};
class closed {
  [[maybe_unused]] int hidden_ = 0;
};

enum class colour { red, green, blue = 7, class_ };
enum class small : unsigned char { only = 63 };

}  // namespace

TEST_CASE("the compiler knows how many members an aggregate has") {
  static_assert(json::member_count<empty> == 0);
  static_assert(json::member_count<inner> == 2);
  static_assert(json::member_count<named::link> == 3);
  static_assert(json::member_count<everything> == 15);
  static_assert(json::member_count<holding> == 3);
  static_assert(json::member_count<pair_of<inner>> == 2);
  static_assert(json::member_count<twenty_four> == 24);
  static_assert(json::aggregate<inner>);
  static_assert(!json::aggregate<closed>);
  static_assert(!json::aggregate<int>);
}

TEST_CASE("and what they are called") {
  static_assert(json::member_name<named::link, 0> == "id");
  static_assert(json::member_name<named::link, 2> == "clicks");
  static_assert(json::member_name<everything, 7> == "more");
  static_assert(json::member_name<everything, 14> == "class");
  static_assert(json::member_name<holding, 1> == "second");
  static_assert(json::member_name<pair_of<int>, 1> == "right");
  static_assert(json::member_name<twenty_four, 23> == "last");
  static_assert(json::member_key<named::link, 1> == "\"target\":");
  struct local {
    int here;
  };
  static_assert(json::member_name<local, 0> == "here");
}

TEST_CASE("members are visited in their order, as references") {
  inner value{3, "x"};
  json::with_members(value, [](int& a, std::optional<std::string>& b) {
    a = 4;
    b.reset();
  });
  CHECK(value.a == 4);
  CHECK(!value.b);
  const inner constant{5, {}};
  CHECK(json::with_members(constant, [](const int& a, const auto&) { return a; }) == 5);
  static_assert(
      std::is_same_v<json::member_types<inner>, json::detail::type_list<int, std::optional<std::string>>>);
}

TEST_CASE("enumerators have their names") {
  static_assert(json::name_of(colour::green) == "green");
  static_assert(json::name_of(colour::blue) == "blue");
  static_assert(json::name_of(colour::class_) == "class");
  static_assert(json::name_of(static_cast<colour>(3)).empty());
  static_assert(json::value_named<colour>("blue") == colour::blue);
  static_assert(!json::value_named<colour>("Blue"));
  static_assert(json::name_of(small::only) == "only");
  std::string all;
  json::each_name<colour>([&](std::string_view name) { all.append(name).append(" "); });
  CHECK(all == "red green blue class ");
}
