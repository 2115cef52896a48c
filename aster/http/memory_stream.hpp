// Two ends of a connection that lies in memory: what is written at one is read at the other. A server can be
// driven through it without a network, under virtual time.
//
//   memory_connection wire;
//   fibers.spawn("server", [&] {
//     http::serve_connection(wire.server(), handler);
//     wire.server().shutdown_write();
//   });
//   wire.client().write("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
#pragma once
#include <cstddef>
#include <expected>
#include <optional>
#include <span>
#include <string>

#include "aster/net/byte_stream.hpp"
#include "aster/task/wait_queue.hpp"

namespace aster::http {

class memory_connection {
 public:
  class end final : public net::byte_stream {
   public:
    using byte_stream::write;
    [[nodiscard]] std::expected<std::size_t, net::error> read(std::span<std::byte> out) override;
    [[nodiscard]] std::optional<std::expected<std::size_t, net::error>> read_until(
        std::span<std::byte> out, task::time_point deadline) override;
    [[nodiscard]] std::expected<void, net::error> write(
        std::span<const std::span<const std::byte>> pieces) override;
    void shutdown_write() noexcept override;
    void abort() noexcept override;

    /// Calls of `write` at this end so far.
    std::size_t writes() const { return writes_; }
    /// Whether this end has been told to be silent, or either was aborted.
    bool is_shut() const { return out_->ended || *aborted_; }
    bool is_aborted() const { return *aborted_; }

   private:
    friend class memory_connection;
    struct direction {
      std::string bytes;
      bool ended = false;
      task::wait_queue readable{"bytes in memory"}, writable{"room in memory"};
    };
    direction* in_ = nullptr;
    direction* out_ = nullptr;
    bool* aborted_ = nullptr;
    std::size_t capacity_ = 0;
    std::size_t writes_ = 0;
  };

  /// `capacity`: bytes that each direction holds before a writer is parked.
  explicit memory_connection(std::size_t capacity = 64 * 1024);
  memory_connection(const memory_connection&) = delete;
  memory_connection& operator=(const memory_connection&) = delete;

  end& client() { return client_; }
  end& server() { return server_; }

 private:
  end::direction to_server_, to_client_;
  bool aborted_ = false;
  end client_, server_;
};

}  // namespace aster::http
