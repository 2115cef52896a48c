// Values of Range, If-None-Match, If-Modified-Since and Accept for the fuzz target.
#include <span>
#include <string_view>

namespace {

constexpr std::string_view seed_texts[] = {
    "bytes=0-0",
    "bytes=-5",
    "bytes=10-",
    "bytes=0-9,20-29, 40-",
    "bytes=5-1",
    "bytes=18446744073709551615-",
    "\"v2\"",
    "W/\"v2\"",
    "\"v1\", \"v2\"",
    "*",
    "\"a,b\" , W/\"\"",
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "Sunday, 06-Nov-94 08:49:37 GMT",
    "Sun Nov  6 08:49:37 1994",
    "gzip, br;q=0.5, *;q=0",
    "identity;q=0, gzip;q=1.000",
    "text/*;q=0.3, text/html;level=\"1,2\";q=0.7, */*",
};
constexpr std::string_view piece_texts[] = {
    ",", ";",  "-", "=",   "\"", "\\",     "W/", "*",      "q=",     "0",    "9", "18446744073709551616",
    " ", "\t", ":", "GMT", "/",  "bytes=", "br", "\"v2\"", "29 Feb", "\xff",
};

}  // namespace

extern const std::span<const std::string_view> seeds, pieces;
const std::span<const std::string_view> seeds{seed_texts}, pieces{piece_texts};
