// A service of several instances in memory, for tests: what a proxy connects to, and a client in front of it.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>

#include "aster/http/memory_stream.hpp"
#include "aster/http/server.hpp"
#include "aster/http/test/conversation.hpp"
#include "aster/proxy/forward.hpp"
#include "aster/task/scope.hpp"

namespace aster::proxy::test {

inline net::endpoint at(std::uint8_t last) { return {net::ipv4_address{10, 0, 0, last}, 80}; }

class service {
 public:
  explicit service(http::test::handler handler) : handler_(std::move(handler)) {}

  /// Whom nobody can connect to.
  std::set<net::endpoint> down;
  /// Who says nothing to anybody any more, as if it were not there.
  std::set<net::endpoint> silent;
  /// What is said instead of a real answer, by instance.
  std::map<net::endpoint, std::string> broken;
  std::map<net::endpoint, unsigned> connections;
  std::optional<task::duration> idle;  // the server closes an unused connection after this

  upstream::connect_function connector() {
    return [this](net::endpoint to) -> std::expected<std::unique_ptr<net::byte_stream>, net::error> {
      ++connections[to];
      if (down.contains(to)) return std::unexpected(net::error::refused);
      if (silent.contains(to)) task::sleep(std::chrono::minutes{3});
      auto wire = std::make_shared<http::memory_connection>();
      fibers_.spawn("instance", [this, wire, to] {
        if (const auto words = broken.find(to); words != broken.end()) {
          std::byte some[4096];
          static_cast<void>(wire->server().read(some));
          static_cast<void>(wire->server().write(std::string_view{words->second}));
        } else {
          http::options options;
          if (idle) options.limits.idle = *idle;
          http::serve_connection(wire->server(), handler_, options);
        }
        wire->server().shutdown_write();
      });
      return std::make_unique<owned>(std::move(wire));
    };
  }

 private:
  struct owned final : net::byte_stream {
    explicit owned(std::shared_ptr<http::memory_connection> w) : wire(std::move(w)) {}
    ~owned() override {
      if (!wire->client().is_shut()) wire->client().abort();
    }
    std::expected<std::size_t, net::error> read(std::span<std::byte> out) override {
      return wire->client().read(out);
    }
    std::expected<void, net::error> write(std::span<const std::span<const std::byte>> pieces) override {
      return wire->client().write(pieces);
    }
    void shutdown_write() noexcept override { wire->client().shutdown_write(); }
    void abort() noexcept override { wire->client().abort(); }
    std::shared_ptr<http::memory_connection> wire;
  };

  http::test::handler handler_;
  task::scope fibers_{"instances"};
};

}  // namespace aster::proxy::test
