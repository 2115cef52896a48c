#include "aster/http/input.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "aster/task/clock.hpp"

namespace aster::http {
namespace {

constexpr std::size_t first_capacity = 1024;  // most requests fit
constexpr std::size_t idle_capacity = 256;    // for the next request of a client that has been silent
constexpr std::size_t least_room = 128;       // shorter reads are not worth their call

}  // namespace

arrival input::read_past(std::span<std::byte> out, std::size_t& size, limits::duration patience) {
  if (!output_.flush()) return arrival::lost;
  const bool is_patient = patience == limits::duration::zero();
  const auto got = stream_.read_until(out, is_patient ? task::never : task::after(task::now(), patience));
  if (!got) return arrival::timed_out;
  if (!*got) return arrival::lost;
  size = **got;
  return size == 0 ? arrival::end : arrival::data;
}

arrival input::fill(limits::duration patience) {
  make_room();
  std::size_t size = 0;
  const arrival result =
      read_past(std::as_writable_bytes(std::span{block_.get() + end_, capacity_ - end_}), size, patience);
  end_ += static_cast<std::uint32_t>(size);
  return result;
}

void input::make_room() {
  const std::size_t held = end_ - begin_;
  if (!pinned_ && begin_ > 0 && (held == 0 || capacity_ - end_ < least_room)) {
    if (held > 0) std::memmove(block_.get(), block_.get() + begin_, held);
    begin_ = 0;
    end_ = static_cast<std::uint32_t>(held);
  }
  if (capacity_ - end_ < least_room) move_to(std::max<std::size_t>(first_capacity, 2 * (held + least_room)));
}

void input::move_to(std::size_t capacity) {
  const std::size_t held = end_ - begin_;
  auto block = std::make_unique_for_overwrite<char[]>(capacity);
  if (held > 0) std::memcpy(block.get(), block_.get() + begin_, held);
  std::swap(block, block_);
  // The first block that is left while pinned holds the head; those between hold nothing that is looked at.
  if (pinned_ && !pinned_block_) pinned_block_ = std::move(block);
  capacity_ = static_cast<std::uint32_t>(capacity);
  begin_ = 0;
  end_ = static_cast<std::uint32_t>(held);
}

void input::release_memory() {
  if (begin_ == end_ && capacity_ != idle_capacity) move_to(idle_capacity);
}

}  // namespace aster::http
