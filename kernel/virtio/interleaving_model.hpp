// For tests: a processor and a device that take turns at every memory access.
//
// The driver under test runs over `modelled_memory`. Before each of its accesses the device makes any number
// of steps, one access each, and the driver's stores may stay in a store buffer for as long as the processor
// likes, as on x86 (total store order: a load may overtake older stores, until a fence). What happens at each
// point is a choice; a `chooser` takes all of them, path after path, or seeded random ones.
#pragma once
#include <cstdint>
#include <cstring>
#include <deque>
#include <optional>
#include <random>
#include <vector>

#include "kernel/virtio/queue.hpp"

namespace aster::kernel::virtio::testing {

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

}  // namespace aster::kernel::virtio::testing
