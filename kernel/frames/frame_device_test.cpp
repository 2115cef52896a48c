// Frames over a real descriptor: a datagram socket whose other end is the test.
#include "kernel/frames/frame_device.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <vector>

using namespace aster;
using kernel::frame_device;

namespace {

using bytes = std::vector<std::byte>;

struct pair {
  std::array<int, 2> ends{};
  frame_device device;

  explicit pair(bool receive_offload = false)
      : device{[&] {
          REQUIRE(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends.data()) == 0);
          kernel::network_option option;
          option.descriptor = ends[0];
          option.mtu = 1500;
          option.receive = receive_offload;
          return option;
        }()} {}
  ~pair() {
    close(ends[0]);
    close(ends[1]);
  }

  void put(const abi::net_header& header, std::size_t size, std::uint8_t first) {
    bytes frame(sizeof header + size, std::byte{first});
    std::memcpy(frame.data(), &header, sizeof header);
    REQUIRE(write(ends[1], frame.data(), frame.size()) == static_cast<ssize_t>(frame.size()));
  }
  bytes take() {
    bytes frame(1 << 17);
    const ssize_t n = read(ends[1], frame.data(), frame.size());
    frame.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
    return frame;
  }
  std::vector<abi::received_frame> receive(std::size_t most = 64) {
    std::vector<abi::received_frame> frames(most);
    frames.resize(device.receive(frames));
    return frames;
  }
};

bytes numbered(std::size_t size) {
  bytes b(size);
  for (std::size_t i = 0; i < size; ++i) b[i] = static_cast<std::byte>(i * 7);
  return b;
}

}  // namespace

TEST_CASE("a frame leaves whole and in order, behind its header, whatever its size and pieces") {
  for (const std::size_t size :
       {std::size_t{60}, std::size_t{1514}, std::size_t{2036}, std::size_t{2037}, std::size_t{60'000}}) {
    CAPTURE(size);
    pair p;
    const bytes frame = numbered(size);
    const abi::net_header header{
        .flags = abi::net_header::needs_checksum, .checksum_start = 34, .checksum_offset = 16};
    const std::array<std::span<const std::byte>, 3> pieces{
        std::span{frame}.first(54), std::span<const std::byte>{}, std::span{frame}.subspan(54)};
    REQUIRE(p.device.transmit(header, pieces));
    const bytes seen = p.take();
    REQUIRE(seen.size() == sizeof header + size);
    CHECK(std::memcmp(seen.data(), &header, sizeof header) == 0);
    CHECK(std::memcmp(seen.data() + sizeof header, frame.data(), size) == 0);
  }
}

TEST_CASE("frames arrive with their headers, and the IP header begins a line of the cache") {
  pair p{true};
  p.put({.gso_type = abi::net_header::gso_tcpv4, .segment_size = 1460}, 60'000, 1);
  p.put({}, 60, 2);
  const auto frames = p.receive();
  REQUIRE(frames.size() == 2);
  CHECK(frames[0].header.gso_type == abi::net_header::gso_tcpv4);
  CHECK(frames[0].header.segment_size == 1460);
  CHECK(frames[0].frame.size() == 60'000);
  CHECK(frames[0].frame.back() == std::byte{1});
  CHECK(frames[1].frame.size() == 60);
  for (const auto& frame : frames) CHECK(reinterpret_cast<std::uintptr_t>(frame.frame.data() + 14) % 64 == 0);
}

TEST_CASE("what is shorter than a header is no frame, and a frame of nothing neither") {
  pair p;
  REQUIRE(write(p.ends[1], "abc", 3) == 3);
  p.put({}, 0, 0);
  p.put({}, 60, 3);
  const auto frames = p.receive();
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].frame.front() == std::byte{3});
}

TEST_CASE("after nothing was found the descriptor is left alone until a poll tells") {
  pair p;
  CHECK(p.receive().empty());
  p.put({}, 60, 1);
  CHECK(p.receive().empty());
  CHECK(p.device.poll_events() == POLLIN);
  p.device.polled(POLLIN);
  CHECK(p.receive().size() == 1);
}

TEST_CASE("a receiver that holds all buffers stops the device, and each one released lets a frame in") {
  pair p;
  std::vector<abi::received_frame> held;
  for (int i = 0; i < 100; ++i) {
    p.put({}, 60, static_cast<std::uint8_t>(i));
    p.device.polled(POLLIN);
    const auto frames = p.receive(1);
    if (frames.empty()) break;
    held.push_back(frames[0]);
  }
  const std::size_t depth = held.size();
  CHECK(depth < 100);
  CHECK(p.device.poll_events() == 0);
  for (std::size_t i = 0; i < depth; ++i)
    CHECK(held[i].frame.back() == static_cast<std::byte>(i));  // nobody's memory is shared
  p.device.release(held[3]);
  CHECK(p.device.poll_events() == POLLIN);
  const auto frames = p.receive();
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].frame.data() == held[3].frame.data());
  CHECK(frames[0].frame.back() == static_cast<std::byte>(depth));
}

TEST_CASE("a full queue takes nothing, and a poll tells when it does again") {
  pair p;
  const bytes frame = numbered(60);
  const std::span<const std::byte> piece = frame;
  std::size_t sent = 0;
  while (sent < 100'000 && p.device.transmit({}, {&piece, 1})) ++sent;
  REQUIRE(sent < 100'000);
  CHECK(p.device.poll_events() == (POLLIN | POLLOUT));
  for (std::size_t i = 0; i < sent; ++i) CHECK(p.take().size() == sizeof(abi::net_header) + 60);
  CHECK(p.take().empty());
  p.device.polled(POLLOUT);
  CHECK(p.device.poll_events() == POLLIN);
  CHECK(p.device.transmit({}, {&piece, 1}));
}
