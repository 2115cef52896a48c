// Sleep and notification, with the device's steps at every possible point between the driver's.
//
// A driver that sleeps although something waits for it, or a device that sleeps although it was given work,
// hangs a machine perhaps once in a million boots. So chance is taken out: the driver runs over a memory that,
// before each of its accesses, lets the device make any number of steps, one access each, and that holds
// the driver's stores back in a store buffer for as long as it likes, as an x86 processor may (total store
// order: a load may overtake older stores, until a fence). All choices of small scenarios are tried one after
// the other; long ones take seeded random choices. The same search finds the lost wake-up at once when the
// fences are taken out.
#include <doctest/doctest.h>

#include <cstring>
#include <deque>
#include <functional>
#include <random>
#include <vector>

#include "kernel/virtio/queue.hpp"
#include "kernel/virtio/receive_ring.hpp"
#include "kernel/virtio/transmit_ring.hpp"

using namespace aster;
using namespace aster::kernel::virtio;

namespace {

// Says what happens at each choice point: depth first through all of them, or at random.
class chooser {
 public:
  unsigned choose(unsigned options) {
    if (random_) return static_cast<unsigned>((*random_)() % options);
    if (position_ == path_.size()) path_.push_back({0, options});
    return path_[position_++].taken;
  }
  void begin_random(unsigned seed) { random_.emplace(seed); }
  // Moves on to the next path; false when all have been taken.
  bool next() {
    position_ = 0;
    while (!path_.empty() && path_.back().taken + 1 == path_.back().options) path_.pop_back();
    if (path_.empty()) return false;
    ++path_.back().taken;
    return true;
  }

 private:
  struct choice {
    unsigned taken, options;
  };
  std::vector<choice> path_;
  std::size_t position_ = 0;
  std::optional<std::mt19937> random_;
};

// The device's side of one queue, one memory access a step. It takes what is offered, gives `to_complete`
// chains back, interrupts and sleeps by the rules of virtio 1.2, §2.7.7, §2.7.10 and §2.7.13.
class stepping_device {
 public:
  stepping_device(std::byte* memory, unsigned size, bool event_index) : size_(size), event_index_(event_index) {
    const auto layout = queue_layout::of(size);
    available_ = memory + layout.available;
    used_ = memory + layout.used;
  }

  unsigned to_complete = 0;  // chains that it has something to do with: frames that arrive, or all (transmit)
  bool interrupt_pending = false;
  bool notified = false;
  bool starved = false;  // sleeps for want of chains until notified

  bool can_step() const {
    if (starved && !notified) return false;
    return state_ != state::idle || to_complete > 0;
  }
  bool asleep_with_work_left() const { return starved && !notified && read16(available_ + 2) != last_available_; }

  void work_through_one() {
    const auto left = to_complete - 1;
    while (to_complete != left || state_ != state::idle) step();
  }

  void step() {
    switch (state_) {
      case state::idle:
        if (starved && notified) starved = notified = false;
        state_ = state::look;
        break;
      case state::look:
        if (read16(available_ + 2) != last_available_) {
          state_ = event_index_ ? state::take : state::refuse_notifications;
        } else {
          state_ = state::ask_for_notification;
        }
        break;
      case state::ask_for_notification:
        if (event_index_) write16(used_ + 4 + 8 * size_, last_available_);
        else write16(used_, 0);
        state_ = state::look_again;
        break;
      case state::look_again:
        if (read16(available_ + 2) == last_available_) {
          starved = true;
          state_ = state::idle;
        } else {
          state_ = event_index_ ? state::take : state::refuse_notifications;
        }
        break;
      case state::refuse_notifications:
        write16(used_, 1);
        state_ = state::take;
        break;
      case state::take:
        head_ = read16(available_ + 4 + 2 * (last_available_++ % size_));
        state_ = state::give_back;
        break;
      case state::give_back: {
        const std::uint32_t entry[2] = {head_, 60};
        std::memcpy(used_ + 4 + 8 * (used_index_ % size_), entry, 8);
        state_ = state::move_index;
        break;
      }
      case state::move_index:
        write16(used_ + 2, ++used_index_);
        --to_complete;
        state_ = state::decide_interrupt;
        break;
      case state::decide_interrupt:
        if (event_index_) {
          const std::uint16_t event = read16(available_ + 4 + 2 * size_);
          const auto before = static_cast<std::uint16_t>(used_index_ - 1);
          if (static_cast<std::uint16_t>(used_index_ - event - 1) < static_cast<std::uint16_t>(used_index_ - before))
            interrupt_pending = true;
        } else if ((read16(available_) & 1) == 0) {
          interrupt_pending = true;
        }
        state_ = state::idle;
        break;
    }
  }

 private:
  enum class state : std::uint8_t {
    idle, look, ask_for_notification, look_again, refuse_notifications, take, give_back, move_index, decide_interrupt
  };
  static std::uint16_t read16(const std::byte* at) {
    std::uint16_t value;
    std::memcpy(&value, at, 2);
    return value;
  }
  static void write16(std::byte* at, std::uint16_t value) { std::memcpy(at, &value, 2); }

  unsigned size_;
  bool event_index_;
  std::byte* available_;
  std::byte* used_;
  state state_ = state::idle;
  std::uint16_t last_available_ = 0;
  std::uint16_t used_index_ = 0;
  std::uint16_t head_ = 0;
};

// The processor that the driver runs on, and the device next to it.
class machine {
 public:
  machine(chooser& choices, stepping_device& device, bool fences_work)
      : choices_(choices), device_(device), fences_work_(fences_work) {}

  // Before each access of the driver: the device makes some steps, the store buffer writes some stores out.
  void interleave() {
    for (;;) {
      const bool device_can = steps_left_ > 0 && device_.can_step();
      const bool buffer_can = !stores_.empty();
      const unsigned options = 1 + (device_can ? 1 : 0) + (buffer_can ? 1 : 0);
      if (options == 1) return;
      const unsigned choice = choices_.choose(options);
      if (choice == 0) return;
      if (device_can && choice == 1) {
        --steps_left_;
        device_.step();
      } else {
        write_out();
      }
    }
  }

  template <class T>
  T load(const T& where) {
    interleave();
    for (auto s = stores_.rbegin(); s != stores_.rend(); ++s)
      if (s->address == &where) return static_cast<T>(s->value);  // a processor sees its own stores
    return where;
  }
  template <class T>
  void store(T& where, T value) {
    interleave();
    stores_.push_back({&where, value, [](void* address, std::uint64_t v) {
                         const T narrow = static_cast<T>(v);
                         std::memcpy(address, &narrow, sizeof narrow);
                       }});
  }
  void fence() {
    interleave();
    if (fences_work_) drain();
  }
  void drain() {
    while (!stores_.empty()) write_out();
  }

  // The driver has gone to sleep: everything else comes to rest.
  void settle() {
    interleave();
    drain();
    for (int i = 0; i < 10'000 && device_.can_step(); ++i) device_.step();
  }
  void limit_device_steps(unsigned steps) { steps_left_ = steps; }

 private:
  struct pending_store {
    void* address;
    std::uint64_t value;
    void (*write)(void*, std::uint64_t);
  };
  void write_out() {
    stores_.front().write(stores_.front().address, stores_.front().value);
    stores_.pop_front();
  }

  chooser& choices_;
  stepping_device& device_;
  bool fences_work_;
  unsigned steps_left_ = ~0u;
  std::deque<pending_store> stores_;
};

struct modelled_memory {
  machine* on = nullptr;
  template <class T>
  T load(const T& where) const {
    return on->load(where);
  }
  template <class T>
  void store(T& where, T value) const {
    on->store(where, value);
  }
  void fence() const { on->fence(); }
};

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

tally all_paths(const scenario& run, const setting& s) {
  tally t;
  chooser choices;
  do {
    t.count(run(choices, s));
  } while (choices.next() && t.runs < 20'000'000);
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
    MESSAGE("interleavings with one arrival: " << t.runs);
    CHECK(t.runs > 100);
    CHECK(t.runs < 20'000'000);  // all of them were tried
    must_hold(t);
    must_hold(random_paths([](chooser& c, const setting& how) { return sleeping_on_arrivals(c, how, 4); }, s, 50'000));
  }
}

TEST_CASE("no notification is lost, in every interleaving of offers with a device falling asleep") {
  for (const bool event_index : {false, true}) {
    const setting s{.event_index = event_index};
    CAPTURE(event_index);
    const auto t = all_paths([](chooser& c, const setting& how) { return notifying_a_sleepy_device(c, how, 2); }, s);
    MESSAGE("interleavings with two offers: " << t.runs);
    CHECK(t.runs > 100);
    CHECK(t.runs < 20'000'000);
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
