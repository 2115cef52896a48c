#include "aster/websocket/deflate.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace aster::websocket;

namespace {

std::string made_up(std::size_t size, unsigned variety, std::uint64_t seed) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    text += static_cast<char>((seed >> 33) % variety);
  }
  return text;
}

}  // namespace

TEST_CASE("messages come back as they were, in any window, with context or without") {
  for (window_bits window = least_deflate_window; window <= largest_window; ++window)
    for (const bool keeps_context : {false, true}) {
      deflater out{window, keeps_context};
      inflater in{window, keeps_context};
      for (const std::size_t size : {0, 0, 1, 20, 300, 0, 5000, 70'000, 1})
        for (const unsigned variety : {1u, 4u, 256u}) {
          CAPTURE(window);
          CAPTURE(size);
          const std::string message = made_up(size, variety, size + variety);
          std::string small, back;
          out.deflate(message, small);
          CHECK(in.inflate(small, back, 100'000) == inflater::result::ok);
          CHECK(in.finish(back, 100'000) == inflater::result::ok);
          CHECK(back == message);
        }
    }
}

TEST_CASE("a message costs less when it may refer to one before it") {
  const std::string message = made_up(300, 200, 7);
  for (const bool keeps_context : {false, true}) {
    deflater out{12, keeps_context};
    std::string first, second;
    out.deflate(message, first);
    out.deflate(message, second);
    CHECK((second.size() < 20) == keeps_context);
    CHECK(first.size() > 200);
  }
}

TEST_CASE("no more than a limit comes out") {
  std::string small;
  deflater{15, false}.deflate(std::string(1'000'000, 'x'), small);
  for (const std::size_t limit : {0, 1, 1000, 16 * 1024, 999'999}) {
    inflater in{15, true};
    std::string back;
    CHECK(in.inflate(small, back, limit) == inflater::result::too_large);
    CHECK(back.size() == limit + 1);
  }
}
