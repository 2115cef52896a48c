#include "kernel/qemu/physical_memory.hpp"

#include "kernel/memory/address_space.hpp"

namespace aster::kernel {
namespace {

void clear(std::uint64_t address, std::uint64_t bytes) noexcept {
  std::uint64_t words = bytes / 8;
  asm volatile("rep stosq" : "+D"(address), "+c"(words) : "a"(0) : "memory");
}

}  // namespace

physical_memory& frames() noexcept {
  static constinit physical_memory one;
  return one;
}

void physical_memory::add(std::uint64_t begin, std::uint64_t end) noexcept {
  begin = (begin + page_size - 1) & ~(page_size - 1);
  end &= ~(page_size - 1);
  if (begin >= end || piece_count == piece_limit) return;
  pieces[piece_count++] = {begin, begin, end};
  free_ += (end - begin) / page_size;
}

std::uint64_t physical_memory::allocate() noexcept {
  std::uint64_t frame = released_;
  if (frame) {
    released_ = *reinterpret_cast<std::uint64_t*>(frame + offset);
    --free_;
  } else {
    frame = allocate_contiguous(1);
  }
  if (frame) clear(frame + offset, page_size);
  return frame;
}

std::uint64_t physical_memory::allocate_contiguous(std::uint64_t count) noexcept {
  for (std::size_t i = 0; i < piece_count; ++i) {
    piece& p = pieces[i];
    if ((p.end - p.next) / page_size < count) continue;
    const std::uint64_t frame = p.next;
    p.next += count * page_size;
    free_ -= count;
    return frame;
  }
  return 0;
}

void physical_memory::release(std::uint64_t frame) noexcept {
  *reinterpret_cast<std::uint64_t*>(frame + offset) = released_;
  released_ = frame;
  ++free_;
}

}  // namespace aster::kernel
