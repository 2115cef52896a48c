// A heap that fails at any moment: connections may fail, frames may be lost, but the stack goes on and leaks
// nothing.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <new>
#include <vector>

#include "aster/net/engine.hpp"
#include "aster/net/virtual_link.hpp"

namespace {
std::size_t alive = 0;
std::size_t until_failure = 0;  // allocations that still succeed; zero: all do
bool is_counting = false;

void* allocate(std::size_t size) {
  if (is_counting && until_failure > 0 && --until_failure == 0) {
    until_failure = 3;  // and then every third
    return nullptr;
  }
  void* p = std::malloc(size);
  if (p != nullptr) ++alive;
  return p;
}
}  // namespace

void* operator new(std::size_t size) {
  if (void* p = allocate(size)) return p;
  throw std::bad_alloc{};
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return allocate(size); }
void operator delete(void* p) noexcept {
  if (p != nullptr) --alive;
  std::free(p);
}
void operator delete(void* p, std::size_t) noexcept { operator delete(p); }

using namespace aster::net;
using namespace std::chrono_literals;

// A device whose own heap does not fail.
class quiet_device final : public aster::abi::net_device {
 public:
  explicit quiet_device(aster::abi::net_device& inner) : inner_(inner) {}
  const aster::abi::net_info& info() const noexcept override { return inner_.info(); }
  std::size_t receive(std::span<aster::abi::received_frame> out) noexcept override {
    const pause p;
    return inner_.receive(out);
  }
  void release(const aster::abi::received_frame& frame) noexcept override {
    const pause p;
    inner_.release(frame);
  }
  bool transmit(const aster::abi::net_header& header,
                std::span<const std::span<const std::byte>> pieces) noexcept override {
    const pause p;
    return inner_.transmit(header, pieces);
  }
  void flush() noexcept override { inner_.flush(); }

 private:
  struct pause {
    bool was = std::exchange(is_counting, false);
    ~pause() { is_counting = was; }
  };
  aster::abi::net_device& inner_;
};

TEST_CASE("a stack lives on when the heap fails at any moment") {
  for (std::size_t when = 1; when < 400; ++when) {
    CAPTURE(when);
    const std::size_t before = alive;
    {
      virtual_link link{1, {.delay = 1ms}};
      engine client{link.left(),
                    {.address = *configuration::parse("ip=10.0.0.1/24,ip6=off"), .host_name = "", .tcp = {}},
                    {1, 1}};
      quiet_device device{link.right()};
      engine server{device,
                    {.address = *configuration::parse("ip=10.0.0.2/24,ip6=off"), .host_name = "", .tcp = {}},
                    {2, 2}};
      time_point now{};
      tcp::acceptor* a = server.tcp().listen(80, 100);
      client.start(now);
      server.start(now);
      std::vector<tcp::connection*> held;
      held.reserve(200);
      std::vector<std::byte> buffer(3000);
      until_failure = when;
      // Everything that the engines do, but not what the wire does.
      const auto run = [&](time_point until) {
        while (now < until) {
          link.deliver(now);
          // The failing heap is the server's alone.
          is_counting = true;
          while (server.receive(now)) {
          }
          while (tcp::connection* c = server.tcp().accept(*a)) held.push_back(c);
          for (tcp::connection* c : held) {
            if (const std::size_t n = c->read(buffer); n > 0) {
              (void)c->write(wire::bytes{buffer}.first(n));
              (void)c->lend({});
            }
            server.tcp().touched(*c);
          }
          is_counting = false;
          is_counting = true;
          server.flush(now);
          is_counting = false;
          while (client.receive(now)) {
          }
          client.flush(now);
          now = std::max(now + 1ms,
                         std::min({link.next_arrival(), server.deadline(), client.deadline(), until}));
        }
      };
      std::vector<tcp::connection*> clients;
      for (int i = 0; i < 80; ++i)
        clients.push_back(client.tcp().connect({10, 0, 0, 1}, {{10, 0, 0, 2}, 80}, now).value_or(nullptr));
      for (tcp::connection* c : clients) {
        if (c == nullptr) continue;
        (void)c->write(buffer);
        client.tcp().touched(*c);
      }
      run(now + 20s);
      until_failure = 0;
      for (tcp::connection* c : clients)
        if (c != nullptr) client.tcp().release(*c, now);
      run(now + 30s);
      for (tcp::connection* c : held) server.tcp().release(*c, now);
      held.clear();
      run(now + 600s);
      CHECK(server.tcp().connections() == 0);
      CHECK(server.memory().in_use() == 0);
      // And still a new connection works.
      tcp::connection* c = client.tcp().connect({10, 0, 0, 1}, {{10, 0, 0, 2}, 80}, now).value();
      run(now + 100ms);
      CHECK(c->state() == tcp::state::established);
      client.tcp().release(*c, now);
      for (tcp::connection* h : held) server.tcp().release(*h, now);
    }
    CHECK(alive == before);
  }
}
