#include "host/crunch/coding.hpp"

#include <brotli/decode.h>
#include <doctest/doctest.h>
#include <zlib.h>

#include <random>

using namespace aster::host::crunch;

namespace {

std::string unzipped(const std::string& coded, std::size_t size) {
  std::string content(size, '\0');
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, MAX_WBITS + 16) == Z_OK);
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(coded.data()));
  stream.avail_in = static_cast<uInt>(coded.size());
  stream.next_out = reinterpret_cast<Bytef*>(content.data());
  stream.avail_out = static_cast<uInt>(content.size());
  CHECK(inflate(&stream, Z_FINISH) == Z_STREAM_END);
  CHECK(stream.total_out == size);
  inflateEnd(&stream);
  return content;
}

std::string unbrotlied(const std::string& coded, std::size_t size) {
  std::string content(size, '\0');
  std::size_t length = size;
  CHECK(BrotliDecoderDecompress(coded.size(), reinterpret_cast<const std::uint8_t*>(coded.data()), &length,
                                reinterpret_cast<std::uint8_t*>(content.data())) ==
        BROTLI_DECODER_RESULT_SUCCESS);
  CHECK(length == size);
  return content;
}

}  // namespace

TEST_CASE("both codings give the content back, and the same bytes each time") {
  std::mt19937 random{7};
  std::string noise(100'000, '\0');
  for (char& c : noise) c = static_cast<char>(random());
  for (const std::string& content : {std::string{"x"}, std::string(100'000, 'a'), noise}) {
    CAPTURE(content.size());
    CHECK(unzipped(gzip(content), content.size()) == content);
    CHECK(unbrotlied(brotli(content, false), content.size()) == content);
    CHECK(unbrotlied(brotli(content, true), content.size()) == content);
    CHECK(gzip(content) == gzip(content));
    CHECK(brotli(content, true) == brotli(content, true));
  }
}

TEST_CASE("the head of gzip tells neither time nor system") {
  CHECK(gzip("content").substr(0, 10) == std::string{"\x1f\x8b\x08\0\0\0\0\0\x02\xff", 10});
}

TEST_CASE("a coding is kept when it saves 5 % and 64 bytes") {
  CHECK(is_worth_it(1000, 900));
  CHECK(is_worth_it(10'000, 9500));
  CHECK_FALSE(is_worth_it(10'000, 9501));
  CHECK(is_worth_it(100, 36));
  CHECK_FALSE(is_worth_it(100, 37));
  CHECK_FALSE(is_worth_it(0, 20));
  CHECK_FALSE(is_worth_it(100, 120));
}
