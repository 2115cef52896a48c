// The sending half of a network device: a queue whose descriptor i always names buffer i.
//
// A frame is copied, header first, into as many buffers as it needs, which become one chain; the copy is
// what lets the caller's pieces end with the call. Buffers come back lazily: they are looked for when the
// next batch begins or when none are left, never on an interrupt, as long as there is room.
//
// A frame that finds no room is remembered by its size. From then on `arm` asks for an interrupt, and says
// that there is room only when that frame fits: nobody is woken to be refused again.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "abi/net_device.hpp"
#include "kernel/virtio/queue.hpp"

namespace aster::kernel::virtio {

template <class Shared>
class basic_transmit_ring {
 public:
  static constexpr std::size_t header_size = sizeof(abi::net_header);
  using pieces = std::span<const std::span<const std::byte>>;

  enum class outcome : std::uint8_t { taken, full, impossible };

  /// Uses `count` buffers (at most the queue's size) of `buffer_size` bytes each, which follow one another at
  /// `buffers` and, for the device, at `physical`. The queue is attached.
  void attach(std::byte* buffers, std::uint64_t physical, unsigned count, std::uint32_t buffer_size) noexcept {
    buffers_ = buffers;
    count_ = count;
    buffer_size_ = buffer_size;
    free_count_ = 0;
    for (unsigned i = count; i-- > 0;) {
      queue_.describe(static_cast<std::uint16_t>(i), physical + std::uint64_t{i} * buffer_size, 0,
                      descriptor_flag::none);
      free_[free_count_++] = static_cast<std::uint16_t>(i);
    }
    queue_.disarm();
  }

  basic_queue<Shared>& queue() noexcept { return queue_; }
  const basic_queue<Shared>& queue() const noexcept { return queue_; }

  /// Copies a frame into the ring; `publish` shows it to the device. `full`: nothing was taken, and room will
  /// be announced. `impossible`: it is larger than all buffers together.
  [[nodiscard]] outcome transmit(const abi::net_header& header, pieces frame) noexcept {
    std::size_t bytes = header_size;
    for (const auto& piece : frame) bytes += piece.size();
    const std::size_t wanted = (bytes + buffer_size_ - 1) / buffer_size_;
    if (wanted > count_) return outcome::impossible;
    if (fresh_batch_ || free_count_ < wanted) reclaim();
    if (free_count_ < wanted) {
      wanted_ = static_cast<unsigned>(wanted);
      return outcome::full;
    }
    wanted_ = 0;
    fresh_batch_ = false;
    copy(header, frame);
    return outcome::taken;
  }

  /// Shows the device the frames taken since the last call; whether it must be notified.
  [[nodiscard]] bool publish() noexcept {
    fresh_batch_ = true;
    return queue_.publish();
  }

  /// Whether somebody waits for room and there may be some.
  bool has_news() const noexcept { return wanted_ != 0 && queue_.has_used(); }

  /// Asks for an interrupt when there is room again, if somebody waits for it. True: there is room already.
  [[nodiscard]] bool arm() noexcept {
    if (wanted_ == 0) return false;
    reclaim();
    if (free_count_ >= wanted_) return true;
    // Half of what is under way: a few frames fit then, and the device is not yet idle.
    if (!queue_.arm(static_cast<std::uint16_t>(queue_.in_flight() / 2))) return false;
    reclaim();
    return free_count_ >= wanted_ || queue_.arm();
  }

  /// Whoever waits has been woken: asks for no more interrupts, and forgets a frame that fits by now.
  void disarm() noexcept {
    if (wanted_ == 0) return;
    reclaim();
    if (free_count_ >= wanted_) wanted_ = 0;
    queue_.disarm();
  }

 private:
  void reclaim() noexcept {
    while (const auto done = queue_.take()) {
      for (std::uint16_t i = done->head;; i = next_[i]) {
        free_[free_count_++] = i;
        if (next_[i] == end_of_chain) break;
      }
    }
  }

  void copy(const abi::net_header& header, pieces frame) noexcept {
    const std::uint16_t head = free_[--free_count_];
    std::uint16_t current = head;
    std::byte* at = buffers_ + std::size_t{current} * buffer_size_;
    std::size_t room = buffer_size_;
    std::memcpy(at, &header, header_size);
    at += header_size;
    room -= header_size;
    for (const auto& whole : frame) {
      auto piece = whole;
      while (!piece.empty()) {
        if (room == 0) {
          const std::uint16_t following = free_[--free_count_];
          queue_.redescribe(current, buffer_size_, descriptor_flag::next, following);
          next_[current] = following;
          current = following;
          at = buffers_ + std::size_t{current} * buffer_size_;
          room = buffer_size_;
        }
        const std::size_t n = piece.size() < room ? piece.size() : room;
        std::memcpy(at, piece.data(), n);
        at += n;
        room -= n;
        piece = piece.subspan(n);
      }
    }
    queue_.redescribe(current, static_cast<std::uint32_t>(buffer_size_ - room), descriptor_flag::none, 0);
    next_[current] = end_of_chain;
    queue_.offer(head);
  }

  static constexpr std::uint16_t end_of_chain = 0xffff;

  basic_queue<Shared> queue_;
  std::byte* buffers_ = nullptr;
  unsigned count_ = 0;
  std::uint32_t buffer_size_ = 0;
  unsigned free_count_ = 0;
  unsigned wanted_ = 0;  // buffers that the frame refused last needs; 0: nobody waits
  bool fresh_batch_ = true;
  std::array<std::uint16_t, basic_queue<Shared>::largest_size> free_{};  // a stack: warm buffers first
  std::array<std::uint16_t, basic_queue<Shared>::largest_size> next_{};  // chains, where the device cannot write
};

using transmit_ring = basic_transmit_ring<direct_memory>;

}  // namespace aster::kernel::virtio
