// A connection that speaks another protocol from now on (RFC 9110 §7.8), for the one who speaks it: what the
// client had sent behind its request is read first.
#pragma once
#include <cstddef>
#include <cstring>
#include <expected>
#include <optional>
#include <span>
#include <string_view>

#include "aster/http/input.hpp"
#include "aster/net/byte_stream.hpp"
#include "aster/task/cancellation.hpp"

namespace aster::http {

class upgraded_stream final : public net::byte_stream {
 public:
  /// Both must outlive it. `before`: bytes of the stream that were read already.
  upgraded_stream(net::byte_stream& stream, input& before) : stream_(stream), before_(before) {}

  using byte_stream::write;

  [[nodiscard]] std::expected<std::size_t, net::error> read(std::span<std::byte> out) override {
    const std::size_t held = take_held(out);
    return held > 0 ? held : stream_.read(out);
  }
  [[nodiscard]] std::optional<std::expected<std::size_t, net::error>> read_until(
      std::span<std::byte> out, task::time_point deadline) override {
    const std::size_t held = take_held(out);
    if (held > 0) return held;
    return stream_.read_until(out, deadline);
  }
  [[nodiscard]] std::expected<void, net::error> write(
      std::span<const std::span<const std::byte>> pieces) override {
    return stream_.write(pieces);
  }
  void shutdown_write() noexcept override { stream_.shutdown_write(); }
  void abort() noexcept override { stream_.abort(); }

 private:
  std::size_t take_held(std::span<std::byte> out) {
    const std::string_view held = before_.bytes().substr(0, out.size());
    if (held.empty()) return 0;
    task::checkpoint();
    std::memcpy(out.data(), held.data(), held.size());
    before_.consume(held.size());
    if (before_.bytes().empty()) before_.release_memory();
    return held.size();
  }

  net::byte_stream& stream_;
  input& before_;
};

}  // namespace aster::http
