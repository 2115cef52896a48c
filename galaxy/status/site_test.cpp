#include "site.hpp"

#include <doctest/doctest.h>

#include "aster/http/memory_stream.hpp"
#include "aster/http/server.hpp"
#include "aster/task/simulation.hpp"
#include "aster/web/test/client.hpp"

using namespace aster;

namespace {

/// Services in memory: "shortener" answers, "paste" fails, "chat" is silent, and nobody else is there.
class network {
 public:
  std::expected<std::unique_ptr<net::byte_stream>, net::error> connect(std::string_view host) {
    if (host != "shortener" && host != "paste" && host != "chat")
      return std::unexpected(net::error::unknown_name);
    auto wire = std::make_shared<http::memory_connection>();
    fibers_.spawn("service", [wire, name = std::string{host}] {
      http::serve_connection(wire->server(), [&name](const http::request& req, http::response& res) {
        if (name == "chat") task::sleep(std::chrono::hours{1});
        res.status(name == "paste" ? http::status::internal_server_error : http::status::ok)
            .text(req.target());
      });
      wire->server().shutdown_write();
    });
    struct owned final : net::byte_stream {
      explicit owned(std::shared_ptr<http::memory_connection> w) : wire(std::move(w)) {}
      ~owned() override { wire->client().abort(); }
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
    return std::make_unique<owned>(std::move(wire));
  }

 private:
  task::scope fibers_{"services"};
};

}  // namespace

TEST_CASE("each service is asked by its name, and what it said is shown") {
  task::simulation{}.run([] {
    network there;
    const status::connector connect = [&](std::string_view host) { return there.connect(host); };
    auto app = status::make_site(connect);
    web::test::client client{app};
    const task::time_point started = task::now();
    const auto page = client.get("/status/");
    CHECK(task::now() - started == std::chrono::seconds{5});  // all at the same time
    CHECK(page.status == 200);
    CHECK(page.body.contains("<th><code>shortener</code></th><td class=\"good\">well</td><td>200 OK</td>"));
    CHECK(page.body.contains("<td class=\"wrong\">not well</td><td>500 Internal Server Error</td>"));
    CHECK(page.body.contains("<td>no answer within five seconds</td><td>5000 ms</td>"));
    CHECK(page.body.contains("<td class=\"good\">not reached, as declared</td><td>no such host</td>"));
  });
}
