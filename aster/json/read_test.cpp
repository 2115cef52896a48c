#include "aster/json/read.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

using namespace aster;
using namespace std::literals;

namespace {

enum class state { open, closed };

class word {
 public:
  static std::optional<word> parse(std::string_view text) {
    if (text.contains(' ')) return std::nullopt;
    return word{std::string{text}};
  }
  const std::string& text() const { return held_; }

 private:
  explicit word(std::string text) : held_(std::move(text)) {}
  std::string held_;
};

struct target {
  std::string url;
  int weight = 1;
};
struct link {
  std::string id;
  std::vector<target> links;
  std::optional<std::string> note;
};
struct tree {
  int value = 0;
  std::vector<tree> children;
};
struct limits {
  std::int8_t tiny = 0;
  std::uint8_t byte = 0;
  std::int64_t wide = 0;
  std::uint64_t widest = 0;
};
struct mixed {
  bool yes = false;
  double number = 0;
  float narrow = 0;
  std::optional<state> is;
  std::optional<word> name;
  std::array<int, 2> pair{};
  std::map<std::string, std::optional<int>> map;
  std::optional<json::raw> rest;
};

template <class T>
std::string why(std::string_view text, const json::options& with = {}) {
  const auto read = json::read<T>(text, with);
  return read ? "nothing" : read.error().text();
}

}  // namespace

TEST_CASE("a text is read into members") {
  const auto read = json::read<link>(
      R"( {"links": [{"url": "/a\u00fc\ud83d\ude00", "weight": 2}, {"weight": -3, "url": ""}], "id": "xvw"} )");
  REQUIRE(read);
  CHECK(read->id == "xvw");
  REQUIRE(read->links.size() == 2);
  CHECK(read->links[0].url == "/a\xc3\xbc\xf0\x9f\x98\x80");
  CHECK(read->links[0].weight == 2);
  CHECK(read->links[1].weight == -3);
  CHECK(!read->note);
  CHECK(json::read<link>(R"({"id":"","links":[],"note":null})")->note == std::nullopt);
  CHECK(json::read<link>(R"({"id":"","links":[],"note":"x"})")->note == "x");
  CHECK(json::read<int>("7") == 7);
  CHECK(json::read<std::vector<std::string>>(R"(["a","b"])")->size() == 2);
  CHECK(json::read<tree>(R"({"value":1,"children":[{"value":2,"children":[]}]})")->children[0].value == 2);
}

TEST_CASE("all kinds of members") {
  const auto read =
      json::read<mixed>(R"({"yes":true,"number":-1.5e3,"narrow":2,"is":"closed","name":"w","pair":[1,2],)"
                        R"("map":{"a":1,"b":null},"rest":{"x":[1, "]"]}})");
  REQUIRE(read);
  CHECK(read->yes);
  CHECK(read->number == -1500);
  CHECK(read->narrow == 2);
  CHECK(read->is == state::closed);
  CHECK(read->name->text() == "w");
  CHECK(read->pair == std::array{1, 2});
  CHECK(read->map.at("a") == 1);
  CHECK(read->map.at("b") == std::nullopt);
  CHECK(read->rest->text == R"({"x":[1, "]"]})");
  for (const std::string_view raw : {"1", "-2.5e7", "\"a\\\"b\"", "true", "[]", "{}", "[[1], {\"a\": 2}]"}) {
    const auto list =
        json::read<std::vector<json::raw>>(std::string{"[ "}.append(raw).append(" , ").append(raw) + "]");
    REQUIRE(list);
    CHECK((*list)[0].text == raw);
    CHECK((*list)[1].text == raw);
    CHECK(json::read<json::raw>(raw)->text == raw);
  }
}

TEST_CASE("an error names the member, what is wrong with it, and where that is") {
  CHECK(why<link>(R"({"id":"x","links":[{"url":"/"},{"url":"/"}]})") ==
        "links[0].weight is missing (line 1, column 30)");
  CHECK(why<link>("{\"id\":\"x\",\n \"links\":[{\"url\":\"/\",\"weight\":1},\n  {\"weight\":\"1\"}]}") ==
        "links[1].weight should be a whole number (line 3, column 13)");
  CHECK(why<link>(R"({"id":5,"links":[]})") == "id should be a string (line 1, column 7)");
  CHECK(why<link>(R"({"id":null,"links":[]})") == "id should be a string (line 1, column 7)");
  CHECK(why<link>(R"({"id":"","links":{}})") == "links should be a list (line 1, column 18)");
  CHECK(why<link>(R"({"id":"","links":[3]})") == "links[0] should be an object (line 1, column 19)");
  CHECK(why<link>(R"([])") == "the text should be an object (line 1, column 1)");
  CHECK(why<link>(R"({"id":"","id":"","links":[]})") == "id is there twice (line 1, column 10)");
  CHECK(why<link>(R"({"id":"","links":[],"note":7})") == "note should be a string (line 1, column 28)");
  CHECK(why<mixed>(R"({"pair":[1]})") == "pair should have 2 elements (line 1, column 11)");
  CHECK(why<mixed>(R"({"pair":[1,2,3]})") == "pair should have 2 elements (line 1, column 14)");
  CHECK(why<mixed>(R"({"is":"ajar"})") == "is should be one of \"open\", \"closed\" (line 1, column 7)");
  CHECK(why<mixed>(R"({"is":1})") == "is should be one of \"open\", \"closed\" (line 1, column 7)");
  CHECK(why<mixed>(R"({"name":"a b"})") == "name is not of the right form (line 1, column 9)");
  CHECK(why<mixed>(R"({"name":1})") == "name should be a string (line 1, column 9)");
  CHECK(why<mixed>(R"({"yes":"true"})") == "yes should be true or false (line 1, column 8)");
  CHECK(why<mixed>(R"({"map":{"a":1,"a":2}})") == "map.a is there twice (line 1, column 15)");
  CHECK(why<mixed>(R"({"map":{"a":[]}})") == "map.a should be a whole number (line 1, column 13)");
  CHECK(why<int>("7.0") == "the text should be a whole number (line 1, column 1)");
  CHECK(why<int>("99999999999999999999") == "the text is out of range (line 1, column 1)");
}

TEST_CASE("numbers fit or are refused") {
  CHECK(json::read<limits>(
      R"({"tiny":-128,"byte":255,"wide":-9223372036854775808,"widest":18446744073709551615})"));
  CHECK(why<limits>(R"({"tiny":128})") == "tiny is out of range (line 1, column 9)");
  CHECK(why<limits>(R"({"tiny":-129})") == "tiny is out of range (line 1, column 9)");
  CHECK(why<limits>(R"({"byte":-1})") == "byte is out of range (line 1, column 9)");
  CHECK(why<limits>(R"({"byte":256 })") == "byte is out of range (line 1, column 9)");
  CHECK(why<limits>(R"({"byte":"a"})") == "byte should be a whole number from 0 to 255 (line 1, column 9)");
  CHECK(why<limits>(R"({"wide":9223372036854775808})") == "wide is out of range (line 1, column 9)");
  CHECK(why<limits>(R"({"widest":18446744073709551616})") == "widest is out of range (line 1, column 11)");
  CHECK(why<float>("1e300") == "the text is out of range (line 1, column 1)");
  CHECK(why<double>("1e400").contains("out of range"));
  CHECK(json::read<double>("12345678901234567890123") == 12345678901234567890123.0);
}

TEST_CASE("members that the type does not have are passed over, or refused") {
  const auto text = R"({"id":"a","more":{"id":[1,{"id":2}]},"links":[],"x":1})";
  CHECK(json::read<link>(text)->id == "a");
  CHECK(why<link>(text, {.strict = true}) == "more is unknown (line 1, column 11)");
  const auto long_name = "{\"" + std::string(100, 'n') + "\":1}";
  CHECK(why<link>(long_name, {.strict = true}) == std::string(64, 'n') + "... is unknown (line 1, column 2)");
}

TEST_CASE("what is no JSON is refused") {
  CHECK(why<link>("") ==
        "the text is not JSON: unexpected end of input; expected '[', '{', or a literal (line 1, column 1)");
  for (const std::string_view text : {"{",        "[1,]",         "{\"id\":\"a\",}",
                                      "nul",      "'a'",          "[1 2]",
                                      "01",       "+1",           ".5",
                                      "1.",       "0x1",          "NaN",
                                      "{id:1}",   "[]]",          "\"\x01\"",
                                      "\"\\x\"",  "\"\\ud800\"",  "\"\\udc00\"",
                                      "\"\xff\"", "\"\xc0\xaf\"", "\"\xed\xa0\x80\"",
                                      "\"a",      "1 /* c */",    "// c\n1",
                                      "[1]x"}) {
    CAPTURE(text);
    CHECK(why<json::raw>(text).contains("is not JSON"));
  }
  CHECK(why<int>("1\0"sv).contains("NUL"));
  CHECK(why<std::string>("\"a\0b\""sv).contains("NUL"));
  CHECK(json::read<std::string>(R"("a\u0000b")") == "a\0b"s);
}

TEST_CASE("a text that was cut off is wrong at its end") {
  const auto place = [](std::string_view text) {
    const auto read = json::read<json::raw>(text);
    REQUIRE(!read);
    return std::pair{read.error().line, read.error().column};
  };
  CHECK(place(R"({"target":"example.org")") == std::pair{1uz, 24uz});
  CHECK(place(R"({"target":"example.o)") == std::pair{1uz, 21uz});
  CHECK(place(R"({"target":)") == std::pair{1uz, 11uz});
  CHECK(place(R"({"target")") == std::pair{1uz, 10uz});
  CHECK(place(R"([12)") == std::pair{1uz, 4uz});
  CHECK(place("[true,\n ") == std::pair{2uz, 2uz});
  CHECK(place(R"(["a" "b"])") == std::pair{1uz, 6uz});  // not cut off: what is too much
}

TEST_CASE("depth and memory have limits") {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  CHECK(json::read<json::raw>(nested(32)));
  CHECK(why<json::raw>(nested(33)).contains("lies too deep"));
  CHECK(why<link>("{\"x\":" + nested(100'000) + "}").contains("lies too deep"));
  std::string many = "[0";
  for (int i = 0; i < 1000; ++i) many += ",0";
  CHECK(json::read<std::vector<int>>(many + "]", {.memory = 4004}));
  CHECK(why<std::vector<int>>(many + "]", {.memory = 4000}) ==
        "[999] has too many elements (line 1, column 2002)");
}

TEST_CASE("a list that is there replaces the one by default") {
  struct with_default {
    std::vector<int> list{1, 2};
    std::map<std::string, int> map{{"a", 1}};
  };
  const auto read = json::read<with_default>(R"({"list":[3],"map":{"a":2}})");
  REQUIRE(read);
  CHECK(read->list == std::vector{3});
  CHECK(read->map.at("a") == 2);
}
