#include "aster/json/write.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

using namespace aster;
using namespace std::literals;

namespace {

enum class state { open, closed };
struct target {
  std::string url;
  int weight = 1;
};
struct link {
  std::string id;
  std::vector<target> targets{};
  std::optional<std::string> note{};
  state is = state::open;
};
struct word {
  static std::optional<word> parse(std::string_view text) { return word{std::string{text}}; }
  std::string_view text() const { return held; }
  std::string held;
};
struct stamp {
  int seconds;
};
void append_json(std::string& to, const stamp& s) {
  to.append("{\"s\":").append(std::to_string(s.seconds)) += '}';
}
struct empty {};
struct only_optional {
  std::optional<int> a{};
};

}  // namespace

TEST_CASE("values are written as JSON") {
  CHECK(json::write(true) == "true");
  CHECK(json::write(0) == "0");
  CHECK(json::write(std::int8_t{-128}) == "-128");
  CHECK(json::write(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
  CHECK(json::write(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
  CHECK(json::write("literal") == "\"literal\"");
  CHECK(json::write("view"sv) == "\"view\"");
  CHECK(json::write(std::optional<int>{}) == "null");
  CHECK(json::write(std::optional<int>{7}) == "7");
  CHECK(json::write(state::closed) == "\"closed\"");
  CHECK(json::write(word{"w\"w"}) == "\"w\\\"w\"");
  CHECK(json::write(stamp{5}) == "{\"s\":5}");
  CHECK(json::write(json::raw{"[1, 2]"}) == "[1, 2]");
  CHECK(json::write(std::vector{1, 2, 3}) == "[1,2,3]");
  CHECK(json::write(std::vector<int>{}) == "[]");
  CHECK(json::write(std::vector<bool>{true, false}) == "[true,false]");
  CHECK(json::write(std::array<std::optional<int>, 2>{1, {}}) == "[1,null]");
  CHECK(json::write(std::map<std::string, int>{{"a", 1}, {"b\n", 2}}) == R"({"a":1,"b\n":2})");
  CHECK(json::write(std::map<int, std::vector<int>>{{-1, {}}}) == R"({"-1":[]})");
  CHECK(json::write(std::map<state, int>{{state::open, 1}}) == R"({"open":1})");
}

TEST_CASE("members have their names, and an empty optional is left out") {
  CHECK(json::write(link{"xvw"}) == R"({"id":"xvw","targets":[],"is":"open"})");
  CHECK(
      json::write(link{"xvw", {{"/", 1}, {"/b", 2}}, "n", state::closed}) ==
      R"({"id":"xvw","targets":[{"url":"/","weight":1},{"url":"/b","weight":2}],"note":"n","is":"closed"})");
  CHECK(json::write(empty{}) == "{}");
  CHECK(json::write(only_optional{}) == "{}");
  CHECK(json::write(std::vector<only_optional>(2)) == "[{},{}]");
}

TEST_CASE("numbers are the shortest that read back, and never what JSON has no word for") {
  CHECK(json::write(0.1) == "0.1");
  CHECK(json::write(1.0) == "1");
  CHECK(json::write(-0.0) == "-0");
  CHECK(json::write(1e300) == "1e+300");
  CHECK(json::write(0.1f) == "0.1");
  CHECK(json::write(std::numeric_limits<double>::infinity()) == "null");
  CHECK(json::write(std::numeric_limits<double>::quiet_NaN()) == "null");
}

TEST_CASE("strings are escaped where JSON wants it, wherever in the string that is") {
  CHECK(json::write("\x00\x01\x1f\x7f"s.substr(0, 3) + "\b\f\n\r\t\"\\/"s) ==
        "\"\\u0000\\u0001\\u001f\\b\\f\\n\\r\\t\\\"\\\\/\"");
  for (std::size_t size = 0; size < 20; ++size)
    for (std::size_t at = 0; at < size; ++at)
      for (const char c : {'"', '\\', '\x1f', '\x80'}) {
        std::string text(size, 'a'), expected(size, 'a');
        text[at] = c;
        expected.replace(at, 1,
                         c == '"'      ? "\\\""
                         : c == '\\'   ? "\\\\"
                         : c == '\x1f' ? "\\u001f"
                                       : "\xef\xbf\xbd");
        CHECK(json::write(text) == "\"" + expected + "\"");
      }
}

TEST_CASE("what is not UTF-8 is replaced, so that the text is JSON in any case") {
  const std::string mark = "\xef\xbf\xbd";
  CHECK(json::write("gr\xc3\xbc\xc3\x9f\x65 \xe2\x82\xac \xf0\x9f\x98\x80") ==
        "\"gr\xc3\xbc\xc3\x9f\x65 \xe2\x82\xac \xf0\x9f\x98\x80\"");
  CHECK(json::write("\xc3") == "\"" + mark + "\"");
  CHECK(json::write("\xc0\xaf") == "\"" + mark + mark + "\"");             // overlong
  CHECK(json::write("\xed\xa0\x80") == "\"" + mark + mark + mark + "\"");  // a surrogate
  CHECK(json::write("\xf4\x90\x80\x80") == "\"" + mark + mark + mark + mark + "\"");
  CHECK(json::write("\xe2\x82x") == "\"" + mark + mark + "x\"");
}
