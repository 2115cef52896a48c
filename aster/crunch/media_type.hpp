// What kind of file a name stands for, as Content-Type says it (RFC 9110 §8.3).
#pragma once
#include <algorithm>
#include <array>
#include <string_view>

namespace aster::crunch {

struct media_type {
  std::string_view extension;  // in lower case, without its dot
  std::string_view type;
  bool is_compressed = false;  // by its format: gzip and brotli gain nothing
};

/// By extension; https://www.iana.org/assignments/media-types and, for scripts, RFC 9239. Text is UTF-8 here.
inline constexpr std::array media_types = {
    media_type{"7z", "application/x-7z-compressed", true},
    media_type{"aac", "audio/aac", true},
    media_type{"apng", "image/apng", true},
    media_type{"atom", "application/atom+xml"},
    media_type{"avif", "image/avif", true},
    media_type{"bin", "application/octet-stream"},
    media_type{"bmp", "image/bmp"},
    media_type{"br", "application/octet-stream", true},
    media_type{"bz2", "application/x-bzip2", true},
    media_type{"css", "text/css; charset=utf-8"},
    media_type{"csv", "text/csv; charset=utf-8"},
    media_type{"eot", "application/vnd.ms-fontobject"},
    media_type{"epub", "application/epub+zip", true},
    media_type{"flac", "audio/flac", true},
    media_type{"geojson", "application/geo+json"},
    media_type{"gif", "image/gif", true},
    media_type{"gz", "application/gzip", true},
    media_type{"htm", "text/html; charset=utf-8"},
    media_type{"html", "text/html; charset=utf-8"},
    media_type{"ico", "image/vnd.microsoft.icon"},
    media_type{"ics", "text/calendar; charset=utf-8"},
    media_type{"jpeg", "image/jpeg", true},
    media_type{"jpg", "image/jpeg", true},
    media_type{"js", "text/javascript; charset=utf-8"},
    media_type{"json", "application/json"},
    media_type{"jsonld", "application/ld+json"},
    media_type{"jxl", "image/jxl", true},
    media_type{"m4a", "audio/mp4", true},
    media_type{"map", "application/json"},
    media_type{"md", "text/markdown; charset=utf-8"},
    media_type{"mjs", "text/javascript; charset=utf-8"},
    media_type{"mp3", "audio/mpeg", true},
    media_type{"mp4", "video/mp4", true},
    media_type{"oga", "audio/ogg", true},
    media_type{"ogg", "audio/ogg", true},
    media_type{"ogv", "video/ogg", true},
    media_type{"opus", "audio/ogg", true},
    media_type{"otf", "font/otf"},
    media_type{"pdf", "application/pdf", true},
    media_type{"png", "image/png", true},
    media_type{"rss", "application/rss+xml"},
    media_type{"svg", "image/svg+xml"},
    media_type{"svgz", "image/svg+xml", true},
    media_type{"tar", "application/x-tar"},
    media_type{"tif", "image/tiff"},
    media_type{"tiff", "image/tiff"},
    media_type{"ttf", "font/ttf"},
    media_type{"txt", "text/plain; charset=utf-8"},
    media_type{"vtt", "text/vtt; charset=utf-8"},
    media_type{"wasm", "application/wasm"},
    media_type{"wav", "audio/wav"},
    media_type{"weba", "audio/webm", true},
    media_type{"webm", "video/webm", true},
    media_type{"webmanifest", "application/manifest+json"},
    media_type{"webp", "image/webp", true},
    media_type{"woff", "font/woff", true},
    media_type{"woff2", "font/woff2", true},
    media_type{"xhtml", "application/xhtml+xml"},
    media_type{"xml", "application/xml"},
    media_type{"xz", "application/x-xz", true},
    media_type{"zip", "application/zip", true},
    media_type{"zst", "application/zstd", true},
};
static_assert(std::ranges::is_sorted(media_types, {}, &media_type::extension));

/// Of a file's path or name, by what stands behind the last dot of its last part, in either case;
/// "application/octet-stream" for what is not known.
constexpr media_type media_type_of(std::string_view path) {
  constexpr media_type unknown{"", "application/octet-stream"};
  const std::string_view name = path.substr(path.rfind('/') + 1);  // npos + 1 is 0
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return unknown;
  const std::string_view written = name.substr(dot + 1);
  std::array<char, 16> lower{};
  if (written.size() > lower.size()) return unknown;
  std::ranges::transform(written, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  const std::string_view extension{lower.data(), written.size()};
  const auto at = std::ranges::lower_bound(media_types, extension, {}, &media_type::extension);
  return at != media_types.end() && at->extension == extension ? *at : unknown;
}

}  // namespace aster::crunch
