#include "host/crunch/coding.hpp"

#include <brotli/encode.h>
#include <zlib.h>

#include <stdexcept>

namespace aster::host::crunch {

std::string gzip(std::string_view content) {
  z_stream stream{};
  constexpr int with_gzip_header = 16;
  if (deflateInit2(&stream, 9, Z_DEFLATED, MAX_WBITS + with_gzip_header, 9, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error{"zlib refuses to work"};
  }
  gz_header header{};
  header.os = 255;  // unknown: zlib's own choice depends on where it was built
  deflateSetHeader(&stream, &header);
  std::string result(deflateBound(&stream, content.size()), '\0');
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(result.data());
  stream.avail_out = static_cast<uInt>(result.size());
  const int ended = deflate(&stream, Z_FINISH);
  result.resize(stream.total_out);
  deflateEnd(&stream);
  if (ended != Z_STREAM_END) throw std::runtime_error{"zlib did not finish"};
  return result;
}

std::string brotli(std::string_view content, bool is_text) {
  std::size_t size = BrotliEncoderMaxCompressedSize(content.size());
  std::string result(size, '\0');
  if (!BrotliEncoderCompress(BROTLI_MAX_QUALITY, BROTLI_DEFAULT_WINDOW,
                             is_text ? BROTLI_MODE_TEXT : BROTLI_MODE_GENERIC, content.size(),
                             reinterpret_cast<const std::uint8_t*>(content.data()), &size,
                             reinterpret_cast<std::uint8_t*>(result.data()))) {
    throw std::runtime_error{"brotli did not finish"};
  }
  result.resize(size);
  return result;
}

}  // namespace aster::host::crunch
