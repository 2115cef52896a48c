#include "aster/http/compress.hpp"

#include <brotli/decode.h>
#include <doctest/doctest.h>
#include <zlib.h>

#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace http = aster::http;
using enum http::content_coding;

namespace {

/// What a reader makes of the bytes so far, whether or not they are all.
std::string decoded(http::content_coding coding, std::string_view bytes, bool& ended) {
  std::string text;
  std::array<std::uint8_t, 4096> buffer;
  if (coding == gzip) {
    z_stream stream{};
    REQUIRE(inflateInit2(&stream, 16 + 15) == Z_OK);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    int result = Z_OK;
    do {
      stream.next_out = buffer.data();
      stream.avail_out = buffer.size();
      result = inflate(&stream, Z_SYNC_FLUSH);
      text.append(reinterpret_cast<const char*>(buffer.data()), buffer.size() - stream.avail_out);
    } while (result == Z_OK && stream.avail_out == 0);
    ended = result == Z_STREAM_END && stream.avail_in == 0;
    inflateEnd(&stream);
  } else {
    BrotliDecoderState* const state = BrotliDecoderCreateInstance(nullptr, nullptr, nullptr);
    std::size_t left = bytes.size();
    auto* next = reinterpret_cast<const std::uint8_t*>(bytes.data());
    BrotliDecoderResult result{};
    do {
      std::size_t room = buffer.size();
      std::uint8_t* to = buffer.data();
      result = BrotliDecoderDecompressStream(state, &left, &next, &room, &to, nullptr);
      text.append(reinterpret_cast<const char*>(buffer.data()), buffer.size() - room);
    } while (BrotliDecoderHasMoreOutput(state) != BROTLI_FALSE);
    REQUIRE(result != BROTLI_DECODER_RESULT_ERROR);
    ended = result == BROTLI_DECODER_RESULT_SUCCESS && left == 0;
    BrotliDecoderDestroyInstance(state);
  }
  return text;
}

std::string decoded(http::content_coding coding, std::string_view bytes) {
  bool ended = false;
  std::string text = decoded(coding, bytes, ended);
  CHECK(ended);
  return text;
}

/// Text that repeats itself somewhat, and bytes that do not.
std::string sample(std::size_t size, bool is_random) {
  std::string text;
  std::uint64_t state = size;
  while (text.size() < size) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    if (is_random)
      text += static_cast<char>(state >> 40);
    else
      text += "<li>item " + std::to_string((state >> 40) % 1000) + "</li>\n";
  }
  text.resize(size);
  return text;
}

}  // namespace

TEST_CASE("what is coded reads back, of every size") {
  for (const auto coding : {gzip, brotli}) {
    for (const bool is_random : {false, true}) {
      for (const std::size_t size : {0, 1, 2, 255, 256, 257, 511, 512, 1024, 4095, 40'000, 70'000, 300'000}) {
        CAPTURE(size);
        CAPTURE(is_random);
        const std::string text = sample(size, is_random), small = http::compress(coding, text);
        CHECK(decoded(coding, small) == text);
        if (!is_random && size >= 1024) CHECK(small.size() < size / 2);
        CHECK(small.size() < size + size / 100 + 64);
      }
    }
  }
}

TEST_CASE("a stream can be read up to each flush") {
  for (const auto coding : {gzip, brotli}) {
    http::compressor c{coding};
    std::string text, sent;
    for (int i = 0; i < 50; ++i) {
      const std::string part = sample(static_cast<std::size_t>(i * i), false);
      text += part;
      c.write(part, sent);
      c.flush(sent);
      bool ended = false;
      CHECK(decoded(coding, sent, ended) == text);
      CHECK(!ended);
    }
    c.finish(sent);
    CHECK(decoded(coding, sent) == text);
  }
}

TEST_CASE("nothing is written behind the end, and identity is no coding") {
  for (const auto coding : {gzip, brotli}) {
    http::compressor c{coding};
    std::string out;
    c.finish(out);
    CHECK(decoded(coding, out).empty());
    CHECK_THROWS_AS(c.write("x", out), std::logic_error);
  }
  CHECK_THROWS_AS(http::compressor{identity}, std::invalid_argument);
}
