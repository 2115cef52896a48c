// Fuzz target: any text is a galaxy in which every name exists, or complaints of one line each.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <string_view>

#include "host/galaxy/declaration.hpp"

using namespace aster::host::galaxy;

extern const std::initializer_list<std::string_view> fuzz_seeds, fuzz_pieces;
const std::initializer_list<std::string_view> fuzz_seeds = {
    "[service.a]\nimage = 'a.img'\nneeds = ['b']\n[service.b]\nimage = 'b.img'\n[[route]]\npath = "
    "'/s'\nservice = 'a'\n",
    "name = 'x'\n[edge]\nlisten = '127.0.0.1:80'\n[service.a]\nsource = 'a'\nhealth = { http = '/' "
    "}\nreplicas = { "
    "min = 1, max = 2 }\nenvironment = { A = 'b' }\nidle = '5s'\ncpu = 0.5\n",
};
const std::initializer_list<std::string_view> fuzz_pieces = {
    "[service.a]",
    "[[route]]",
    "needs = ['a']",
    "\n",
    "'",
    "\"",
    "{",
    "}",
    "[",
    "]",
    "=",
    ".",
    "-1",
    "1e9",
    "nan",
    "true",
    "1979-05-27",
    "\\u0000",
    "reaches = ['world', 'b']",
    "restart = { when = 'never' }",
    "secrets = { K = 'f' }",
    "port = 1",
};

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto result = read_declaration({reinterpret_cast<const char*>(data), size}, "fuzz");
  if (!result) {
    require(!result.error().empty());
    for (const complaint& c : result.error()) require(!to_string(c, "f").contains('\n'));
    return 0;
  }
  for (auto s = result->services.begin(); s != result->services.end(); ++s) {
    require(s->image.empty() != s->source.empty() && s->most >= std::max(s->fewest, 1u));
    for (const auto& name : s->needs)
      require(std::ranges::contains(result->services.begin(), s, name, &service::name));
  }
  for (const route& r : result->routes)
    require(r.path.starts_with('/') && std::ranges::contains(result->services, r.service, &service::name));
  return 0;
}
