// One file that lies in the image, with what an HTTP server tells about it.
//
//   res.header("ETag", assets::css::style_css.etag).borrow(assets::css::style_css.type,
//   assets::css::style_css.content); page += R"(<link rel="stylesheet" href=")" +
//   std::string{assets::css::style_css.url()} + R"(">)";
//
// All of it is constant and lives as long as the image: the views may be kept and sent by reference. A file
// that the program does not name, in a folder that it does not use as a whole, is not linked.
#pragma once
#include <string_view>

namespace aster::crunch {

struct file {
  /// Where it lies below the folder that was crunched, beginning with '/': "/css/style.css". Not
  /// percent-encoded.
  std::string_view path;

  /// Media type, ready for Content-Type: "text/css; charset=utf-8".
  std::string_view type;

  std::string_view content;

  /// The content in other codings, for Accept-Encoding (RFC 9110 §8.4.1): empty where that saves less than 5
  /// % or 64 bytes, and for types that are compressed already. Brotli is there only where it is smaller than
  /// gzip.
  std::string_view gzip;
  std::string_view brotli;

  /// Strong entity tags with their quotes (RFC 9110 §8.8.3), made of the content's SHA-256. Each coding has
  /// its own, as they are not the same bytes; that of a coding which is not there is empty.
  std::string_view etag;
  std::string_view gzip_etag;
  std::string_view brotli_etag;

  /// `url()`; here because a plain structure can be a constant.
  std::string_view fingerprinted;

  /// Where to refer to it from pages: its path with a piece of the content's SHA-256 in it, percent-encoded
  /// where need be, "/css/style.3f9c2a1b.css". Another content has another URL, so whoever asks for it may
  /// keep it forever.
  constexpr std::string_view url() const { return fingerprinted; }
};

}  // namespace aster::crunch
