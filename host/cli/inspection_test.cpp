#include "host/cli/inspection.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "host/cli/completion.hpp"
#include "host/image/sample_image.hpp"

using namespace aster::host;
using namespace aster::host::cli;

namespace {

image sample_image() {
  const auto bytes = sample::build(sample::good());
  auto result = read_image(memory_source{bytes}, "sample");
  REQUIRE(result.has_value());
  return *std::move(result);
}

const std::expected<weight, std::string> known_weight =
    weight{{{"libc", {.code = 1000, .zeroed = 50}}},
           {{"printf", "libc", ".text", 700}, {"puts", "libc", ".text", 300}},
           24};
const std::expected<weight, std::string> unknown_weight = std::unexpected{"sample.map is not there"};
const terminal plain{-1};

}  // namespace

TEST_CASE("a person reads targets, devices, hardening and what makes it big") {
  const std::string text = inspection_text(sample_image(), known_weight, 1, plain);
  for (const char* part : {"Targets     sandbox, qemu-microvm, qemu-q35, process",
                           "Devices     service (net)", "static PIE yes, W^X yes", "pvh +0x1000",
                           "Build id    abcdef", "r-x", ".text", "  libc             1.00 KB", "printf"}) {
    CHECK_MESSAGE(text.contains(part), part);
  }
  CHECK_FALSE(text.contains("puts"));
  CHECK_FALSE(text.contains('\x1b'));
}

TEST_CASE("without a link map the rest is told all the same") {
  const std::string text = inspection_text(sample_image(), unknown_weight, 5, plain);
  CHECK(text.contains("What makes it big is not known: sample.map is not there."));
  CHECK(inspection_json(sample_image(), unknown_weight, 5)["weight_unknown"] == "sample.map is not there");
}

TEST_CASE("a program reads the same") {
  const auto out = inspection_json(sample_image(), known_weight, 2);
  CHECK(out["targets"].size() == 4);
  CHECK(out["devices"][0]["name"] == "service");
  CHECK(out["entries"]["pvh"] == 0x1000);
  CHECK(out["hardening"]["relro"] == true);
  CHECK(out["segments"].size() == 3);
  CHECK(out["segments"][1]["protection"] == "r-x");
  CHECK(out["libraries"][0]["code"] == 1000);
  CHECK(out["symbols"][1]["name"] == "puts");
}

TEST_CASE("completion knows every command and option") {
  const auto commands = describe_commands();
  for (const std::string& script :
       {bash_completion(commands), zsh_completion(commands), fish_completion(commands)}) {
    for (const auto& c : commands) {
      CHECK(script.contains(c.name));
      for (const auto& o : c.options) {
        const std::string name = o.names.back();
        CHECK_MESSAGE((script.contains(name) || script.contains("-l " + name.substr(2))), name);
      }
    }
    CHECK(script.contains("qemu-microvm"));
  }
}
