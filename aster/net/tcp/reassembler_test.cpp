// How a stream is put together from what arrives.
#include "aster/net/tcp/reassembler.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "aster/net/siphash.hpp"

using namespace aster::net;
using namespace aster::net::tcp;

namespace {

wire::bytes as_bytes(std::string_view text) { return std::as_bytes(std::span{text}); }

std::string read_all(reassembler& r) {
  std::string text(r.readable(), '\0');
  const std::size_t n = r.read(std::as_writable_bytes(std::span{text}));
  CHECK(n == text.size());
  return text;
}

}  // namespace

TEST_CASE("a reassembler puts words into order") {
  chunk_pool pool{1 << 20};
  reassembler r{pool};
  using enum reassembler::outcome;
  CHECK(r.insert(5, as_bytes("world")) == out_of_order);
  CHECK(r.readable() == 0);
  CHECK(r.has_gap());
  CHECK(r.insert(0, as_bytes("hello")) == filled_gap);
  CHECK_FALSE(r.has_gap());
  CHECK(r.insert(3, as_bytes("lo")) == duplicate);
  CHECK(r.insert(8, as_bytes("ld!")) == in_order);
  CHECK(read_all(r) == "helloworld!");
  CHECK(pool.in_use() == 0);
}

TEST_CASE("a reader that waits gets bytes at once, and those for which it has no room wait for it") {
  chunk_pool pool{1 << 20};
  reassembler r{pool};
  char out[8];
  r.set_reader(std::as_writable_bytes(std::span{out}));
  r.insert(0, as_bytes("hello"));
  CHECK(r.reader_bytes() == 5);
  CHECK(r.readable() == 0);
  CHECK(pool.in_use() == 0);
  r.insert(5, as_bytes("world"));
  CHECK(r.take_reader_bytes() == 8);
  CHECK(std::string_view{out, 8} == "hellowor");
  CHECK(read_all(r) == "ld");
}

TEST_CASE("bytes beyond a gap never overtake a waiting reader") {
  chunk_pool pool{1 << 20};
  reassembler r{pool};
  char out[20];
  r.insert(5, as_bytes("world"));
  r.set_reader(std::as_writable_bytes(std::span{out}));
  r.insert(0, as_bytes("hello"));
  CHECK(r.take_reader_bytes() == 5);
  CHECK(read_all(r) == "world");
  CHECK(pool.in_use() == 0);
}

TEST_CASE("a reader that leaves gives its bytes back") {
  chunk_pool pool{1 << 20};
  reassembler r{pool};
  char out[4];
  r.insert(0, as_bytes("xy"));
  CHECK(read_all(r) == "xy");
  r.set_reader(std::as_writable_bytes(std::span{out}));
  r.insert(2, as_bytes("hello"));
  CHECK(r.return_reader_bytes());
  CHECK(r.readable() == 5);
  CHECK(read_all(r) == "hello");
  CHECK(pool.in_use() == 0);
}

TEST_CASE("any pieces in any order make the stream, and leave no memory behind") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    random_source random{{seed, 9}};
    std::string stream(random.below(30000), '\0');
    for (auto& c : stream) c = static_cast<char>(random.next32());
    chunk_pool pool{1 << 20};
    reassembler r{pool};
    std::string got;
    char out[3000];
    while (got.size() < stream.size()) {
      const auto window = std::min<std::size_t>(stream.size(), r.next() + 10000);
      const std::size_t from =
          r.next() < 500 ? random.below(static_cast<std::uint32_t>(window))
                         : r.next() - 500 + random.below(static_cast<std::uint32_t>(window - r.next() + 500));
      const std::size_t size = std::min<std::size_t>(window - from, 1 + random.below(2000));
      const bool reading = random.below(3) == 0;
      if (reading) r.set_reader(std::as_writable_bytes(std::span{out}.first(random.below(3000))));
      r.insert(from, as_bytes(std::string_view{stream}.substr(from, size)));
      if (reading) {
        if (random.below(5) == 0) {
          REQUIRE(r.return_reader_bytes());
        } else {
          got.append(out, r.take_reader_bytes());
        }
      }
      if (random.below(4) == 0) got += read_all(r);
      if (r.next() == stream.size()) got += read_all(r);
    }
    CHECK(got == stream);
    CHECK(pool.in_use() == 0);
  }
}
