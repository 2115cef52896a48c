// Fuzz target: what is JSON and what is not, we and the other library's own reader say alike; and a value
// that was read is written as a text that reads as the same value.
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aster/json.hpp"

namespace json = aster::json;

extern const std::initializer_list<std::string_view> fuzz_seeds, fuzz_pieces;
const std::initializer_list<std::string_view> fuzz_seeds = {
    R"({"id":"xvw","links":[{"url":"/a","weight":1}],"note":null,"is":"open","map":{"a":1,"b":-2}})",
    R"( { "id" : "\u00fc\ud83d\ude00\"\\\/\b" , "links" : [ ] , "number" : -1.5e+10, "rest":{"x":[1,"]"]} } )",
    R"([[[[]]],{"a":{"b":{}}},true,false,null,0,-0,1e5,"x"])",
    R"({"links":[{"url":"","weight":255},{"weight":0,"url":""}],"id":"","pair":[1,2]})",
};
const std::initializer_list<std::string_view> fuzz_pieces = {"{",
                                                             "}",
                                                             "[",
                                                             "]",
                                                             ",",
                                                             ":",
                                                             "\"",
                                                             "\\",
                                                             "\\u0000",
                                                             "\\ud800",
                                                             "null",
                                                             "true",
                                                             "1",
                                                             "-",
                                                             "e5",
                                                             ".",
                                                             "\"id\":",
                                                             "\"links\":[",
                                                             "99999999999999999999",
                                                             "\xc3\xbc",
                                                             "\xff",
                                                             "\xed\xa0\x80",
                                                             " ",
                                                             "\n",
                                                             "\xef\xbb\xbf",
                                                             "1e999",
                                                             std::string_view{"\0", 1}};

namespace {

enum class state { open, closed };
struct target {
  std::string url;
  std::uint8_t weight = 0;
};
struct link {
  std::string id;
  std::vector<target> links;
  std::optional<std::string> note;
  std::optional<state> is;
  std::optional<std::map<std::string, std::int64_t>> map;
  std::optional<double> number;
  std::optional<json::raw> rest;
  std::optional<std::array<int, 2>> pair;
};

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // A block of exactly this size, so that a read beyond it is seen.
  const std::vector<char> block(data, data + size);
  const std::string_view text{block.data(), block.size()};

  const auto any = json::read<json::raw>(text, {.depth = 1'000'000});
  require(any.has_value() == (!text.contains('\0') && nlohmann::json::accept(text)));
  if (!any) require(any.error().is_malformed && any.error().line >= 1 && any.error().column <= size + 1);

  for (const bool strict : {false, true}) {
    const auto read = json::read<link>(text, {.strict = strict});
    if (!read) {
      require(json::read<json::raw>(json::write(read.error().text())).has_value());
      continue;
    }
    require(any.has_value());
    const std::string written = json::write(*read);
    const auto again = json::read<link>(written, {.strict = true});
    require(again.has_value());
    require(json::write(*again) == written);
  }
  return 0;
}
