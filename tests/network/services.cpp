// The old small services, and what is needed to look at the stack from outside.
//
//   TCP  7  echo        TCP 80  HTTP: / greets, /counters and /addresses tell, /body?N sends N bytes, /sleep
//   waits, /panic, /spin TCP  9  sink        tells how many bytes came, and their CRC-32, once the client is
//   done TCP 19  source      reads "N\n", sends N bytes: 0, 1, … 250, 0, … TCP 24  slow sink   as 9, but
//   takes its time TCP 26  abort       resets the connection at the first byte UDP  7  echo
//
//   services [connect ADDRESS PORT]     connects as a client, sends a megabyte as 19 does, and tells what
//   came back
#include <malloc.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <format>
#include <string>
#include <string_view>
#include <vector>

#include "aster/http.hpp"
#include "aster/net.hpp"
#include "aster/task.hpp"

using namespace aster;
using namespace std::chrono_literals;

net::device<"service"> service;

namespace {

constexpr std::size_t cycle = 251;

std::uint32_t crc32(std::uint32_t crc, std::span<const std::byte> bytes) {  // IEEE 802.3
  static const auto table = [] {
    std::array<std::uint32_t, 256> made{};
    for (std::uint32_t i = 0; i < made.size(); ++i) {
      std::uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) value = value & 1 ? 0xedb88320u ^ value >> 1 : value >> 1;
      made[i] = value;
    }
    return made;
  }();
  crc = ~crc;
  for (const std::byte b : bytes) crc = table[(crc ^ static_cast<std::uint8_t>(b)) & 0xff] ^ crc >> 8;
  return ~crc;
}

/// Bytes from `at` on of what the source sends.
std::vector<std::byte> pattern(std::size_t at, std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>((at + i) % cycle);
  return bytes;
}

bool send_pattern(net::stream& to, std::size_t size) {
  for (std::size_t at = 0; at < size;) {
    const std::size_t piece = std::min<std::size_t>(32 * 1024, size - at);
    if (!to.write(std::span<const std::byte>{pattern(at, piece)})) return false;
    at += piece;
  }
  return true;
}

void echo(net::stream client) {
  std::vector<std::byte> buffer(16 * 1024);
  while (auto n = client.read(buffer)) {
    if (*n == 0 || !client.write(std::span<const std::byte>{buffer}.first(*n))) break;
  }
}

void sink(net::stream client, std::chrono::milliseconds pause) {
  std::vector<std::byte> buffer(16 * 1024);
  std::size_t total = 0;
  std::uint32_t crc = 0;
  task::sleep(pause * 200);
  while (auto n = client.read(buffer)) {
    if (*n == 0) {
      static_cast<void>(client.write(std::format("{} bytes, CRC {:08x}\n", total, crc)));
      return;
    }
    total += *n;
    crc = crc32(crc, std::span{buffer}.first(*n));
    if (pause > 0ms) task::sleep(pause);
  }
}

void source(net::stream client) {
  std::string line;
  std::array<std::byte, 1> next;
  while (!line.ends_with('\n')) {
    const auto n = client.read(next);
    if (!n || *n == 0) return;
    line += static_cast<char>(next[0]);
  }
  std::size_t size = 0;
  std::from_chars(line.data(), line.data() + line.size(), size);
  static_cast<void>(send_pattern(client, size));
}

void abort_at_once(net::stream client) {
  std::array<std::byte, 1> first;
  static_cast<void>(client.read(first));
  client.abort();
}

template <class Serve>
void accept_all(net::listener listener, std::string_view name, Serve serve) {
  task::scope clients{name};
  for (;;) {
    clients.spawn(name, [client = listener.accept(), serve]() mutable { serve(std::move(client)); });
  }
}

void echo_datagrams(net::udp_socket socket) {
  while (const auto d = socket.receive()) static_cast<void>(socket.send_to(d->from, d->payload));
}

std::string tell(const net::stack& stack) {
  std::string text = std::format("fibers {}\nconnections {}\nheap {}\n", task::fibers().size(),
                                 stack.connections(), mallinfo2().uordblks);
  for (const net::counter c : net::counters::all())
    text += std::format("{} {}\n", net::to_string(c), stack.counters()[c]);
  return text;
}

std::string addresses(const net::stack& stack) {
  const net::interface_state now = stack.interfaces().front();
  std::string text = std::format("mac {}\n", net::to_string(now.mac));
  for (const auto& a : now.addresses6) text += std::format("address6 {}\n", net::to_string(a));
  if (now.gateway6) text += std::format("gateway6 {}\n", net::to_string(*now.gateway6));
  for (const auto& a : now.dns6) text += std::format("dns6 {}\n", net::to_string(a));
  return text;
}

void answer(const net::stack& stack, const http::request& req, http::response& res) {
  if (req.path() == "/counters") {
    res.text(tell(stack));
  } else if (req.path() == "/addresses") {
    res.text(addresses(stack));
  } else if (req.path() == "/body") {
    std::size_t size = 0;
    std::from_chars(req.query().data(), req.query().data() + req.query().size(), size);
    auto out = res.stream("application/octet-stream", size);
    for (std::size_t at = 0; at < size; at += 32 * 1024)
      out.write(pattern(at, std::min<std::size_t>(32 * 1024, size - at)));
  } else if (req.path() == "/upload") {
    const std::string_view body = req.body();
    res.text(std::format("{} bytes, CRC {:08x}\n", body.size(), crc32(0, std::as_bytes(std::span{body}))));
  } else if (req.path() == "/sleep") {
    task::sleep(500ms);
    res.text("slept\n");
  } else if (req.path() == "/panic") {
    std::abort();
  } else if (req.path() == "/spin") {
    for (;;) asm volatile("");
  } else if (req.path() == "/") {
    res.text("hello\n");
  } else {
    res.status(http::status::not_found).text("no such page\n");
  }
}

/// The other direction: this side opens the connection.
int connect(net::stack& stack, std::string_view address, std::string_view port) {
  net::endpoint there{net::ip_address::parse(address).value(), 0};
  std::from_chars(port.data(), port.data() + port.size(), there.port);
  auto stream = stack.connect(there);
  if (!stream) {
    std::printf("not connected: %s\n", net::to_string(stream.error()));
    return 3;
  }
  constexpr std::size_t size = 1'000'000;
  task::scope sending{"sending"};
  sending.spawn("send", [&] {
    static_cast<void>(send_pattern(*stream, size));
    stream->shutdown_write();
  });
  std::vector<std::byte> buffer(16 * 1024);
  std::size_t total = 0;
  std::uint32_t crc = 0;
  for (;;) {
    const auto n = stream->read(buffer);
    if (!n) {
      std::printf("broken off: %s\n", net::to_string(n.error()));
      return 4;
    }
    if (*n == 0) break;
    total += *n;
    crc = crc32(crc, std::span{buffer}.first(*n));
  }
  sending.join();
  std::printf("%zu bytes came back, CRC %s\n", total, crc == crc32(0, pattern(0, size)) ? "right" : "WRONG");
  return 0;
}

}  // namespace

int main(int count, char** words) {
  net::stack stack{service};
  const auto address = stack.wait_for_address();
  if (!address) {
    std::printf("no address: %s\n", net::to_string(address.error()));
    return 1;
  }
  if (count == 4 && std::string_view{words[1]} == "connect") return connect(stack, words[2], words[3]);

  task::scope all{"services"};
  const auto serve = [&](std::uint16_t port, std::string_view name, auto what) {
    all.spawn(name, [listener = stack.listen(port), name, what]() mutable {
      accept_all(std::move(listener), name, what);
    });
  };
  serve(7, "echo", echo);
  serve(9, "sink", [](net::stream client) { sink(std::move(client), 0ms); });
  serve(19, "source", source);
  serve(24, "slow sink", [](net::stream client) { sink(std::move(client), 1ms); });
  serve(26, "abort", abort_at_once);
  all.spawn("echo datagrams", [socket = stack.bind(7)]() mutable { echo_datagrams(std::move(socket)); });

  // Impatient, so that a test need not wait long for a client that has gone.
  http::options options;
  options.limits.header = options.limits.content = options.limits.send = 2s;
  options.connections = 2000;
  const auto handler = [&](const http::request& req, http::response& res) { answer(stack, req, res); };
  all.spawn("http", [&, listener = stack.listen(80)]() mutable {
    http::serve(std::move(listener), handler, options);
  });

  std::printf("serving on %s\n", net::to_string(address->address).c_str());
  std::fflush(stdout);
  all.join();
}
