// A split virtqueue (virtio 1.2, §2.7): the driver offers chains of buffers, the device gives them back used.
//
//   queue q;
//   q.attach(memory, 128, event_index);
//   q.describe(5, physical, length, descriptor_flag::device_writes);
//   q.offer(5);
//   if (q.publish()) notify_the_device();
//   while (auto done = q.take()) use(done->head, done->length);
//   if (!q.arm()) sleep_until_interrupt();
//
// The device is not trusted. Everything that the driver must remember (what is in flight, how far it read)
// lies in private memory; what the device writes is read once and checked: an index that cannot be makes the
// queue `failed`, after which it yields nothing, and nothing else happens.
//
// The three rings share one piece of memory:
//
//   descriptors  16 bytes each: address, length, flags, next
//   available    flags, index, one entry per descriptor, used_event   (written by the driver)
//   used         flags, index, one entry per descriptor, avail_event  (written by the device)
//
// All indices run freely modulo 2^16; the queue's size is a power of two, so they never need a reset.
#pragma once
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "kernel/virtio/shared_memory.hpp"

namespace aster::kernel::virtio {

static_assert(std::endian::native == std::endian::little, "virtio rings are little endian");

namespace descriptor_flag {
inline constexpr std::uint16_t none = 0;
inline constexpr std::uint16_t next = 1;           // the chain goes on at `next`
inline constexpr std::uint16_t device_writes = 2;  // the device writes this buffer, else it reads it
}  // namespace descriptor_flag

/// Where the parts of a queue of `size` descriptors lie in its memory.
struct queue_layout {
  std::size_t available = 0;
  std::size_t used = 0;
  std::size_t bytes = 0;

  static constexpr queue_layout of(unsigned size) noexcept {
    queue_layout l;
    l.available = std::size_t{16} * size;                            // alignment 16
    l.used = (l.available + 6 + std::size_t{2} * size + 63) & ~std::size_t{63};  // 4; not on the driver's cache line
    l.bytes = l.used + 6 + std::size_t{8} * size;
    return l;
  }
};

template <class Shared>
class basic_queue {
 public:
  static constexpr unsigned largest_size = 256;

  /// A chain that the device has finished with.
  struct completion {
    std::uint16_t head;    // as it was offered
    std::uint32_t length;  // bytes that the device says it wrote: not checked
  };

  /// Begins with `memory`, which is zeroed, aligned to 16 bytes, holds `queue_layout::of(size).bytes` and lives
  /// as long as the device does. `size` is a power of two up to `largest_size`. `event_index`: whether
  /// VIRTIO_F_EVENT_IDX has been negotiated.
  void attach(std::byte* memory, unsigned size, bool event_index, Shared shared = {}) noexcept {
    const auto layout = queue_layout::of(size);
    *this = basic_queue{};
    shared_ = shared;
    descriptors_ = reinterpret_cast<descriptor*>(memory);
    available_ = reinterpret_cast<std::uint16_t*>(memory + layout.available);
    used_ = memory + layout.used;
    size_ = size;
    event_index_ = event_index;
  }

  unsigned size() const noexcept { return size_; }

  /// True once the device has said something that cannot be.
  bool failed() const noexcept { return failed_; }

  /// Chains offered and not yet taken back.
  unsigned in_flight() const noexcept { return in_flight_count_; }
  bool in_flight(std::uint16_t head) const noexcept { return in_flight_[head]; }

  /// Fills descriptor `index`, which is not in flight.
  void describe(std::uint16_t index, std::uint64_t address, std::uint32_t length, std::uint16_t flags,
                std::uint16_t next = 0) noexcept {
    shared_.store(descriptors_[index].address, address);
    redescribe(index, length, flags, next);
  }

  /// The same, its address staying as it was.
  void redescribe(std::uint16_t index, std::uint32_t length, std::uint16_t flags, std::uint16_t next) noexcept {
    shared_.store(descriptors_[index].rest,
                  std::uint64_t{length} | std::uint64_t{flags} << 32 | std::uint64_t{next} << 48);
  }

  /// Offers the chain that begins at `head`, which is not in flight. The device sees it from `publish` on.
  void offer(std::uint16_t head) noexcept {
    shared_.store(available_entry(offered_), head);
    ++offered_;
    in_flight_[head] = true;
    ++in_flight_count_;
  }

  /// Makes all that was offered visible. True: the device sleeps and must be notified (it has not been told to
  /// look, and will not look by itself).
  [[nodiscard]] bool publish() noexcept {
    if (offered_ == published_) return false;
    const std::uint16_t before = published_;
    published_ = offered_;
    shared_.store(available_index(), published_);
    shared_.fence();  // the device: "notify me from here on", fence, looks at the index. One of us sees the other.
    if (event_index_) return passes(shared_.load(available_event()), before, published_);
    return (shared_.load(used_flags()) & do_not_notify) == 0;
  }

  /// The next chain that the device has finished with, in the device's order.
  std::optional<completion> take() noexcept {
    if (last_used_ == seen_used_) {
      if (failed_) return std::nullopt;
      const std::uint16_t now = shared_.load(used_index());
      if (now == last_used_) return std::nullopt;
      if (static_cast<std::uint16_t>(now - last_used_) > in_flight_count_) return fail();
      seen_used_ = now;
    }
    const std::uint32_t head = shared_.load(used_entry(last_used_)[0]);
    const std::uint32_t length = shared_.load(used_entry(last_used_)[1]);
    if (head >= size_ || !in_flight_[head]) return fail();
    in_flight_[head] = false;
    --in_flight_count_;
    ++last_used_;
    return completion{static_cast<std::uint16_t>(head), length};
  }

  /// Whether `take` has something to look at.
  bool has_used() const noexcept { return !failed_ && shared_.load(used_index()) != last_used_; }

  /// Asks for an interrupt as soon as more than `beyond` chains are waiting to be taken. True: that is so
  /// already and no interrupt may come; the caller must not sleep. Without event index the device interrupts
  /// for each chain, whatever `beyond` says.
  [[nodiscard]] bool arm(std::uint16_t beyond = 0) noexcept {
    if (failed_) return false;
    if (event_index_) shared_.store(used_event(), static_cast<std::uint16_t>(last_used_ + beyond));
    else shared_.store(available_flags(), std::uint16_t{0});
    shared_.fence();  // the device: moves its index, fence, reads what we asked for. One of us sees the other.
    return static_cast<std::uint16_t>(shared_.load(used_index()) - last_used_) > beyond;
  }

  /// Asks for no interrupts. A hint: one may still come.
  void disarm() noexcept {
    // With event index there is no "never": an event that has just been passed is 2^16 chains away.
    if (event_index_) shared_.store(used_event(), static_cast<std::uint16_t>(last_used_ - 1));
    else shared_.store(available_flags(), do_not_interrupt);
  }

 private:
  struct descriptor {
    std::uint64_t address;
    std::uint64_t rest;  // length (32 bits), flags (16), next (16)
  };
  static_assert(sizeof(descriptor) == 16);

  static constexpr std::uint16_t do_not_interrupt = 1;  // available flags
  static constexpr std::uint16_t do_not_notify = 1;     // used flags

  /// Whether an index that moved from `before` to `after` went past `event` (virtio 1.2, §2.7.7.2).
  static constexpr bool passes(std::uint16_t event, std::uint16_t before, std::uint16_t after) noexcept {
    return static_cast<std::uint16_t>(after - event - 1) < static_cast<std::uint16_t>(after - before);
  }

  std::nullopt_t fail() noexcept {
    failed_ = true;
    seen_used_ = last_used_;
    return std::nullopt;
  }

  std::uint16_t& available_flags() const noexcept { return available_[0]; }
  std::uint16_t& available_index() const noexcept { return available_[1]; }
  std::uint16_t& available_entry(std::uint16_t i) const noexcept { return available_[2 + (i & (size_ - 1))]; }
  std::uint16_t& used_event() const noexcept { return available_[2 + size_]; }
  std::uint16_t& used_flags() const noexcept { return reinterpret_cast<std::uint16_t*>(used_)[0]; }
  std::uint16_t& used_index() const noexcept { return reinterpret_cast<std::uint16_t*>(used_)[1]; }
  std::uint32_t* used_entry(std::uint16_t i) const noexcept {
    return reinterpret_cast<std::uint32_t*>(used_ + 4 + std::size_t{8} * (i & (size_ - 1)));
  }
  std::uint16_t& available_event() const noexcept {
    return *reinterpret_cast<std::uint16_t*>(used_ + 4 + std::size_t{8} * size_);
  }

  [[no_unique_address]] Shared shared_;
  descriptor* descriptors_ = nullptr;
  std::uint16_t* available_ = nullptr;
  std::byte* used_ = nullptr;
  unsigned size_ = 0;
  bool event_index_ = false;
  bool failed_ = false;
  std::uint16_t offered_ = 0;    // entries written
  std::uint16_t published_ = 0;  // entries that the device may see
  std::uint16_t last_used_ = 0;  // used entries taken
  std::uint16_t seen_used_ = 0;  // used entries known to be there
  unsigned in_flight_count_ = 0;
  std::array<bool, largest_size> in_flight_{};
};

using queue = basic_queue<direct_memory>;

}  // namespace aster::kernel::virtio
