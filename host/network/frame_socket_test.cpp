#include "host/network/frame_socket.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>

namespace {

using namespace aster;
using namespace aster::host;

/// The two ends of the socket: the network's and the image's.
struct cable {
  int network, image;
  cable() {
    int pair[2];
    REQUIRE(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair) == 0);
    network = pair[0];
    image = pair[1];
  }
  ~cable() {
    close(network);
    close(image);
  }
};

std::vector<std::byte> message(std::size_t payload, abi::net_header header = {}, int fill = 7) {
  std::vector<std::byte> all(sizeof header + payload, static_cast<std::byte>(fill));
  std::memcpy(all.data(), &header, sizeof header);
  return all;
}

void put(int descriptor, const std::vector<std::byte>& what) {
  REQUIRE(send(descriptor, what.data(), what.size(), 0) == static_cast<ssize_t>(what.size()));
}

TEST_CASE("frames of an image arrive without their header, in order") {
  const cable c;
  frame_socket socket(c.network);
  for (int i = 0; i < 50; ++i) put(c.image, message(60 + static_cast<std::size_t>(i)));
  std::vector<std::size_t> sizes;
  CHECK(socket.receive([&](std::span<const std::byte> frame) { sizes.push_back(frame.size()); }));
  REQUIRE(sizes.size() == 50);
  for (std::size_t i = 0; i < 50; ++i) CHECK(sizes[i] == 60 + i);
  CHECK(socket.receive([&](std::span<const std::byte>) { FAIL("there is no more"); }));
}

TEST_CASE("frames with headers that cannot be are dropped, and the others still arrive") {
  const cable c;
  frame_socket socket(c.network);
  abi::net_header segmented;
  segmented.gso_type = abi::net_header::gso_tcpv4;
  abi::net_header outside;
  outside.flags = abi::net_header::needs_checksum;
  outside.checksum_start = 1000;
  put(c.image, message(60, segmented));
  put(c.image, message(60, outside));
  put(c.image, message(0));                              // a header and nothing behind it
  put(c.image, std::vector<std::byte>(5));               // not even a header
  put(c.image, message(frame_socket::frame_limit + 1));  // too long
  put(c.image, message(60));
  int arrived = 0;
  CHECK(socket.receive([&](std::span<const std::byte>) { ++arrived; }));
  CHECK(arrived == 1);
  CHECK(socket.dropped() == 5);
}

TEST_CASE("a burst larger than the socket is queued and arrives whole and in order") {
  const cable c;
  frame_socket socket(c.network);
  constexpr std::size_t count = 5000;
  std::vector<std::byte> frame(1514);
  for (std::size_t i = 0; i < count; ++i) {
    std::memcpy(frame.data(), &i, sizeof i);
    socket.send(frame);
  }
  CHECK(socket.flush());
  CHECK(socket.congested());
  std::size_t next = 0;
  std::array<std::byte, 4096> incoming;
  while (next < count) {
    const ssize_t got = recv(c.image, incoming.data(), incoming.size(), 0);
    if (got < 0) {
      REQUIRE(socket.flush());
      continue;
    }
    REQUIRE(got == static_cast<ssize_t>(sizeof(abi::net_header) + frame.size()));
    std::size_t number;
    std::memcpy(&number, incoming.data() + sizeof(abi::net_header), sizeof number);
    REQUIRE(number == next++);
  }
  CHECK(!socket.congested());
  CHECK(socket.dropped() == 0);
}

TEST_CASE("a queue that nobody empties does not grow for ever") {
  const cable c;
  frame_socket socket(c.network);
  const std::vector<std::byte> frame(60'000);
  for (int i = 0; i < 1000; ++i) socket.send(frame);
  CHECK(socket.dropped() > 800);
}

TEST_CASE("the image's end closed is told by both directions") {
  cable c;
  frame_socket socket(c.network);
  put(c.image, message(60));
  close(c.image);
  c.image = -1;
  int arrived = 0;
  CHECK(!socket.receive([&](std::span<const std::byte>) { ++arrived; }));
  CHECK(arrived == 1);
  socket.send(std::vector<std::byte>(60));
  CHECK(!socket.flush());
}

}  // namespace
