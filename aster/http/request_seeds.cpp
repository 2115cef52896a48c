// Requests for the fuzz targets.
#include <span>
#include <string_view>

namespace {

const std::string_view seed_texts[] = {
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
const std::string_view piece_texts[] = {"\r\n",
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

}  // namespace

extern const std::span<const std::string_view> seeds, pieces;
const std::span<const std::string_view> seeds{seed_texts}, pieces{piece_texts};
