// Asks the site without a network: a stream whose other side is a string.
#include <algorithm>
#include <cstring>
#include <print>
#include <string>

#include "aster/http.hpp"
#include "site.hpp"
using namespace aster;

class canned_stream final : public net::byte_stream {
 public:
  explicit canned_stream(std::string_view question) : question_{question} {}
  std::string answer;

  std::expected<std::size_t, net::error> read(std::span<std::byte> out) override {
    const std::size_t n = std::min(out.size(), question_.size());
    std::memcpy(out.data(), question_.data(), n);
    question_.remove_prefix(n);
    return n;
  }
  std::expected<void, net::error> write(std::span<const std::span<const std::byte>> pieces) override {
    for (const auto piece : pieces) answer.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    return {};
  }
  void shutdown_write() noexcept override {}
  void abort() noexcept override {}

 private:
  std::string_view question_;
};

std::string ask(site& site, std::string_view path) {
  const std::string question = std::format("GET {} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n", path);
  canned_stream stream{question};
  http::serve_connection(stream, [&](const http::request& request, http::response& response) {
    site.answer(request, response);
  });
  return stream.answer;
}

int main() {
  site site;
  int failed = 0;
  const auto expect = [&](std::string_view what, bool holds) {
    std::println("{} {}", holds ? "ok    " : "FAILED", what);
    if (!holds) ++failed;
  };
  expect("the first visitor is greeted", ask(site, "/").contains("visitor 1!"));
  expect("visitors are counted", ask(site, "/").contains("visitor 2!"));
  expect("an unknown page is not found", ask(site, "/nowhere").starts_with("HTTP/1.1 404 "));
  return failed == 0 ? 0 : 1;
}
