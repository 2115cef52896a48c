#include "kernel/memory/address_space.hpp"

#include <errno.h>
#include <sys/mman.h>

#include "kernel/target.hpp"

namespace aster::kernel {
namespace {

constexpr std::uint64_t round_up(std::uint64_t size) { return (size + page_size - 1) & ~(page_size - 1); }
constexpr std::uint64_t pages(std::uint64_t bytes) { return bytes / page_size; }

/// How many pages of `r` lie in [begin, end), which it touches.
std::uint64_t overlap(const range& r, std::uint64_t begin, std::uint64_t end) noexcept {
  return pages((r.end < end ? r.end : end) - (r.begin > begin ? r.begin : begin));
}

// Linux 6.13's advice that makes a guard without splitting a mapping; younger than the libc headers.
constexpr int guard_install = 102, guard_remove = 103;

}  // namespace

address_space& memory() noexcept {
  static constinit address_space one;
  return one;
}

void address_space::start(std::uint64_t begin, std::uint64_t end, std::uint64_t budget_pages, std::uint64_t heap,
                          std::uint64_t heap_limit) noexcept {
  begin_ = begin;
  end_ = end;
  budget_ = budget_pages;
  heap_ = break_ = heap;
  heap_limit_ = heap_limit;
  // The heap's addresses are taken from the start, so that no mapping ever stops it from growing.
  insert(lower(heap), {heap, heap + heap_limit, PROT_NONE, false, false, false});
  next_ = heap + heap_limit;
}

void address_space::add_image(std::uint64_t begin, std::uint64_t end, int protection) noexcept {
  insert(lower(begin), {begin, end, static_cast<std::int16_t>(protection), false, true, false});
}

std::size_t address_space::lower(std::uint64_t address) const noexcept {
  std::size_t low = 0, high = count_;
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (ranges_[middle].end <= address) low = middle + 1;
    else high = middle;
  }
  return low;
}

const range* address_space::find(std::uint64_t address) const noexcept {
  const std::size_t i = lower(address);
  return i < count_ && ranges_[i].begin <= address ? &ranges_[i] : nullptr;
}

bool address_space::can_commit(std::uint64_t more) const noexcept {
  return more <= budget_ && committed_ <= budget_ - more;
}

bool address_space::room_for(std::size_t more) noexcept {
  // Growing maps memory, which takes a place itself: so it starts while eight are left.
  if (count_ + more + 8 <= capacity_) return true;
  if (growing_) return count_ + more <= capacity_;
  growing_ = true;
  const std::size_t wanted = capacity_ * 2;
  const long address = map(0, wanted * sizeof(range), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
  growing_ = false;
  if (address < 0) return count_ + more <= capacity_;
  auto* const larger = reinterpret_cast<range*>(address);
  // Every page is touched now: a page fault later would search this array in the middle of a change to it.
  for (std::uint64_t at = 0; at < wanted * sizeof(range); at += page_size)
    *reinterpret_cast<volatile char*>(address + static_cast<long>(at)) = 0;
  for (std::size_t i = 0; i < count_; ++i) larger[i] = ranges_[i];
  range* const old = ranges_;
  const std::size_t old_size = capacity_ * sizeof(range);
  ranges_ = larger;
  capacity_ = wanted;
  if (old != first_) unmap(reinterpret_cast<std::uint64_t>(old), round_up(old_size));
  return true;
}

void address_space::insert(std::size_t at, const range& r) noexcept {
  if (!ranges_) {
    ranges_ = first_;
    capacity_ = first_capacity;
  }
  for (std::size_t i = count_; i > at; --i) ranges_[i] = ranges_[i - 1];
  ranges_[at] = r;
  ++count_;
}

void address_space::split(std::uint64_t address) noexcept {
  const std::size_t i = lower(address);
  if (i == count_ || ranges_[i].begin >= address) return;
  range tail = ranges_[i];
  tail.begin = address;
  ranges_[i].end = address;
  insert(i + 1, tail);
}

bool address_space::cuts(std::uint64_t address) const noexcept {
  const std::size_t i = lower(address);
  return i < count_ && ranges_[i].begin < address;
}

void address_space::merge_around(std::uint64_t begin, std::uint64_t end) noexcept {
  std::size_t i = lower(begin);
  if (i > 0) --i;
  while (i + 1 < count_ && ranges_[i].begin <= end) {
    if (ranges_[i].joins(ranges_[i + 1])) {
      ranges_[i].end = ranges_[i + 1].end;
      for (std::size_t k = i + 1; k + 1 < count_; ++k) ranges_[k] = ranges_[k + 1];
      --count_;
    } else {
      ++i;
    }
  }
}

std::uint64_t address_space::find_gap(std::uint64_t size, std::uint64_t from) const noexcept {
  std::uint64_t at = from;
  for (std::size_t i = lower(from); i < count_; ++i) {
    if (ranges_[i].begin >= at && ranges_[i].begin - at >= size) break;
    if (ranges_[i].end > at) at = ranges_[i].end;
  }
  return at <= end_ && end_ - at >= size ? at : 0;
}

bool address_space::covered(std::uint64_t begin, std::uint64_t end) const noexcept {
  for (std::size_t i = lower(begin); begin < end; ++i) {
    if (i == count_ || ranges_[i].begin > begin) return false;
    begin = ranges_[i].end;
  }
  return true;
}

void address_space::erase(std::uint64_t begin, std::uint64_t end) noexcept {
  std::size_t first = lower(begin);
  if (first < count_ && ranges_[first].begin < begin) {
    if (ranges_[first].end > end) split(end);  // a hole: the only case that takes another place
    range& r = ranges_[first];
    if (r.counts) committed_ -= pages(r.end - begin);
    r.end = begin;
    ++first;
  }
  std::size_t last = first;
  while (last < count_ && ranges_[last].end <= end) {
    if (ranges_[last].counts) committed_ -= pages(ranges_[last].end - ranges_[last].begin);
    ++last;
  }
  if (last < count_ && ranges_[last].begin < end) {
    if (ranges_[last].counts) committed_ -= pages(end - ranges_[last].begin);
    ranges_[last].begin = end;
  }
  if (last == first) return;
  for (std::size_t i = last; i < count_; ++i) ranges_[first + i - last] = ranges_[i];
  count_ -= last - first;
}

/// What has been writable and holds no pages any more counts no longer. The caller has just protected it: there is a
/// place for each of the cuts.
void address_space::uncount(std::uint64_t begin, std::uint64_t end) noexcept {
  split(begin);
  split(end);
  for (std::size_t i = lower(begin); i < count_ && ranges_[i].begin < end; ++i) {
    if (ranges_[i].counts) committed_ -= pages(ranges_[i].end - ranges_[i].begin);
    ranges_[i].counts = false;
  }
  merge_around(begin, end);
}

long address_space::map(std::uint64_t hint, std::uint64_t size, int protection, int flags) noexcept {
  if (size == 0 || size > end_ - begin_) return size == 0 ? -EINVAL : -ENOMEM;
  if (!(flags & MAP_ANONYMOUS)) return -ENODEV;  // there are no files
  if (protection & PROT_EXEC) return -EPERM;     // code comes with the image or not at all
  size = round_up(size);
  const bool unreserved = (flags & (MAP_NORESERVE | MAP_STACK)) != 0;
  const bool placed = (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) != 0;
  if (placed && (hint % page_size != 0 || hint < begin_ || hint > end_ - size)) return -EINVAL;
  if (!room_for(3)) return -ENOMEM;  // before the budget is asked: to grow may use some of it
  std::uint64_t freed = 0;           // by what the mapping takes the place of
  bool taken = false;
  for (std::size_t i = lower(hint); placed && i < count_ && ranges_[i].begin < hint + size; ++i) {
    const range& r = ranges_[i];
    if (flags & MAP_FIXED_NOREPLACE) return -EEXIST;
    if (r.fixed) return -EINVAL;
    if (r.counts) freed += overlap(r, hint, hint + size);
    taken = true;
  }
  const std::uint64_t wanted = (protection & PROT_WRITE) && !unreserved ? pages(size) : 0;
  if (wanted > freed && !can_commit(wanted - freed)) return -ENOMEM;
  std::uint64_t at = hint;
  if (taken) {
    if (const long failed = unmap(hint, size); failed < 0) return failed;
  } else if (!placed) {
    // Next-fit: addresses are plenty, so a freed one rests before it is used again.
    if (!(at = find_gap(size, next_)) && !(at = find_gap(size, heap_ + heap_limit_))) return -ENOMEM;
    next_ = at + size;
  }
  if (protection != PROT_NONE) {
    if (const long failed = target.protect(at, at + size, protection); failed < 0) return failed;
  }
  insert(lower(at), {at, at + size, static_cast<std::int16_t>(protection), unreserved, false, wanted != 0});
  committed_ += wanted;
  merge_around(at, at + size);
  return static_cast<long>(at);
}

long address_space::unmap(std::uint64_t begin, std::uint64_t size) noexcept {
  size = round_up(size);
  if (begin % page_size != 0 || size == 0 || begin < begin_ || size > end_ - begin_ || begin > end_ - size) return -EINVAL;
  const std::size_t first = lower(begin);
  const bool hole = first < count_ && ranges_[first].begin < begin && ranges_[first].end > begin + size;
  if (hole && !room_for(1)) return -ENOMEM;  // Linux's answer too, past the last mapping it allows
  for (std::size_t i = lower(begin); i < count_ && ranges_[i].begin < begin + size; ++i) {
    if (ranges_[i].fixed) return -EINVAL;
  }
  target.discard(begin, begin + size);
  target.protect(begin, begin + size, PROT_NONE);
  erase(begin, begin + size);
  return 0;
}

long address_space::protect(std::uint64_t begin, std::uint64_t size, int protection) noexcept {
  if (begin % page_size != 0) return -EINVAL;
  if (size == 0) return 0;
  const std::uint64_t end = begin + round_up(size);
  if (end <= begin || !covered(begin, end)) return -ENOMEM;
  if (const std::size_t more = cuts(begin) + cuts(end); more > 0 && !room_for(more)) return -ENOMEM;
  if (protection & PROT_EXEC) return -EACCES;
  const auto begins_to_count = [protection](const range& r) noexcept {
    return (protection & PROT_WRITE) && !r.counts && !r.unreserved && !r.fixed;
  };
  std::uint64_t more = 0;
  for (std::size_t i = lower(begin); i < count_ && ranges_[i].begin < end; ++i) {
    if (begins_to_count(ranges_[i])) more += overlap(ranges_[i], begin, end);
  }
  if (!can_commit(more)) return -ENOMEM;
  if (const long failed = target.protect(begin, end, protection); failed < 0) return failed;
  committed_ += more;
  split(begin);
  split(end);
  for (std::size_t i = lower(begin); i < count_ && ranges_[i].begin < end; ++i) {
    if (begins_to_count(ranges_[i])) ranges_[i].counts = true;
    ranges_[i].protection = static_cast<std::int16_t>(protection);
  }
  merge_around(begin, end);
  return 0;
}

long address_space::remap(std::uint64_t begin, std::uint64_t old_size, std::uint64_t new_size, int flags) noexcept {
  if (flags & ~MREMAP_MAYMOVE) return -EINVAL;  // to an address of the caller's choice: nobody asks for it
  old_size = round_up(old_size);
  new_size = round_up(new_size);
  if (begin % page_size != 0 || old_size == 0 || new_size == 0) return -EINVAL;
  const range* const old = find(begin);
  if (!old || old->fixed || old->end - begin < old_size) return -EFAULT;
  if (new_size == old_size) return static_cast<long>(begin);
  if (new_size < old_size) {
    const long result = unmap(begin + new_size, old_size - new_size);
    return result < 0 ? result : static_cast<long>(begin);
  }
  const int protection = old->protection;
  const int kind = MAP_PRIVATE | MAP_ANONYMOUS | (old->unreserved ? MAP_NORESERVE : 0);
  // In place where the next addresses are free; else by copying, which our callers (realloc) would do too.
  const long grown = map(begin + old_size, new_size - old_size, protection, kind | MAP_FIXED_NOREPLACE);
  if (grown >= 0) return static_cast<long>(begin);
  if (!(flags & MREMAP_MAYMOVE) || grown == -ENOMEM) return -ENOMEM;
  const long moved = map(0, new_size, PROT_READ | PROT_WRITE, kind);
  if (moved < 0) return moved;
  // The copy is ours, whatever the program may do with the memory itself.
  if (!(protection & PROT_READ)) protect(begin, old_size, PROT_READ);
  __builtin_memcpy(reinterpret_cast<void*>(moved), reinterpret_cast<const void*>(begin), old_size);
  unmap(begin, old_size);
  if (protection != (PROT_READ | PROT_WRITE)) protect(static_cast<std::uint64_t>(moved), new_size, protection);
  return moved;
}

long address_space::advise(std::uint64_t begin, std::uint64_t size, int advice) noexcept {
  const std::uint64_t end = begin + round_up(size);
  if (begin % page_size != 0 || end < begin || (size != 0 && end == begin)) return -EINVAL;
  switch (advice) {
    case MADV_DONTNEED:
    case MADV_FREE:
    case guard_install:
    case guard_remove:
      for (std::size_t i = lower(begin); i < count_ && ranges_[i].begin < end; ++i) {
        if (ranges_[i].fixed) return -EINVAL;  // there is no file to read the image from again
      }
      if (!covered(begin, end)) return -ENOMEM;
      if (advice == guard_install || advice == guard_remove) return target.guard(begin, end, advice == guard_install);
      target.discard(begin, end);
      return 0;
    case MADV_NORMAL:
    case MADV_RANDOM:
    case MADV_SEQUENTIAL:
    case MADV_WILLNEED:
    case MADV_HUGEPAGE:
    case MADV_NOHUGEPAGE:
    case MADV_DONTDUMP:
    case MADV_DODUMP:
      return covered(begin, end) ? 0 : -ENOMEM;
    default:
      return -EINVAL;
  }
}

std::uint64_t address_space::set_break(std::uint64_t wanted) noexcept {
  if (wanted < heap_ || wanted > heap_ + heap_limit_) return break_;
  const std::uint64_t now = round_up(break_), then = round_up(wanted);
  if (then > now) {
    if (protect(now, then - now, PROT_READ | PROT_WRITE) < 0) return break_;
  } else if (then < now) {
    target.discard(then, now);
    if (protect(then, now - then, PROT_NONE) < 0) return break_;
    uncount(then, now);
  }
  return break_ = wanted;
}

}  // namespace aster::kernel
