// Sleep and notification, with the device's steps at every possible point between the driver's.
//
// A driver that sleeps although something waits for it, or a device that sleeps although it was given work,
// hangs a machine perhaps once in a million boots. So chance is taken out (interleaving_model.hpp): all
// choices of small scenarios are tried one after the other, one to two million of them; long scenarios, past the
// wrap of the indices, take seeded random choices. The same search finds the lost wake-up when the fences are
// taken out.
#include <doctest/doctest.h>

#include <functional>

#include "kernel/virtio/interleaving_model.hpp"
#include "kernel/virtio/receive_ring.hpp"
#include "kernel/virtio/transmit_ring.hpp"

using namespace aster;
using namespace aster::kernel::virtio;
using namespace aster::kernel::virtio::testing;

namespace {

struct alignas(64) ring_memory {
  std::byte bytes[1024]{};
};

struct setting {
  bool event_index = true;
  bool fences_work = true;
};

enum class verdict : std::uint8_t { fine, lost_wake_up, lost_notification };
using scenario = std::function<verdict(chooser&, const setting&)>;

struct tally {
  std::uint64_t runs = 0;
  std::uint64_t lost_wake_ups = 0;
  std::uint64_t lost_notifications = 0;
  void count(verdict v) {
    ++runs;
    lost_wake_ups += v == verdict::lost_wake_up;
    lost_notifications += v == verdict::lost_notification;
  }
};

constexpr std::uint64_t most_runs = 20'000'000;

tally all_paths(const scenario& run, const setting& s) {
  tally t;
  chooser choices;
  do {
    t.count(run(choices, s));
  } while (choices.next() && t.runs < most_runs);
  return t;
}

// Whether some path ends badly.
bool some_path_loses(const scenario& run, const setting& s, verdict what) {
  chooser choices;
  do {
    if (run(choices, s) == what) return true;
  } while (choices.next());
  return false;
}

tally random_paths(const scenario& run, const setting& s, unsigned seeds) {
  tally t;
  for (unsigned seed = 0; seed < seeds; ++seed) {
    chooser choices;
    choices.begin_random(seed);
    t.count(run(choices, s));
  }
  return t;
}

// Frames arrive while the driver looks, finds nothing or something, and goes to sleep.
verdict sleeping_on_arrivals(chooser& choices, const setting& s, unsigned frames) {
  ring_memory memory;
  stepping_device device(memory.bytes, 4, s.event_index);
  machine processor(choices, device, s.fences_work);
  basic_queue<modelled_memory> q;
  q.attach(memory.bytes, 4, s.event_index, {&processor});
  processor.limit_device_steps(0);
  for (std::uint16_t i = 0; i < 4; ++i) q.offer(i);
  (void)q.publish();
  q.disarm();
  processor.drain();
  processor.limit_device_steps(~0u);

  device.to_complete = frames;
  for (unsigned arrived = 0; arrived < frames;) {
    device.interrupt_pending = false;  // cli: what comes from here on stays pending until the processor halts
    const bool pending = q.arm();
    if (!pending) {
      processor.interleave();
      if (!device.interrupt_pending) {  // sti; hlt
        processor.settle();
        if (!device.interrupt_pending) return verdict::lost_wake_up;  // asleep for good
      }
    }
    q.disarm();
    while (q.take()) ++arrived;
  }
  return verdict::fine;
}

// The driver offers chains one flush after the other to a device that goes to sleep whenever it has none. The
// device is through with the first one when the interleaving begins.
verdict notifying_a_sleepy_device(chooser& choices, const setting& s, unsigned flushes) {
  ring_memory memory;
  stepping_device device(memory.bytes, 4, s.event_index);
  machine processor(choices, device, s.fences_work);
  basic_queue<modelled_memory> q;
  q.attach(memory.bytes, 4, s.event_index, {&processor});
  q.disarm();
  q.offer(0);
  (void)q.publish();
  processor.drain();
  device.to_complete = flushes;
  device.work_through_one();

  for (std::uint16_t i = 1; i < flushes; ++i) {
    q.offer(i);
    if (q.publish()) {
      processor.drain();  // a register write, uncached: all stores go before it
      device.notified = true;
    }
  }
  processor.settle();
  return device.asleep_with_work_left() || device.to_complete != 0 ? verdict::lost_notification : verdict::fine;
}

// The whole of transmission: fill the ring, be refused, sleep until there is room, go on.
verdict transmitting_through_a_full_ring(chooser& choices, const setting& s, unsigned frames) {
  ring_memory memory;
  stepping_device device(memory.bytes, 2, s.event_index);
  machine processor(choices, device, s.fences_work);
  basic_transmit_ring<modelled_memory> ring;
  std::byte buffers[2][64]{};
  ring.queue().attach(memory.bytes, 2, s.event_index, {&processor});
  processor.limit_device_steps(0);
  ring.attach(buffers[0], 0, 2, 64);
  processor.drain();
  processor.limit_device_steps(~0u);

  device.to_complete = frames;
  const auto flush = [&] {
    if (ring.publish()) {
      processor.drain();
      device.notified = true;
    }
  };
  const std::byte byte{1};
  const std::span<const std::byte> piece(&byte, 1);
  for (unsigned sent = 0; sent < frames;) {
    using outcome = basic_transmit_ring<modelled_memory>::outcome;
    auto taken = ring.transmit({}, {&piece, 1});
    if (taken == outcome::full) {
      flush();
      taken = ring.transmit({}, {&piece, 1});
    }
    if (taken == outcome::taken) {
      ++sent;
      continue;
    }
    device.interrupt_pending = false;
    flush();
    if (!ring.arm()) {
      processor.interleave();
      if (!device.interrupt_pending) {
        processor.settle();
        if (!device.interrupt_pending)
          return device.asleep_with_work_left() ? verdict::lost_notification : verdict::lost_wake_up;
      }
    }
    ring.disarm();
  }
  flush();
  processor.settle();
  return device.to_complete != 0 ? verdict::lost_notification : verdict::fine;
}

// The whole of reception: all buffers held, given back at a moment when the device has fallen asleep for want
// of them, and so on.
verdict receiving_with_few_buffers(chooser& choices, const setting& s, unsigned frames) {
  ring_memory memory;
  stepping_device device(memory.bytes, 2, s.event_index);
  machine processor(choices, device, s.fences_work);
  basic_receive_ring<modelled_memory> ring;
  std::byte buffers[2][64]{};
  ring.queue().attach(memory.bytes, 2, s.event_index, {&processor});
  processor.limit_device_steps(0);
  ring.attach(buffers[0], 0, 2, 64, false);
  (void)ring.publish();
  processor.drain();
  processor.limit_device_steps(~0u);

  device.to_complete = frames;
  const auto flush = [&] {
    if (ring.publish()) {
      processor.drain();
      device.notified = true;
    }
  };
  for (unsigned received = 0; received < frames;) {
    abi::received_frame in[2];
    const auto n = ring.receive(in);
    for (std::size_t i = 0; i < n; ++i) ring.release(in[i].buffer);
    received += static_cast<unsigned>(n);
    if (n != 0) continue;
    device.interrupt_pending = false;
    flush();
    if (!ring.queue().arm()) {
      processor.interleave();
      if (!device.interrupt_pending) {
        processor.settle();
        if (!device.interrupt_pending)
          return device.asleep_with_work_left() ? verdict::lost_notification : verdict::lost_wake_up;
      }
    }
    ring.queue().disarm();
  }
  return verdict::fine;
}

void must_hold(const tally& t) {
  CHECK(t.lost_wake_ups == 0);
  CHECK(t.lost_notifications == 0);
}

}  // namespace

TEST_CASE("no wake-up is lost, in every interleaving of arrivals with going to sleep") {
  for (const bool event_index : {false, true}) {
    const setting s{.event_index = event_index};
    CAPTURE(event_index);
    const auto t = all_paths([](chooser& c, const setting& how) { return sleeping_on_arrivals(c, how, 1); }, s);
    CHECK(t.runs > 1'000'000);
    CHECK(t.runs < most_runs);  // all of them were tried
    must_hold(t);
    must_hold(random_paths([](chooser& c, const setting& how) { return sleeping_on_arrivals(c, how, 4); }, s, 50'000));
  }
}

TEST_CASE("no notification is lost, in every interleaving of offers with a device falling asleep") {
  for (const bool event_index : {false, true}) {
    const setting s{.event_index = event_index};
    CAPTURE(event_index);
    const auto t = all_paths([](chooser& c, const setting& how) { return notifying_a_sleepy_device(c, how, 2); }, s);
    CHECK(t.runs > 100'000);
    CHECK(t.runs < most_runs);
    must_hold(t);
    must_hold(random_paths([](chooser& c, const setting& how) { return notifying_a_sleepy_device(c, how, 4); }, s, 50'000));
  }
}

TEST_CASE("the search finds what goes wrong without fences") {
  for (const bool event_index : {false, true}) {
    const setting broken{.event_index = event_index, .fences_work = false};
    CAPTURE(event_index);
    CHECK(some_path_loses([](chooser& c, const setting& how) { return sleeping_on_arrivals(c, how, 1); }, broken,
                          verdict::lost_wake_up));
    CHECK(some_path_loses([](chooser& c, const setting& how) { return notifying_a_sleepy_device(c, how, 2); }, broken,
                          verdict::lost_notification));
  }
}

TEST_CASE("whoever was refused by a full ring is always woken, also around the wrap of the indices") {
  for (const bool event_index : {false, true}) {
    CAPTURE(event_index);
    const setting s{.event_index = event_index};
    must_hold(random_paths([](chooser& c, const setting& how) { return transmitting_through_a_full_ring(c, how, 12); }, s, 20'000));
    must_hold(random_paths([](chooser& c, const setting& how) { return transmitting_through_a_full_ring(c, how, 70'000); }, s, 3));
  }
}

TEST_CASE("a device that ran out of receive buffers always goes on, also around the wrap of the indices") {
  for (const bool event_index : {false, true}) {
    CAPTURE(event_index);
    const setting s{.event_index = event_index};
    must_hold(random_paths([](chooser& c, const setting& how) { return receiving_with_few_buffers(c, how, 12); }, s, 20'000));
    must_hold(random_paths([](chooser& c, const setting& how) { return receiving_with_few_buffers(c, how, 70'000); }, s, 3));
  }
}
