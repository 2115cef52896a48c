// Content codings made while the program runs (RFC 9110 §8.4.1): gzip by zlib, brotli by libbrotlienc, for
// text that is different each time. What lies in the image is coded when the image is built (aster/crunch).
//
//   const std::string small = http::compress(http::content_coding::gzip, page);
//
// A library of its own, aster_http_compress: an image that does not use it has neither of the two in it.
//
// Who can have their own words on a page next to a secret, and see how long the coded page is, can guess the
// secret letter by letter (BREACH): secrets on such pages are masked anew for each request, or the page is
// not coded.
#pragma once
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "aster/http/accept.hpp"

namespace aster::http {

/// One body on its way. Quick rather than thorough (levels 5 of gzip's 9 and 4 of brotli's 11), as it is done
/// for one reader.
class compressor {
 public:
  /// `coding` is gzip or brotli. `size` of the whole content, 0 when it is not known: a small one takes less
  /// memory, a large or unknown one some 140 KiB for gzip and some 700 KiB for brotli until the destructor.
  /// Throws std::bad_alloc.
  explicit compressor(content_coding coding, std::size_t size = 0);
  ~compressor();
  compressor(compressor&&) noexcept;
  compressor& operator=(compressor&&) noexcept;

  /// Takes `content` and appends what is ready to `out`, which may be nothing yet.
  void write(std::string_view content, std::string& out);
  /// Appends what the reader needs for all that was written so far; costs some bytes each time.
  void flush(std::string& out);
  /// Appends the rest. Nothing may be written behind it.
  void finish(std::string& out);

 private:
  class coder;
  class gzip_coder;
  class brotli_coder;
  std::unique_ptr<coder> coder_;
};

/// All of a content in one piece.
std::string compress(content_coding coding, std::string_view content);

}  // namespace aster::http
