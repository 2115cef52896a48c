// Fuzz target: whatever is to be inflated and however it is cut, no more comes out than the limit and one,
// and the verdict is one. What was deflated comes back.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "aster/websocket/deflate.hpp"

using aster::websocket::deflater;
using aster::websocket::inflater;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

constexpr std::size_t limit = 1000;

struct verdict {
  inflater::result result = inflater::result::ok;
  std::string out;
  bool operator==(const verdict&) const = default;
};

/// Three times the same message, which comes `part` bytes at a time.
verdict inflate(std::string_view input, std::size_t part, int window, bool keeps_context) {
  inflater in{window, keeps_context};
  verdict v;
  for (int round = 0; round < 3; ++round) {
    v.out.clear();
    for (std::string_view rest = input; !rest.empty() && v.result == inflater::result::ok;) {
      v.result = in.inflate(rest.substr(0, part), v.out, limit);
      rest.remove_prefix(std::min(part, rest.size()));
    }
    if (v.result == inflater::result::ok) v.result = in.finish(v.out, limit);
    require(v.out.size() <= limit + 1);
    require((v.out.size() == limit + 1) <= (v.result == inflater::result::too_large));
    if (v.result != inflater::result::ok) {
      v.out.clear();  // how far it got is nobody's business
      break;
    }
  }
  return v;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  std::string_view input{reinterpret_cast<const char*>(data + 3), size - 3};
  input.remove_prefix(std::min<std::size_t>(data[1] / 2 % 8, input.size()));  // such as a frame's header
  const int window = 8 + data[0] % 8;
  const bool keeps_context = (data[1] & 1) != 0;
  const bool is_same = inflate(input, 1 + data[2] % 64, window, keeps_context) ==
                       inflate(input, input.size() + 1, window, keeps_context);
  require(is_same || window < aster::websocket::largest_window);  // see inflater::inflate

  if (window < aster::websocket::least_deflate_window) return 0;
  deflater out{window, keeps_context};
  inflater in{window, keeps_context};
  for (int round = 0; round < 2; ++round) {
    std::string small, back;
    out.deflate(input, small);
    require(in.inflate(small, back, input.size()) == inflater::result::ok);
    require(in.finish(back, input.size()) == inflater::result::ok);
    require(back == input);
  }
  return 0;
}
