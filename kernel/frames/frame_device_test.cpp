// Frames over a real descriptor: a socket of packets whose other end is the test. Each case without a ring
// and, where this kernel makes one, with it.
#include "kernel/frames/frame_device.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <vector>

using namespace aster;
using kernel::frame_device;

namespace {

using bytes = std::vector<std::byte>;

/// An io_uring with one file, as the tender makes it but without its restrictions.
struct own_ring {
  int descriptor = -1;
  std::byte* queues = nullptr;
  std::byte* entries = nullptr;
  std::size_t queues_size = 0, entries_size = 0;
  io_uring_params made{};

  explicit own_ring(int file) {
    descriptor = static_cast<int>(syscall(SYS_io_uring_setup, 32, &made));
    if (descriptor < 0) return;
    REQUIRE(syscall(SYS_io_uring_register, descriptor, IORING_REGISTER_FILES, &file, 1) == 0);
    queues_size = made.cq_off.cqes + made.cq_entries * sizeof(io_uring_cqe);
    entries_size = made.sq_entries * sizeof(io_uring_sqe);
    queues = map(queues_size, IORING_OFF_SQ_RING);
    entries = map(entries_size, IORING_OFF_SQES);
  }
  own_ring(const own_ring&) = delete;
  ~own_ring() {
    if (descriptor < 0) return;
    munmap(queues, queues_size);
    munmap(entries, entries_size);
    close(descriptor);
  }
  std::byte* map(std::size_t size, off_t what) const {
    void* const memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, what);
    REQUIRE(memory != MAP_FAILED);
    return static_cast<std::byte*>(memory);
  }
  kernel::frame_ring ring() const {
    const auto base = reinterpret_cast<std::uint64_t>(queues);
    return kernel::frame_ring{{.entries = reinterpret_cast<std::uint64_t>(entries),
                               .submission_tail = base + made.sq_off.tail,
                               .submission_array = base + made.sq_off.array,
                               .completion_head = base + made.cq_off.head,
                               .completion_tail = base + made.cq_off.tail,
                               .completions = base + made.cq_off.cqes,
                               .submission_mask = made.sq_entries - 1,
                               .completion_mask = made.cq_entries - 1},
                              descriptor};
  }
};

enum class way { by_calls, by_ring };

struct pair {
  std::array<int, 2> ends{};
  frame_device device;
  std::optional<own_ring> own;
  std::optional<kernel::frame_ring> ring;

  explicit pair(way how, bool receive_offload = false)
      : device{[&] {
          REQUIRE(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends.data()) == 0);
          kernel::network_option option;
          option.descriptor = ends[0];
          option.mtu = 1500;
          option.receive = receive_offload;
          return option;
        }()} {
    if (how == way::by_calls) return;
    own.emplace(ends[0]);
    if (own->descriptor < 0) return;  // this kernel makes none: by calls, then
    ring.emplace(own->ring());
    device.use(*ring, 0);
  }
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

constexpr auto ways = std::to_array({way::by_calls, way::by_ring});

}  // namespace

TEST_CASE("a frame leaves whole and in order, behind its header, whatever its size and pieces") {
  for (const way how : ways) {
    for (const std::size_t size : {60, 1514, 2036, 2037, 60'000}) {
      CAPTURE(size);
      pair p{how};
      const bytes frame = numbered(size);
      const abi::net_header header{
          .flags = abi::net_header::needs_checksum, .checksum_start = 34, .checksum_offset = 16};
      const std::array<std::span<const std::byte>, 3> pieces{
          std::span{frame}.first(54), std::span<const std::byte>{}, std::span{frame}.subspan(54)};
      REQUIRE(p.device.transmit(header, pieces));
      p.device.flush();
      const bytes seen = p.take();
      REQUIRE(seen.size() == sizeof header + size);
      CHECK(std::memcmp(seen.data(), &header, sizeof header) == 0);
      CHECK(std::memcmp(seen.data() + sizeof header, frame.data(), size) == 0);
    }
  }
}

TEST_CASE(
    "small and large frames leave in the order in which they were sent, by the next flush at the latest") {
  for (const way how : ways) {
    pair p{how};
    std::vector<std::size_t> sizes;
    for (std::size_t i = 0; i < 70; ++i) sizes.push_back(i % 9 == 8 ? 3000 + i : 60 + i);
    for (const std::size_t size : sizes) {
      const bytes frame = numbered(size);
      const std::span<const std::byte> piece = frame;
      REQUIRE(p.device.transmit({}, {&piece, 1}));
    }
    p.device.flush();
    for (const std::size_t size : sizes) {
      const bytes seen = p.take();
      REQUIRE(seen.size() == sizeof(abi::net_header) + size);
      const bytes frame = numbered(size);
      CHECK(std::memcmp(seen.data() + sizeof(abi::net_header), frame.data(), size) == 0);
    }
    CHECK(p.take().empty());
  }
}

TEST_CASE("with a ring small frames wait for the flush, and their memory need not") {
  pair p{way::by_ring};
  if (!p.ring) return;
  bytes frame = numbered(60);
  const std::span<const std::byte> piece = frame;
  for (int i = 0; i < 5; ++i) {
    frame[0] = static_cast<std::byte>(i);
    REQUIRE(p.device.transmit({}, {&piece, 1}));
  }
  CHECK(p.take().empty());
  p.device.flush();
  for (int i = 0; i < 5; ++i) CHECK(p.take().at(sizeof(abi::net_header)) == static_cast<std::byte>(i));
}

TEST_CASE("frames arrive with their headers, and the IP header begins a line of the cache") {
  for (const way how : ways) {
    pair p{how, true};
    p.put({.gso_type = abi::net_header::gso_tcpv4, .segment_size = 1460}, 60'000, 1);
    p.put({}, 60, 2);
    const auto frames = p.receive();
    REQUIRE(frames.size() == 2);
    CHECK(frames[0].header.gso_type == abi::net_header::gso_tcpv4);
    CHECK(frames[0].header.segment_size == 1460);
    CHECK(frames[0].frame.size() == 60'000);
    CHECK(frames[0].frame.back() == std::byte{1});
    CHECK(frames[1].frame.size() == 60);
    for (const auto& frame : frames)
      CHECK(reinterpret_cast<std::uintptr_t>(frame.frame.data() + 14) % 64 == 0);
  }
}

TEST_CASE("however many have arrived, and however many are asked for, frames come once and in order") {
  for (const way how : ways) {
    pair p{how};
    std::uint8_t put = 0, seen = 0;
    for (const int burst : {1, 2, 3, 4, 16, 17, 40, 1, 33}) {
      for (int i = 0; i < burst; ++i) p.put({}, 60, put++);
      p.device.polled(POLLIN);
      for (std::size_t most = 1;; most = most % 7 + 3) {
        const auto frames = p.receive(most);
        if (frames.empty()) break;
        CHECK(frames.size() <= most);
        for (const auto& frame : frames) {
          CHECK(frame.frame.size() == 60);
          CHECK(frame.frame.back() == static_cast<std::byte>(seen++));
          p.device.release(frame);
        }
      }
      CHECK(seen == put);
    }
  }
}

TEST_CASE("what is shorter than a header is no frame, and a frame of nothing neither") {
  for (const way how : ways) {
    pair p{how};
    for (std::uint8_t i = 0; i < 20; ++i) {
      REQUIRE(write(p.ends[1], "abc", 3) == 3);
      p.put({}, 0, 0);
      p.put({}, 60, i);
    }
    for (std::uint8_t i = 0; i < 20;) {
      const auto frames = p.receive();
      REQUIRE(!frames.empty());
      for (const auto& frame : frames) {
        CHECK(frame.frame.front() == static_cast<std::byte>(i++));
        p.device.release(frame);
      }
    }
  }
}

TEST_CASE("after nothing was found the descriptor is left alone until a poll tells") {
  for (const way how : ways) {
    pair p{how};
    CHECK(p.receive().empty());
    p.put({}, 60, 1);
    CHECK(p.receive().empty());
    CHECK(p.device.poll_events() == POLLIN);
    p.device.polled(POLLIN);
    CHECK(p.receive().size() == 1);
  }
}

TEST_CASE("a receiver that holds all buffers stops the device, and each one released lets a frame in") {
  for (const way how : ways) {
    pair p{how};
    for (std::uint8_t i = 0; i < 100; ++i) p.put({}, 60, i);
    std::vector<abi::received_frame> held;
    for (;;) {
      const auto frames = p.receive(5);
      if (frames.empty()) break;
      held.insert(held.end(), frames.begin(), frames.end());
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
}

TEST_CASE("a full queue takes nothing; a poll tells when it does again, and nothing that was taken is lost") {
  for (const way how : ways) {
    pair p{how};
    bytes frame = numbered(60);
    const std::span<const std::byte> piece = frame;
    std::size_t sent = 0;
    for (; sent < 100'000; ++sent) {
      std::memcpy(frame.data(), &sent, sizeof sent);
      if (!p.device.transmit({}, {&piece, 1})) break;
    }
    REQUIRE(sent < 100'000);
    CHECK(p.device.poll_events() == (POLLIN | POLLOUT));
    std::size_t arrived = 0;
    for (int rounds = 0; rounds < 4; ++rounds) {
      for (bytes seen = p.take(); !seen.empty(); seen = p.take()) {
        std::size_t number = 0;
        std::memcpy(&number, seen.data() + sizeof(abi::net_header), sizeof number);
        CHECK(number == arrived++);
      }
      p.device.polled(POLLOUT);
    }
    CHECK(arrived == sent);
    CHECK(p.device.poll_events() == POLLIN);
    CHECK(p.device.transmit({}, {&piece, 1}));
  }
}

TEST_CASE("once the other end is closed and its last frames are read, nobody polls for more") {
  for (const way how : ways) {
    pair p{how};
    p.put({}, 60, 1);
    p.put({}, 60, 2);
    REQUIRE(shutdown(p.ends[1], SHUT_RDWR) == 0);
    CHECK(p.device.descriptor() == p.ends[0]);
    p.device.polled(POLLIN | POLLHUP);
    CHECK(p.receive().size() == 2);
    CHECK(p.receive().empty());
    CHECK(p.device.descriptor() == -1);
    const bytes frame = numbered(60);
    const std::span<const std::byte> piece = frame;
    CHECK(p.device.transmit({}, {&piece, 1}));  // lost, as on a cut wire
    p.device.flush();
  }
}
