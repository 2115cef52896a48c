// Requests for the fuzz targets that read some: included by one file of a program.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <string_view>

extern const std::initializer_list<std::string_view> fuzz_seeds, fuzz_pieces;
const std::initializer_list<std::string_view> fuzz_seeds = {
    "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET /a?b HTTP/1.0\r\nConnection: keep-alive\r\n\r\nHEAD / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n",
    "POST /echo HTTP/1.1\r\nHost: example.org\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\nHost: "
    "h\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nT: v\r\n\r\nGET "
    "/x HTTP/1.1\r\nHost: h\r\n\r\n",
    "POST /ab HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 70\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: h\r\nAccept: */*\r\nUser-Agent: curl/8\r\nX:\t \r\n\r\n",
    "GET http://a/b HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
};
const std::initializer_list<std::string_view> fuzz_pieces = {"\r\n",
                                                             "\r",
                                                             "\n",
                                                             " ",
                                                             "\t",
                                                             ":",
                                                             ",",
                                                             ";",
                                                             std::string_view{"\0", 1},
                                                             "\x7f",
                                                             "\xff",
                                                             "0",
                                                             "5",
                                                             "ffffffffffffffff",
                                                             "Content-Length: 5\r\n",
                                                             "Transfer-Encoding: chunked\r\n",
                                                             "Host: x\r\n",
                                                             "\r\n\r\n",
                                                             "HTTP/1.1",
                                                             "GET / "};

namespace aster::http {

/// A number that depends on all bytes (FNV-1a), for where to cut them.
inline std::uint64_t number_of(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash >> 16;
}

}  // namespace aster::http
