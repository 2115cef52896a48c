// Fuzz target: a whole connection, fed with bytes in parts. The server ends by itself, and what it says is a
// sequence of responses of which each was asked for.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "aster/http/failure.hpp"
#include "aster/http/request_seeds.hpp"
#include "aster/http/server.hpp"
#include "aster/task/simulation.hpp"

namespace http = aster::http;
namespace net = aster::net;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

/// Gives the input in parts of some size, then the end; keeps what is written.
class scripted_stream final : public net::byte_stream {
 public:
  scripted_stream(std::string_view input, std::size_t part) : input_(input), part_(part) {}
  std::expected<std::size_t, net::error> read(std::span<std::byte> out) override {
    const std::size_t size = std::min({out.size(), part_, input_.size()});
    std::memcpy(out.data(), input_.data(), size);
    input_.remove_prefix(size);
    return size;
  }
  std::expected<void, net::error> write(std::span<const std::span<const std::byte>> pieces) override {
    require(!shut_);
    for (auto piece : pieces) written.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    return {};
  }
  void shutdown_write() noexcept override { shut_ = true; }
  void abort() noexcept override { shut_ = true; }

  std::string written;

 private:
  std::string_view input_;
  std::size_t part_;
  bool shut_ = false;
};

void answer(const http::request& req, http::response& res) {
  require(!req.path().empty());
  for (auto [name, value] : req.headers()) require(!name.empty());
  switch (req.path().size() % 6) {
    case 0: res.text(req.body()); break;
    case 1: break;  // reads nothing
    case 2: {
      std::array<std::byte, 5> part;
      auto out = res.stream("text/plain");
      while (const std::size_t n = req.read(part)) out.write(std::span{part}.first(n));
      break;
    }
    case 3: res.header("X-Target", req.target()).text(req.host()); break;
    case 4: throw http::failure{http::status::not_found, std::string{req.path()}};
    case 5: res.borrow("text/plain", "constant"); break;
  }
}

std::string serve(std::string_view input, std::size_t part) {
  static http::options options = [] {
    http::options o;
    o.limits.body = 64;
    o.limits.unread = 32;
    return o;
  }();
  scripted_stream stream{input, part};
  aster::task::simulation world;
  world.run([&] { http::serve_connection(stream, answer, options); });
  // No two answers of the same second differ in anything but how they were cut.
  for (std::size_t at; (at = stream.written.find("\r\nDate: ")) != std::string::npos;)
    stream.written.erase(at, 37);
  return stream.written;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  const std::string said = serve(input, 1 + http::number_of(input) % 256);
  require(said.empty() || said.starts_with("HTTP/1.1 "));
  return 0;
}
