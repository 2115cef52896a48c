#include "host/switch/plug.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "aster/task/clock.hpp"
#include "aster/task/scope.hpp"
#include "host/network/frame_view.hpp"

using namespace aster;
using namespace aster::host;

namespace {

using bytes = std::vector<std::byte>;
constexpr std::size_t header_size = sizeof(abi::net_header);

/// A plug and what is plugged in there.
struct wire {
  descriptor far;
  std::unique_ptr<plug> here;
  explicit wire(frame_form form) {
    int pair[2];
    REQUIRE(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) == 0);
    far = descriptor(pair[0]);
    here = std::make_unique<plug>(descriptor(pair[1]), form);
  }
  bool put(const bytes& message) const {
    return write(far.get(), message.data(), message.size()) == static_cast<ssize_t>(message.size());
  }
  bytes take() const {
    bytes message(70'000);
    const ssize_t got = read(far.get(), message.data(), message.size());
    message.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return message;
  }
};

/// A TCP segment of so much payload, with a header that says how it is to be cut.
bytes segment(std::size_t payload, std::uint16_t segment_size) {
  abi::net_header header{
      .flags = abi::net_header::needs_checksum, .checksum_start = 34, .checksum_offset = 16};
  if (segment_size != 0) {
    header.gso_type = abi::net_header::gso_tcpv4;
    header.segment_size = segment_size;
    header.header_length = 54;
  }
  const auto total = static_cast<unsigned>(40 + payload);
  const unsigned front[] = {2,  0x41,       0x53,        0, 0,  7,    2, 0x41, 0x53, 0, 0, 8,  8,  0, 0x45,
                            0,  total >> 8, total & 255, 0, 0,  0x40, 0, 64,   6,    0, 0, 10, 77, 0, 8,
                            10, 77,         0,           7, 15, 160,  0, 80,   0,    0, 0, 1,  0,  0, 0,
                            1,  0x50,       0x18,        0, 0,  0,    0, 0,    0};
  bytes message(header_size);
  std::memcpy(message.data(), &header, header_size);
  for (const unsigned b : front) message.push_back(static_cast<std::byte>(b));
  for (std::size_t i = 0; i < payload; ++i) message.push_back(static_cast<std::byte>(i * 7));
  return message;
}

/// Carries what has come on one wire to another, as the switch does.
int carry(wire& from, wire& to, frame_room& room) {
  const int got = from.here->receive(room, [&](std::span<std::byte> message) { to.here->add(message); });
  to.here->flush();
  return got;
}

}  // namespace

TEST_CASE("who takes large segments gets them as they were sent") {
  wire a{frame_form::offloaded}, b{frame_form::offloaded};
  frame_room room;
  const bytes large = segment(60'000, 1460), small = segment(10, 0);
  REQUIRE(a.put(large));
  REQUIRE(a.put(small));
  CHECK(carry(a, b, room) == 2);
  CHECK(b.take() == large);
  CHECK(b.take() == small);
}

TEST_CASE("who takes frames as on a wire gets a large segment in pieces, their checksums complete") {
  for (const frame_form form : {frame_form::plain, frame_form::bare}) {
    wire a{frame_form::offloaded}, b{form};
    frame_room room;
    REQUIRE(a.put(segment(3000, 1460)));
    carry(a, b, room);
    std::size_t payload = 0;
    for (bytes one = b.take(); !one.empty(); one = b.take()) {
      const auto frame = std::span(one).subspan(form == frame_form::bare ? 0 : header_size);
      CHECK(frame.size() <= 1514);
      const auto seen = frame_view::of(frame);
      REQUIRE(seen);
      CHECK(seen->destination_port == 80);
      payload += frame.size() - 54;
      // The sum over the pseudo header and the segment is zero (RFC 9293 §3.1).
      std::uint32_t sum = 6 + static_cast<std::uint32_t>(frame.size() - 34);
      for (std::size_t i = 26; i < frame.size(); i += 2)
        sum += std::to_integer<unsigned>(frame[i]) << 8 |
               (i + 1 < frame.size() ? std::to_integer<unsigned>(frame[i + 1]) : 0u);
      while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
      CHECK(sum == 0xffff);
    }
    CHECK(payload == 3000);
  }
}

TEST_CASE("a frame that comes bare has a header from then on") {
  wire a{frame_form::bare}, b{frame_form::offloaded};
  frame_room room;
  const bytes whole = segment(100, 0);
  REQUIRE(a.put(bytes(whole.begin() + header_size, whole.end())));
  carry(a, b, room);
  bytes expected = whole;
  std::memset(expected.data(), 0, header_size);
  CHECK(b.take() == expected);
}

TEST_CASE("headers that make no sense are no frames") {
  wire a{frame_form::offloaded}, b{frame_form::plain};
  frame_room room;
  const auto with = [](auto change) {
    bytes message = segment(100, 64);
    abi::net_header header;
    std::memcpy(&header, message.data(), header_size);
    change(header);
    std::memcpy(message.data(), &header, header_size);
    return message;
  };
  REQUIRE(a.put(with([](abi::net_header& h) { h.flags = 4; })));
  REQUIRE(a.put(with([](abi::net_header& h) { h.checksum_start = 60'000; })));
  REQUIRE(a.put(with([](abi::net_header& h) { h.checksum_offset = 120; })));
  REQUIRE(a.put(with([](abi::net_header& h) { h.segment_size = 47; })));
  REQUIRE(a.put(with([](abi::net_header& h) { h.gso_type = abi::net_header::gso_udp; })));
  REQUIRE(a.put(with([](abi::net_header& h) { h.flags = 0; })));
  REQUIRE(a.put(bytes(header_size)));
  CHECK(carry(a, b, room) == 7);
  CHECK(a.here->malformed() == 7);
  CHECK(b.take().empty());
}

TEST_CASE(
    "one that does not take its frames loses some and harms nobody; the rest comes in order when it does") {
  wire a{frame_form::offloaded}, b{frame_form::offloaded};
  frame_room room;
  std::size_t sent = 0;
  while (b.here->dropped() == 0) {
    bytes message = segment(50'000, 1460);
    std::memcpy(message.data() + header_size + 54, &sent, sizeof sent);
    REQUIRE(a.put(message));  // its sender is never held up
    carry(a, b, room);
    REQUIRE(++sent < 10'000);
  }
  CHECK(sent * 50'000 > plug::queue_limit);
  task::scope carrying{"carrying"};
  carrying.spawn("queue", [&] { b.here->carry_queue(); });
  std::size_t next = 0;
  for (int idle = 0; idle < 100 && next + 1 < sent;) {
    const bytes message = b.take();
    if (message.empty()) {
      ++idle;
      task::sleep(std::chrono::milliseconds(1));
      continue;
    }
    idle = 0;
    std::size_t number = 0;
    std::memcpy(&number, message.data() + header_size + 54, sizeof number);
    CHECK(number == next++);
  }
  CHECK(next + 1 == sent);
  carrying.cancel();
}

TEST_CASE("an end that is closed is told once its last frames are taken") {
  wire a{frame_form::offloaded}, b{frame_form::offloaded};
  frame_room room;
  REQUIRE(a.put(segment(10, 0)));
  a.far.close();
  CHECK(carry(a, b, room) == 1);
  CHECK(carry(a, b, room) == -1);
  CHECK(b.take() == segment(10, 0));
}
