#include "kernel/virtio/queue.hpp"

#include <doctest/doctest.h>

#include <random>
#include <vector>

#include "kernel/virtio/fake_network.hpp"

using namespace aster::kernel::virtio;
using testing::fake_queue;

namespace {

// A queue and the device's side of it, over the same memory.
struct pair {
  explicit pair(unsigned size, bool event_index) : layout(queue_layout::of(size)) {
    auto* memory = static_cast<std::byte*>(env.allocate_dma(layout.bytes));
    std::memset(memory, 0, layout.bytes);
    driver.attach(memory, size, event_index);
    const auto at = testing::to_bus(memory);
    device.attach({.descriptors = at, .available = at + layout.available, .used = at + layout.used}, size, event_index);
  }
  testing::test_environment env;
  queue_layout layout;
  queue driver;
  fake_queue device;
};

}  // namespace

TEST_CASE("the parts of a queue are aligned as the specification asks and do not overlap") {
  for (unsigned size = 2; size <= 256; size *= 2) {
    const auto l = queue_layout::of(size);
    CHECK(l.available == 16 * size);
    CHECK(l.available % 2 == 0);
    CHECK(l.used % 4 == 0);
    CHECK(l.used >= l.available + 6 + 2 * size);
    CHECK(l.bytes == l.used + 6 + 8 * size);
  }
  CHECK(queue_layout::of(64).bytes <= 4096);
  CHECK(queue_layout::of(128).bytes <= 4096);
}

TEST_CASE("a chain goes to the device and comes back with the length that it wrote") {
  for (const bool event_index : {false, true}) {
    CAPTURE(event_index);
    pair p(8, event_index);
    p.driver.describe(3, testing::bus_offset + 0x1000, 64, descriptor_flag::next, 5);
    p.driver.describe(5, testing::bus_offset + 0x2000, 128, descriptor_flag::device_writes);
    p.driver.offer(3);
    CHECK_FALSE(p.device.next());  // not yet published
    CHECK(p.driver.publish());
    const auto chain = p.device.next();
    REQUIRE(chain);
    CHECK(chain->head == 3);
    REQUIRE(chain->segments.size() == 2);
    CHECK(chain->segments[0].data == reinterpret_cast<std::byte*>(0x1000));
    CHECK(chain->segments[0].length == 64);
    CHECK_FALSE(chain->segments[0].writable);
    CHECK(chain->segments[1].length == 128);
    CHECK(chain->segments[1].writable);

    CHECK_FALSE(p.driver.has_used());
    p.device.give_back(3, 77);
    CHECK(p.driver.has_used());
    const auto done = p.driver.take();
    REQUIRE(done);
    CHECK(done->head == 3);
    CHECK(done->length == 77);
    CHECK_FALSE(p.driver.take());
    CHECK(p.driver.in_flight() == 0);
    CHECK_FALSE(p.driver.failed());
  }
}

TEST_CASE("a device that works through a backlog is not notified of more") {
  pair p(8, true);
  p.driver.offer(0);
  CHECK(p.driver.publish());
  p.driver.offer(1);
  CHECK_FALSE(p.driver.publish());  // it has not come to the end of what it knows
  CHECK(p.device.next());
  CHECK(p.device.next());
  CHECK_FALSE(p.device.next());  // asks for the next notification
  p.driver.offer(2);
  CHECK(p.driver.publish());
  CHECK_FALSE(p.driver.publish());  // nothing new
}

TEST_CASE("without event index the device's flag decides on notifications") {
  pair p(8, false);
  p.driver.offer(0);
  CHECK(p.driver.publish());
  CHECK(p.device.next());  // busy: sets "do not notify"
  p.driver.offer(1);
  CHECK_FALSE(p.driver.publish());
}

TEST_CASE("an interrupt comes only when asked for") {
  for (const bool event_index : {false, true}) {
    CAPTURE(event_index);
    pair p(8, event_index);
    p.driver.disarm();
    for (std::uint16_t i = 0; i < 4; ++i) p.driver.offer(i);
    (void)p.driver.publish();
    for (int i = 0; i < 4; ++i) (void)p.device.next();
    CHECK_FALSE(p.device.give_back(0, 0));
    CHECK(p.driver.arm());  // one waits already
    (void)p.driver.take();
    CHECK_FALSE(p.driver.arm());
    CHECK(p.device.give_back(1, 0));
    (void)p.driver.take();
    p.driver.disarm();
    CHECK_FALSE(p.device.give_back(2, 0));
  }
}

TEST_CASE("an interrupt beyond a number of chains comes with exactly that one") {
  pair p(8, true);
  for (std::uint16_t i = 0; i < 8; ++i) p.driver.offer(i);
  (void)p.driver.publish();
  for (int i = 0; i < 8; ++i) (void)p.device.next();
  CHECK_FALSE(p.driver.arm(3));
  CHECK_FALSE(p.device.give_back(0, 0));
  CHECK_FALSE(p.device.give_back(1, 0));
  CHECK_FALSE(p.device.give_back(2, 0));
  CHECK(p.device.give_back(3, 0));
  CHECK_FALSE(p.device.give_back(4, 0));
  CHECK(p.driver.arm(3));
}

TEST_CASE("indices wrap at 2^16 and nothing is lost or doubled") {
  for (const bool event_index : {false, true}) {
    CAPTURE(event_index);
    pair p(16, event_index);
    std::mt19937 random(20240 + event_index);
    std::vector<std::uint16_t> free, at_device;
    for (std::uint16_t i = 0; i < 16; ++i) free.push_back(i);
    std::uint64_t offered = 0, taken = 0;
    while (taken < 200'000) {
      switch (random() % 3) {
        case 0:
          for (auto n = random() % 17; n > 0 && !free.empty(); --n) {
            p.driver.offer(free.back());
            free.pop_back();
            ++offered;
          }
          (void)p.driver.publish();
          break;
        case 1:
          while (auto chain = p.device.next()) at_device.push_back(chain->head);
          while (!at_device.empty() && random() % 8 != 0) {
            std::swap(at_device[random() % at_device.size()], at_device.back());  // any order
            p.device.give_back(at_device.back(), at_device.back() + 1000u);
            at_device.pop_back();
          }
          break;
        case 2:
          (void)p.driver.arm();
          while (auto done = p.driver.take()) {
            REQUIRE(done->length == done->head + 1000u);
            free.push_back(done->head);
            ++taken;
          }
          p.driver.disarm();
          break;
      }
      REQUIRE(p.driver.in_flight() + free.size() == 16);
    }
    CHECK_FALSE(p.driver.failed());
    CHECK(offered - taken == p.driver.in_flight());
  }
}

TEST_CASE("a device that says what cannot be makes the queue fail, and nothing more") {
  const auto begin = [](pair& p) {
    for (std::uint16_t i = 0; i < 3; ++i) p.driver.offer(i);
    (void)p.driver.publish();
    for (int i = 0; i < 3; ++i) (void)p.device.next();
  };
  const auto must_have_failed = [](pair& p) {
    CHECK_FALSE(p.driver.take());
    CHECK(p.driver.failed());
    CHECK_FALSE(p.driver.take());
    CHECK_FALSE(p.driver.has_used());
    CHECK_FALSE(p.driver.arm());
  };
  SUBCASE("an index outside the queue") {
    pair p(8, true);
    begin(p);
    p.device.give_back(8, 0);
    must_have_failed(p);
  }
  SUBCASE("an index far outside the queue") {
    pair p(8, true);
    begin(p);
    p.device.give_back(0xffff'ffff, 0);
    must_have_failed(p);
  }
  SUBCASE("a chain that it was never given") {
    pair p(8, true);
    begin(p);
    p.device.give_back(5, 0);
    must_have_failed(p);
  }
  SUBCASE("the same chain twice") {
    pair p(8, true);
    begin(p);
    p.device.give_back(1, 0);
    p.device.give_back(1, 0);
    CHECK(p.driver.take());
    must_have_failed(p);
  }
  SUBCASE("more chains than it was given") {
    pair p(8, true);
    begin(p);
    p.device.claim(4);
    must_have_failed(p);
  }
  SUBCASE("an index that goes back") {
    pair p(8, true);
    begin(p);
    p.device.give_back(1, 0);
    CHECK(p.driver.take());
    p.device.claim(0);
    must_have_failed(p);
  }
}

TEST_CASE("whatever a device writes into its rings, the driver stays within them") {
  for (unsigned seed = 0; seed < 2000; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    const unsigned size = 2u << random() % 8;
    pair p(size, random() % 2 != 0);
    std::vector<bool> held(size, true);
    for (int round = 0; round < 50 && !p.driver.failed(); ++round) {
      for (std::uint16_t i = 0; i < size; ++i)
        if (held[i] && random() % 2 != 0) {
          p.driver.offer(i);
          held[i] = false;
        }
      (void)p.driver.publish();
      for (auto n = random() % 8; n > 0; --n)
        p.device.give_back(static_cast<std::uint32_t>(random() % 4 != 0 ? random() % size : random()),
                           static_cast<std::uint32_t>(random()));
      if (random() % 8 == 0) p.device.claim(static_cast<std::uint16_t>(random()));
      (void)p.driver.arm(static_cast<std::uint16_t>(random() % 4));
      while (const auto done = p.driver.take()) {
        REQUIRE(done->head < size);
        REQUIRE_FALSE(held[done->head]);
        held[done->head] = true;
      }
    }
  }
}
