// Page frames: which memory the machine has and who uses it.
//
// Fresh frames are handed out from the lowest address up; frames that come back wait in a list that is kept
// inside them.
#pragma once
#include <cstddef>
#include <cstdint>

namespace aster::kernel {

class physical_memory {
 public:
  /// Adds RAM. At most 8 pieces; page aligned inwards.
  void add(std::uint64_t begin, std::uint64_t end) noexcept;

  /// A zeroed frame's physical address; 0 when there is none left.
  std::uint64_t allocate() noexcept;
  /// `count` frames in a row; 0 when no piece of fresh memory is long enough. What is in them is whatever the machine
  /// started with: clearing megabytes of a device's buffers would cost half of a boot.
  std::uint64_t allocate_contiguous(std::uint64_t count) noexcept;
  void release(std::uint64_t frame) noexcept;

  std::uint64_t free_frames() const noexcept { return free_; }

  /// What must be added to a physical address to reach it: 0 until the final page tables are in force.
  std::uint64_t offset = 0;

  struct piece {
    std::uint64_t begin, next, end;  // [next, end) is fresh
  };
  static constexpr std::size_t piece_limit = 8;
  piece pieces[piece_limit]{};
  std::size_t piece_count = 0;

 private:
  std::uint64_t released_ = 0;  // head of the list of returned frames
  std::uint64_t free_ = 0;
};

physical_memory& frames() noexcept;

}  // namespace aster::kernel
