// Values at random are written, and read back by another library and by our own; and the other library's
// texts are read by ours.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "aster/json.hpp"

using namespace aster;

namespace {

struct leaf {
  std::string text;
  std::optional<std::string> note;
  double number = 0;
  bool operator==(const leaf&) const = default;
};
struct branch {
  bool yes = false;
  std::int64_t whole = 0;
  std::uint8_t byte = 0;
  std::vector<leaf> leaves;
  std::map<std::string, leaf> named;
  std::vector<branch> branches;
  bool operator==(const branch&) const = default;
};

class dice {
 public:
  explicit dice(unsigned seed) : random_(seed) {}
  std::size_t below(std::size_t n) { return random_() % n; }
  std::uint64_t bits() { return random_(); }

  std::string text() {
    static constexpr std::string_view parts[] = {
        "a",         "Zz", "\"",       "\\",           "\n",
        "\x1f",      "/",  "\xc3\xbc", "\xe2\x82\xac", "\xf0\x9f\x98\x80",
        "</script>", " ",  "\x7f",     "01234567"};
    std::string result;
    for (std::size_t n = below(12); n > 0; --n) result += parts[below(std::size(parts))];
    return result;
  }
  double number() {
    if (below(4) == 0) return static_cast<double>(below(1000));
    for (;;) {
      const double value = std::bit_cast<double>(bits());
      if (std::isfinite(value)) return value;
    }
  }
  leaf a_leaf() {
    leaf result{text(), std::nullopt, number()};
    if (below(2) == 0) result.note = text();
    return result;
  }
  branch a_branch(std::size_t depth) {
    branch result{
        below(2) == 0, static_cast<std::int64_t>(bits()), static_cast<std::uint8_t>(bits()), {}, {}, {}};
    for (std::size_t n = below(4); n > 0; --n) result.leaves.push_back(a_leaf());
    for (std::size_t n = below(4); n > 0; --n) result.named.try_emplace(text(), a_leaf());
    if (depth > 0)
      for (std::size_t n = below(3); n > 0; --n) result.branches.push_back(a_branch(depth - 1));
    return result;
  }

 private:
  std::mt19937_64 random_;
};

nlohmann::json tree_of(const leaf& l) {
  nlohmann::json result{{"text", l.text}, {"number", l.number}};
  if (l.note) result["note"] = *l.note;
  return result;
}
nlohmann::json tree_of(const branch& b) {
  nlohmann::json result{{"yes", b.yes},
                        {"whole", b.whole},
                        {"byte", b.byte},
                        {"leaves", nlohmann::json::array()},
                        {"named", nlohmann::json::object()},
                        {"branches", nlohmann::json::array()}};
  for (const leaf& l : b.leaves) result["leaves"].push_back(tree_of(l));
  for (const auto& [name, l] : b.named) result["named"][name] = tree_of(l);
  for (const branch& inner : b.branches) result["branches"].push_back(tree_of(inner));
  return result;
}

}  // namespace

TEST_CASE("what is written is read back as the same, by others and by us") {
  for (unsigned seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    const branch value = dice{seed}.a_branch(3);
    const std::string text = json::write(value);
    const nlohmann::json tree = tree_of(value);
    REQUIRE(nlohmann::json::parse(text) == tree);
    for (const std::string& form : {text, tree.dump(), tree.dump(2), tree.dump(-1, ' ', true)}) {
      const auto back = json::read<branch>(form);
      REQUIRE_MESSAGE(back, back.error().text());
      REQUIRE(*back == value);
    }
  }
}

TEST_CASE("a text cut off anywhere, or changed, gives an error or a value, and nothing else") {
  dice random{7};
  const std::string text = json::write(random.a_branch(2));
  for (std::size_t size = 0; size < text.size(); ++size) CHECK(!json::read<branch>({text.data(), size}));
  for (int round = 0; round < 20'000; ++round) {
    std::string changed = text;
    changed[random.below(changed.size())] = static_cast<char>(random.bits());
    const auto read = json::read<branch>(changed);
    REQUIRE(read.has_value() == (read.has_value() && nlohmann::json::accept(changed)));
  }
}
