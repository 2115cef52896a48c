// Fuzz target: whatever a line of the edge's link holds, it is refused or reads as something that is written
// and read again as the same.
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <string>
#include <string_view>

#include "aster/proxy/edge_message.hpp"

using namespace aster::proxy;

extern const std::initializer_list<std::string_view> fuzz_seeds, fuzz_pieces;
const std::initializer_list<std::string_view> fuzz_seeds = {
    R"({"hello":"edge","token":"6f1c"})",
    R"({"demand":[{"service":"s","waiting":2,"outstanding":5,"requests":9,"failed":3,"instances":[{"at":"10.0.0.7:80","outstanding":5}]}]})",
    R"({"galaxy":{"routes":[{"host":"h","path":"/s","service":"a","strip":true}],"services":[{"name":"a","concurrency":64,"state":"asleep","instances":["10.0.0.7:80","[::7]:80"]}]}})",
};
const std::initializer_list<std::string_view> fuzz_pieces = {"{",
                                                             "}",
                                                             "[",
                                                             "]",
                                                             ",",
                                                             ":",
                                                             "\"",
                                                             "null",
                                                             "\"well\"",
                                                             "\"a\"",
                                                             "\"/\"",
                                                             "10.0.0.8:",
                                                             "18446744073709551616",
                                                             "-1",
                                                             "\\u0000",
                                                             "true",
                                                             "\"failed\"",
                                                             "\"b\":",
                                                             "\"h\":1",
                                                             "[::1]",
                                                             "\xff"};

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line{reinterpret_cast<const char*>(data), size};
  if (const auto table = read_table_line(line)) {
    const std::string text = to_line(*table);
    const auto again = read_table_line(text);
    if (!again || to_line(*again) != text) std::abort();
  } else if (table.error().empty() || table.error().contains('\n')) {
    std::abort();
  }
  if (const auto said = read_edge_line(line)) {
    const std::string text = std::visit([](const auto& s) { return to_line(s); }, *said);
    const auto again = read_edge_line(text);
    if (!again || std::visit([](const auto& s) { return to_line(s); }, *again) != text) std::abort();
  }
  return 0;
}
