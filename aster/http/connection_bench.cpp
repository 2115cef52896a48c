// What HTTP itself costs a request: parsing, the call of the handler, and building the response, over a
// stream that is memory. No network, no switch of fibers. Not a test: run it alone on a quiet machine.
//
//   http_connection_bench [seconds per case]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "aster/http/request_parser.hpp"
#include "aster/http/server.hpp"

namespace http = aster::http;
namespace net = aster::net;

namespace {

using steady = std::chrono::steady_clock;

constexpr std::string_view small = "GET / HTTP/1.1\r\nHost: 10.0.0.2\r\n\r\n";
constexpr std::string_view browser =
    "GET /index.html HTTP/1.1\r\n"
    "Host: 127.0.0.1:8080\r\n"
    "Connection: keep-alive\r\n"
    "sec-ch-ua: \"Chromium\";v=\"130\", \"Not?A_Brand\";v=\"99\"\r\n"
    "sec-ch-ua-mobile: ?0\r\n"
    "sec-ch-ua-platform: \"Linux\"\r\n"
    "Upgrade-Insecure-Requests: 1\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 "
    "Safari/537.36\r\n"
    "Accept: "
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8\r\n"
    "Sec-Fetch-Site: none\r\n"
    "Sec-Fetch-Mode: navigate\r\n"
    "Sec-Fetch-User: ?1\r\n"
    "Sec-Fetch-Dest: document\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Accept-Language: en-US,en;q=0.9\r\n\r\n";

/// Gives the same bytes at each read until the time is over, and counts what is answered.
class endless_stream final : public net::byte_stream {
 public:
  endless_stream(std::string requests, steady::duration time)
      : requests_(std::move(requests)), end_(steady::now() + time) {}
  std::expected<std::size_t, net::error> read(std::span<std::byte> out) override {
    if (at_ == requests_.size()) at_ = 0;
    if (at_ == 0 && (++reads_ & 0xff) == 0 && steady::now() >= end_) return 0;
    const std::size_t size = std::min(out.size(), requests_.size() - at_);
    std::memcpy(out.data(), requests_.data() + at_, size);
    at_ += size;
    return size;
  }
  std::expected<void, net::error> write(std::span<const std::span<const std::byte>> pieces) override {
    ++writes_;
    for (auto piece : pieces) bytes_ += piece.size();
    return {};
  }
  void shutdown_write() noexcept override {}
  void abort() noexcept override {}
  std::size_t writes() const { return writes_; }

 private:
  std::string requests_;
  steady::time_point end_;
  std::size_t at_ = 0, reads_ = 0, writes_ = 0, bytes_ = 0;
};

void parse(const char* what, std::string_view request, double seconds) {
  const http::limits limits;
  http::request_parser parser{limits};
  const auto begin = steady::now();
  std::size_t n = 0;
  steady::duration took{};
  do {
    for (int i = 0; i < 1000; ++i, ++n) {
      parser.reset();
      if (parser.parse(request) != http::progress::complete) std::abort();
    }
    took = steady::now() - begin;
  } while (took < std::chrono::duration<double>(seconds));
  std::printf("%-44s %7.0f ns/request\n", what,
              std::chrono::duration<double, std::nano>(took).count() / static_cast<double>(n));
}

void serve(const char* what, std::string_view request, int pipelined, double seconds) {
  std::string requests;
  for (int i = 0; i < pipelined; ++i) requests += request;
  endless_stream stream{requests,
                        std::chrono::duration_cast<steady::duration>(std::chrono::duration<double>(seconds))};
  std::size_t served = 0;
  const auto begin = steady::now();
  http::serve_connection(stream, [&](const http::request&, http::response& res) {
    ++served;
    res.text("Hello from a unikernel\n");
  });
  const double took = std::chrono::duration<double>(steady::now() - begin).count();
  std::printf("%-44s %7.0f ns/request %9.0f requests/s %6.2f writes/request\n", what,
              took * 1e9 / static_cast<double>(served), static_cast<double>(served) / took,
              static_cast<double>(stream.writes()) / static_cast<double>(served));
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 0.5;
  parse("parse, 1 field", small, seconds);
  parse("parse, 14 fields as a browser sends them", browser, seconds);
  serve("serve, 1 field", small, 1, seconds);
  serve("serve, 14 fields", browser, 1, seconds);
  serve("serve, 1 field, 16 pipelined", small, 16, seconds);
}
