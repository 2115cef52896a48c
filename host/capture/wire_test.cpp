#include "host/capture/wire.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace {

using namespace aster;
using namespace aster::host;
using pcapng::direction;

/// A wire with something at both of its ends.
struct bench {
  int image, network;
  std::vector<std::pair<direction, std::size_t>> seen;
  std::unique_ptr<wire> between;

  explicit bench(bool bare = false) {
    int left[2], right[2];
    REQUIRE(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, left) == 0);
    REQUIRE(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, right) == 0);
    image = left[0];
    network = right[0];
    between = std::make_unique<wire>(
        wire::end{left[1], bare}, wire::end{right[1]},
        [this](direction way, const abi::net_header&, std::span<const std::byte> frame) {
          seen.emplace_back(way, frame.size());
        });
  }
  ~bench() {
    close(image);
    close(network);
  }

  /// Lets the wire work until it has nothing to do.
  void settle() {
    for (;;) {
      std::vector<pollfd> watched;
      between->watch(watched);
      if (between->is_over() || poll(watched.data(), watched.size(), 0) == 0) return;
      between->carry(watched);
    }
  }
};

std::vector<std::byte> message(std::size_t size, abi::net_header header = {}) {
  std::vector<std::byte> all(sizeof header + size, std::byte{7});
  std::memcpy(all.data(), &header, sizeof header);
  return all;
}

bool put(int to, std::span<const std::byte> what) {
  return send(to, what.data(), what.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(what.size());
}

std::vector<std::byte> get(int from) {
  std::vector<std::byte> all(70'000);
  const ssize_t got = recv(from, all.data(), all.size(), 0);
  all.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return all;
}

TEST_CASE("a frame comes out as it went in, header and all, and is shown on its way") {
  bench b;
  abi::net_header large;
  large.gso_type = abi::net_header::gso_tcpv4;
  large.segment_size = 1460;
  const auto out = message(60'000, large), in = message(64);
  REQUIRE(put(b.image, out));
  REQUIRE(put(b.network, in));
  b.settle();
  CHECK(get(b.network) == out);
  CHECK(get(b.image) == in);
  CHECK(b.seen == std::vector<std::pair<direction, std::size_t>>{{direction::outbound, 60'000},
                                                                 {direction::inbound, 64}});
}

TEST_CASE("a bare end has no header, and gets no frame that it could not read") {
  bench b{true};
  const auto in = message(64);
  abi::net_header large;
  large.gso_type = abi::net_header::gso_tcpv4;
  REQUIRE(put(b.network, message(9000, large)));
  REQUIRE(put(b.network, in));
  REQUIRE(put(b.image, std::span(in).subspan(sizeof(abi::net_header))));
  b.settle();
  const auto arrived = get(b.image);
  CHECK(std::ranges::equal(arrived, std::span(in).subspan(sizeof(abi::net_header))));
  CHECK(get(b.network) == in);
}

TEST_CASE("what an end does not take stops its direction alone, and nothing is lost") {
  bench b;
  int sent = 0;
  while (put(b.image, message(1000)) && sent < 100'000) {
    ++sent;
    b.settle();  // the network takes nothing: in the end the image cannot send any more
  }
  REQUIRE(sent > 10);
  REQUIRE(put(b.network, message(64)));
  b.settle();
  CHECK(get(b.image).size() == 64 + sizeof(abi::net_header));
  int arrived = 0;
  while (!get(b.network).empty()) {
    ++arrived;
    b.settle();
  }
  CHECK(arrived == sent);
}

TEST_CASE("when the image ends, its last frames arrive, and then the network's end") {
  bench b;
  REQUIRE(put(b.image, message(64)));
  REQUIRE(put(b.image, message(65)));
  REQUIRE(shutdown(b.image, SHUT_RDWR) == 0);
  b.settle();
  CHECK(b.between->is_over());
  CHECK(get(b.network).size() == 64 + sizeof(abi::net_header));
  CHECK(get(b.network).size() == 65 + sizeof(abi::net_header));
  char byte;
  CHECK(recv(b.network, &byte, 1, 0) == 0);
}

}  // namespace
