#include "kernel/virtio/net_driver.hpp"

#include <doctest/doctest.h>

#include <random>
#include <vector>

#include "kernel/virtio/fake_network.hpp"

using namespace aster;
using namespace aster::kernel::virtio;
using testing::fake_network;
using testing::test_environment;

namespace {

constexpr std::uint64_t checksum = feature::bit(0), guest_checksum = feature::bit(1), mtu = feature::bit(3),
                        mac = feature::bit(5), guest_tso4 = feature::bit(7), host_tso4 = feature::bit(11),
                        host_tso6 = feature::bit(12), merged_buffers = feature::bit(15), status = feature::bit(16),
                        control_queue = feature::bit(17), notification_data = feature::bit(38);
constexpr std::uint64_t plain = feature::version_1 | mac;
constexpr std::uint64_t everything = ~mtu;

constexpr net_buffers small{.receive = 16, .receive_size = 2048, .transmit = 64, .transmit_size = 2048};

std::vector<std::byte> frame_of(std::size_t size, unsigned seed) {
  std::vector<std::byte> bytes(size);
  std::mt19937 random(seed);
  for (auto& b : bytes) b = static_cast<std::byte>(random());
  return bytes;
}

// A driver that has been started on a device that offers `features`.
struct machine {
  explicit machine(std::uint64_t features, net_buffers buffers = small) : device(features) {
    const auto started = driver.start(buffers);
    REQUIRE(started);
  }
  bool send(const std::vector<std::byte>& bytes, abi::net_header header = {}) {
    const std::span<const std::byte> piece(bytes);
    return driver.transmit(header, {&piece, 1});
  }
  std::vector<abi::received_frame> receive(std::size_t most = 64) {
    std::vector<abi::received_frame> frames(most);
    frames.resize(driver.receive(frames));
    return frames;
  }
  test_environment env;
  fake_network device;
  net_driver driver{device, env};
};

start_error error_of(fake_network& device, test_environment& env, net_buffers buffers = small) {
  net_driver driver(device, env);
  const auto started = driver.start(buffers);
  REQUIRE_FALSE(started);
  CHECK(device.statuses.back() == device_status::failed);
  return started.error();
}

}  // namespace

TEST_CASE("a device is brought up in the order of the specification") {
  machine m(plain | feature::event_index);
  CHECK(m.device.statuses == std::vector<std::uint8_t>{0, 1, 1 | 2, 1 | 2 | 8, 1 | 2 | 8 | 4});
  CHECK(m.device.accepted == (plain | feature::event_index));
  CHECK(m.device.notified[0] == 1);  // its receive buffers
  CHECK(m.device.notified[1] == 0);
  CHECK(m.driver.info().mac == std::array<std::uint8_t, 6>{0x52, 0x54, 0x00, 0x12, 0x34, 0x56});
  CHECK(m.driver.info().mtu == 1500);
  CHECK_FALSE(m.driver.info().checksum_offload);
  CHECK_FALSE(m.driver.info().receive_offload);
}

TEST_CASE("offloads are what the device has, and segmentation needs checksums") {
  {
    machine m(everything);
    CHECK(m.driver.info().checksum_offload);
    CHECK(m.driver.info().tso4);
    CHECK(m.driver.info().tso6);
    CHECK(m.driver.info().receive_offload);
    CHECK((m.device.accepted & (guest_tso4 | merged_buffers | control_queue | notification_data)) == 0);
    CHECK((m.device.accepted & (feature::access_platform | feature::order_platform)) ==
          (feature::access_platform | feature::order_platform));
  }
  machine m(plain | host_tso4 | host_tso6);
  CHECK_FALSE(m.driver.info().tso4);
  CHECK_FALSE(m.driver.info().tso6);
  CHECK(m.device.accepted == plain);
  machine n(plain | checksum | host_tso6);
  CHECK_FALSE(n.driver.info().tso4);
  CHECK(n.driver.info().tso6);
}

TEST_CASE("the MTU comes from the device, the boot line may lower it") {
  fake_network device(plain | mtu);
  device.configuration[10] = std::byte{0x28};  // 9000
  device.configuration[11] = std::byte{0x23};
  test_environment env;
  net_driver driver(device, env);
  REQUIRE(driver.start(small));
  CHECK(driver.info().mtu == 9000);
  CHECK(device.deliver(frame_of(9014, 1)));
  std::array<abi::received_frame, 1> in;
  REQUIRE(driver.receive(in) == 1);
  CHECK(in[0].frame.size() == 9014);
  driver.set_configuration("ip=10.0.0.2/24", 1400);
  CHECK(driver.info().mtu == 1400);
  CHECK(driver.info().configuration == std::string("ip=10.0.0.2/24"));
  driver.set_configuration("", 9000);
  CHECK(driver.info().mtu == 1400);
}

TEST_CASE("a device that cannot be used is refused with the reason and marked as failed") {
  test_environment env;
  SUBCASE("it never comes out of reset") {
    fake_network device(plain);
    device.never_resets = true;
    CHECK(error_of(device, env) == start_error::no_reset);
  }
  SUBCASE("it is legacy") {
    fake_network device(mac);
    CHECK(error_of(device, env) == start_error::not_modern);
  }
  SUBCASE("it refuses its own features") {
    fake_network device(plain);
    device.refuses_features = true;
    CHECK(error_of(device, env) == start_error::features_refused);
  }
  SUBCASE("it has no queues") {
    fake_network device(plain);
    device.largest = 0;
    CHECK(error_of(device, env) == start_error::no_queue);
  }
  SUBCASE("its MTU is below every link's") {
    fake_network device(plain | mtu);
    CHECK(error_of(device, env) == start_error::bad_configuration);
  }
  SUBCASE("its address is a group's") {
    fake_network device(plain);
    device.configuration[0] = std::byte{0xff};
    CHECK(error_of(device, env) == start_error::bad_configuration);
  }
  SUBCASE("memory is short, at any of the four allocations") {
    for (const std::size_t left : {std::size_t{0}, std::size_t{4096}, std::size_t{40000}, std::size_t{80000}}) {
      CAPTURE(left);
      test_environment poor;
      poor.memory_left = left;
      fake_network device(plain);
      CHECK(error_of(device, poor) == start_error::no_memory);
    }
  }
}

TEST_CASE("queues get no larger than the device allows") {
  fake_network device(plain);
  device.largest = 100;
  test_environment env;
  net_driver driver(device, env);
  REQUIRE(driver.start({}));
  CHECK(device.queues[0].size() == 64);
  CHECK(device.queues[1].size() == 64);
}

TEST_CASE("buffers take what the memory allows, and a frame of 64 KiB always fits") {
  for (const std::uint64_t memory : {std::uint64_t{4} << 20, std::uint64_t{8} << 20, std::uint64_t{12} << 20,
                                     std::uint64_t{16} << 20, std::uint64_t{4} << 30}) {
    CAPTURE(memory);
    const auto b = net_buffers::for_memory(memory);
    const std::uint64_t bytes = std::uint64_t{b.receive} * b.receive_size + std::uint64_t{b.transmit} * b.transmit_size;
    CHECK(bytes <= memory / 8);
    CHECK(std::uint64_t{b.transmit} * b.transmit_size >= 65536 + 64);
  }
}

TEST_CASE("a frame arrives whole and its buffer is used again once released") {
  for (const std::uint64_t features : {plain, plain | feature::event_index}) {
    machine m(features);
    for (unsigned round = 0; round < 100; ++round) {
      const auto sent = frame_of(14 + round * 15, round);
      CHECK_FALSE(m.driver.has_work());
      REQUIRE(m.device.deliver(sent));
      CHECK(m.driver.has_work());
      auto in = m.receive();
      REQUIRE(in.size() == 1);
      CHECK(std::equal(in[0].frame.begin(), in[0].frame.end(), sent.begin(), sent.end()));
      m.driver.release(in[0]);
    }
    CHECK(m.driver.counters().received == 100);
  }
}

TEST_CASE("who holds all buffers receives nothing more, until one is released") {
  machine m(plain | feature::event_index);
  std::vector<abi::received_frame> held;
  for (int i = 0; i < 16; ++i) {
    REQUIRE(m.device.deliver(frame_of(60, i)));
    const auto in = m.receive(1);
    held.push_back(in.at(0));
  }
  CHECK_FALSE(m.device.deliver(frame_of(60, 99)));
  const auto before = m.device.notified[0];
  m.driver.release(held[7]);
  m.driver.flush();
  CHECK(m.device.notified[0] == before + 1);  // the device waits for buffers and must be told
  CHECK(m.device.deliver(frame_of(60, 99)));
  const auto in = m.receive();
  REQUIRE(in.size() == 1);
  CHECK(in[0].buffer == held[7].buffer);
}

TEST_CASE("what a device says of a frame is checked") {
  machine m(plain | feature::event_index | guest_checksum);
  const auto good = frame_of(100, 1);
  SUBCASE("a checksum to fill in, inside the frame") {
    REQUIRE(m.device.deliver(good, {.flags = abi::net_header::needs_checksum, .checksum_start = 34, .checksum_offset = 16, .buffers = 1}));
    const auto in = m.receive();
    REQUIRE(in.size() == 1);
    CHECK(in[0].header.flags == abi::net_header::needs_checksum);
    CHECK(in[0].header.checksum_start == 34);
  }
  SUBCASE("a checksum that lies outside is dropped") {
    REQUIRE(m.device.deliver(good, {.flags = abi::net_header::needs_checksum, .checksum_start = 90, .checksum_offset = 9, .buffers = 1}));
    REQUIRE(m.device.deliver(good, {.flags = abi::net_header::needs_checksum, .checksum_start = 0xffff, .checksum_offset = 0xffff, .buffers = 1}));
    CHECK(m.receive().empty());
    CHECK(m.driver.counters().receive_dropped == 2);
  }
  SUBCASE("segments that nobody asked for are dropped") {
    REQUIRE(m.device.deliver(good, {.gso_type = abi::net_header::gso_tcpv4, .segment_size = 10, .buffers = 1}));
    CHECK(m.receive().empty());
  }
  SUBCASE("too short for Ethernet, or longer than the buffer") {
    for (const std::uint32_t length : {0u, 5u, 12u, 25u, 2049u, 0xffff'ffffu}) {
      auto chain = m.device.queues[0].next();
      REQUIRE(chain);
      m.device.queues[0].give_back(chain->head, length);
    }
    CHECK(m.receive().empty());
    CHECK(m.driver.counters().receive_dropped == 6);
    CHECK_FALSE(m.driver.failed());
  }
  // In each case every buffer is still there.
  m.driver.flush();
  int room = 0;
  while (m.device.deliver(good)) ++room;
  CHECK(room >= 15);
}

TEST_CASE("checksum flags are not passed on unless they were agreed on") {
  machine m(plain);
  REQUIRE(m.device.deliver(frame_of(60, 1), {.flags = 3, .checksum_start = 0xffff, .buffers = 1}));
  const auto in = m.receive();
  REQUIRE(in.size() == 1);
  CHECK(in[0].header.flags == 0);
}

TEST_CASE("a frame is sent as it was given, whatever its pieces") {
  for (const std::uint64_t features : {plain, plain | feature::event_index | checksum | host_tso4}) {
    machine m(features);
    std::mt19937 random(7);
    for (int round = 0; round < 300; ++round) {
      CAPTURE(round);
      const auto bytes = frame_of(random() % 4 == 0 ? 65536 + 14 : 60 + random() % 9000, round);
      std::vector<std::span<const std::byte>> pieces;
      for (std::size_t at = 0; at < bytes.size();) {
        const auto n = std::min<std::size_t>(random() % 5 == 0 ? 0 : 1 + random() % 5000, bytes.size() - at);
        pieces.emplace_back(bytes.data() + at, n);
        at += n;
      }
      const abi::net_header header{.flags = abi::net_header::needs_checksum, .gso_type = abi::net_header::gso_tcpv4,
                                   .header_length = 54, .segment_size = 1460, .checksum_start = 34, .checksum_offset = 16};
      REQUIRE(m.driver.transmit(header, pieces));
      CHECK_FALSE(m.device.take_sent());  // held back
      m.driver.flush();
      const auto sent = m.device.take_sent();
      REQUIRE(sent);
      CHECK(sent->bytes == bytes);
      CHECK(std::memcmp(&sent->header, &header, sizeof header) == 0);
    }
    CHECK(m.device.interrupts == 0);
  }
}

TEST_CASE("a batch costs one notification, and a device that is busy none") {
  machine m(plain | feature::event_index);
  for (int i = 0; i < 20; ++i) REQUIRE(m.send(frame_of(100, i)));
  m.driver.flush();
  m.driver.flush();
  CHECK(m.device.notified[1] == 1);
  CHECK(m.device.take_sent());
  REQUIRE(m.send(frame_of(100, 50)));
  m.driver.flush();
  CHECK(m.device.notified[1] == 1);  // it is not through with the first twenty
  int n = 0;
  while (m.device.take_sent()) ++n;
  CHECK(n == 20);
}

TEST_CASE("a full device refuses, and the wait ends when the refused frame fits") {
  for (const std::uint64_t features : {plain, plain | feature::event_index}) {
    CAPTURE(features);
    machine m(features);
    int sent = 0;
    while (m.send(frame_of(1000, sent))) ++sent;
    CHECK(sent == 64);
    CHECK(m.driver.counters().transmit_full == 1);
    CHECK(m.device.notified[1] == 1);  // told without a flush, or it would never make room
    CHECK_FALSE(m.driver.has_work());

    std::vector<std::uint16_t> heads;
    while (m.device.take_sent(&heads)) {}
    REQUIRE(heads.size() == 64);
    CHECK_FALSE(m.driver.arm());  // may sleep
    for (const auto head : heads) {
      m.device.give_back_sent(head);
      if (m.device.interrupts != 0) break;
    }
    CHECK(m.device.interrupts == 1);  // woken
    CHECK(m.driver.has_work());
    m.driver.disarm();
    CHECK_FALSE(m.driver.has_work());  // told once
    CHECK(m.send(frame_of(1000, 1)));
  }
}

TEST_CASE("room that came before the wait ends it at once") {
  machine m(plain | feature::event_index);
  while (m.send(frame_of(1000, 0))) {}
  while (m.device.take_sent()) {}
  CHECK(m.device.interrupts == 0);
  CHECK(m.driver.arm());
  m.driver.disarm();
  CHECK_FALSE(m.driver.arm());  // nobody has been refused since
  CHECK(m.send(frame_of(1000, 0)));
}

TEST_CASE("nobody is woken for room that is too small") {
  machine m(plain);  // interrupts for each chain
  while (m.send(frame_of(1000, 0))) {}
  CHECK_FALSE(m.send(frame_of(60000, 1)));  // 30 buffers
  std::vector<std::uint16_t> heads;
  while (m.device.take_sent(&heads)) {}
  for (int i = 0; i < 29; ++i) {
    m.device.give_back_sent(heads[i]);
    CHECK_FALSE(m.driver.arm());
  }
  m.device.give_back_sent(heads[29]);
  CHECK(m.driver.arm());
  CHECK(m.send(frame_of(60000, 1)));
}

TEST_CASE("a frame that could never fit is dropped, not refused for ever") {
  machine m(plain);
  CHECK(m.send(frame_of(200'000, 1)));
  CHECK(m.driver.counters().transmit_dropped == 1);
  CHECK_FALSE(m.driver.has_work());
}

TEST_CASE("an idle driver sleeps through nothing: a frame, a flush forgotten, buffers not posted") {
  machine m(plain | feature::event_index);
  CHECK_FALSE(m.driver.arm());
  REQUIRE(m.device.deliver(frame_of(60, 1)));
  CHECK(m.device.interrupts == 1);
  CHECK(m.driver.arm());  // not yet received
  m.driver.disarm();
  REQUIRE(m.device.deliver(frame_of(60, 2)));
  CHECK(m.device.interrupts == 1);  // awake: found by looking
  for (const auto& f : m.receive()) m.driver.release(f);

  REQUIRE(m.send(frame_of(60, 3)));
  CHECK_FALSE(m.driver.arm());
  CHECK(m.device.notified[1] == 1);
  CHECK(m.device.take_sent());
}

TEST_CASE("a device that breaks the protocol is like one without a cable, and one note says so") {
  machine m(plain | feature::event_index);
  m.device.queues[0].give_back(0xffff, 60);
  CHECK(m.receive().empty());
  CHECK(m.driver.failed());
  CHECK(m.receive().empty());
  CHECK(m.env.notes.size() == 1);
  CHECK(m.device.statuses.back() == device_status::failed);
  CHECK_FALSE(m.driver.arm());
  CHECK_FALSE(m.driver.has_work());

  machine n(plain | feature::event_index);
  for (int i = 0; i < 64; ++i) REQUIRE(n.send(frame_of(100, i)));
  n.device.queues[1].give_back(64, 0);
  for (int i = 0; i < 200; ++i) CHECK(n.send(frame_of(100, i)));  // dropped
  CHECK(n.driver.counters().transmit_dropped == 200);
  CHECK_FALSE(n.driver.arm());
}

TEST_CASE("a device that overwrites descriptors harms only its own traffic") {
  machine m(plain);
  std::mt19937 random(5);
  for (int round = 0; round < 200; ++round) {
    while (m.send(frame_of(100 + random() % 20000, round))) {}
    std::vector<std::uint16_t> heads;
    while (m.device.take_sent(&heads)) {}
    m.device.queues[1].scribble_on_descriptors(static_cast<std::byte>(random()));
    for (const auto head : heads) m.device.give_back_sent(head);
    // The addresses are gone, so what is sent now is lost; the driver's own books are not.
    CHECK(m.send(frame_of(60000, round)));
    CHECK_FALSE(m.driver.failed());
    break;
  }
}

TEST_CASE("the link's state is the device's, or up") {
  machine without(plain);
  CHECK(without.driver.link_is_up());
  machine with(plain | status);
  CHECK(with.driver.link_is_up());
  with.device.configuration[6] = std::byte{0};
  CHECK_FALSE(with.driver.link_is_up());
  without.device.set_status(0x0f | device_status::needs_reset);
  CHECK_FALSE(without.driver.link_is_up());
}

TEST_CASE("traffic in both directions for 200,000 frames, any batch sizes, any order") {
  for (const std::uint64_t features : {plain, plain | feature::event_index}) {
    CAPTURE(features);
    machine m(features);
    std::mt19937 random(11);
    std::vector<abi::received_frame> held;
    std::vector<std::uint16_t> sent_heads;
    std::uint32_t next_in = 0, expect_in = 0, next_out = 0, expect_out = 0;
    std::vector<std::byte> bytes(80);
    const auto number = [&](std::uint32_t n) { std::memcpy(bytes.data() + 20, &n, 4); return bytes; };
    const auto number_of = [](std::span<const std::byte> f) { std::uint32_t n; std::memcpy(&n, f.data() + 20, 4); return n; };
    while (expect_in < 200'000 || expect_out < 200'000) {
      switch (random() % 5) {
        case 0:
          for (auto n = random() % 20; n > 0; --n)
            if (m.device.deliver(number(next_in))) ++next_in;
          break;
        case 1:
          for (const auto& f : m.receive(1 + random() % 8)) {
            REQUIRE(number_of(f.frame) == expect_in++);
            held.push_back(f);
          }
          break;
        case 2:
          while (!held.empty() && random() % 16 != 0) {
            std::swap(held[random() % held.size()], held.back());
            m.driver.release(held.back());
            held.pop_back();
          }
          m.driver.flush();
          break;
        case 3:
          for (auto n = random() % 30; n > 0; --n)
            if (m.send(number(next_out))) ++next_out;
          m.driver.flush();
          break;
        case 4:
          while (auto f = m.device.take_sent(&sent_heads)) REQUIRE(number_of(f->bytes) == expect_out++);
          while (!sent_heads.empty() && random() % 10 != 0) {
            std::swap(sent_heads[random() % sent_heads.size()], sent_heads.back());
            m.device.give_back_sent(sent_heads.back());
            sent_heads.pop_back();
          }
          break;
      }
      if (random() % 7 == 0) {
        (void)m.driver.arm();
        m.driver.disarm();
      }
    }
    CHECK_FALSE(m.driver.failed());
    CHECK(m.driver.counters().receive_dropped == 0);
  }
}
