// Fuzz target: a urlencoded text is refused, or is read as names and values that read as the same when they
// are encoded again; and a form of them never throws.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <string>
#include <string_view>

#include "aster/http/failure.hpp"
#include "aster/json/utf8.hpp"
#include "aster/web/form.hpp"

namespace web = aster::web;
namespace http = aster::http;

extern const std::initializer_list<std::string_view> fuzz_seeds, fuzz_pieces;
const std::initializer_list<std::string_view> fuzz_seeds = {
    "target=https%3A%2F%2Fexample.org%2F&id=xvw&tag=1&tag=2&listed=on",
    "target=a+b%20c&tag=-5&&weight=7&=x&y&z=",
    "target=%C3%BC&id=&listed=off&listed=on",
};
const std::initializer_list<std::string_view> fuzz_pieces = {
    "&", "=", "%", "%4", "%00", "%ff", "+", "target=", "id=a", "tag=9", "listed=1", "weight=", "\xff", ";"};

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

struct new_link {
  std::string target;
  std::optional<web::slug> id;
  std::vector<int> tag;
  bool listed = false;
  std::optional<int> weight;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  web::form_values values;
  try {
    values = web::form_values::parse({reinterpret_cast<const char*>(data), size});
  } catch (const http::failure&) {
    return 0;
  }
  std::string text;
  for (const auto& [name, value] : values.all()) {
    text += '&';
    web::append_encoded(text, name, web::url_part::parameter);
    text += '=';
    web::append_encoded(text, value, web::url_part::parameter);
  }
  const web::form_values again = web::form_values::parse(text);
  require(std::ranges::equal(again.all(), values.all()));

  const web::form_result<new_link> sent{values};
  require(static_cast<bool>(sent) == sent.errors().empty());
  if (!sent) return 0;
  require(aster::json::is_utf8(sent->target));
  const auto filled = web::form_result<new_link>::of(*sent);
  const web::form_result<new_link> back{filled.sent()};
  require(static_cast<bool>(back) && back->target == sent->target && back->tag == sent->tag &&
          back->listed == sent->listed && back->weight == sent->weight);
  return 0;
}
