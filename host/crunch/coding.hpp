// Contents in the codings that browsers accept, made once at build time, so at the best that the codings can
// do.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace aster::host::crunch {

/// RFC 1952, by zlib at level 9, with neither name nor time: the same bytes each time.
std::string gzip(std::string_view content);

/// RFC 7932, quality 11.
std::string brotli(std::string_view content, bool is_text);

/// Whether sending `coded` bytes instead of `plain` is worth what it costs: it saves 5 % and 64 bytes at
/// least, some of which the longer head of the response takes.
constexpr bool is_worth_it(std::size_t plain, std::size_t coded) {
  return coded + 64 <= plain && coded <= plain - plain / 20;
}

}  // namespace aster::host::crunch
