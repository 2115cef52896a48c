// Which addresses the program may use, and how: what mmap, munmap, mprotect, mremap, madvise and brk mean.
//
// One sorted array of ranges, each with its protection, serves the page-fault handler of a virtual machine
// and the mmap calls of the sandbox alike. Memory is never promised twice: the writable pages of all ranges
// together may not exceed the budget (mmap answers ENOMEM, and malloc throws std::bad_alloc, instead of
// a death later), except for ranges that say MAP_NORESERVE or MAP_STACK, which count when they are touched.
// As on Linux, what has been writable counts until it is unmapped: mprotect takes the access away, not the pages.
// The array grows by mapping a larger one for itself.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

namespace aster::kernel {

inline constexpr std::uint64_t page_size = 4096;

struct range {
  std::uint64_t begin, end;  // page aligned; end exclusive
  std::int16_t protection;   // PROT_*; PROT_EXEC only for the image's own code
  bool unreserved;           // not counted against the budget
  bool fixed;                // the image itself: can be protected but not unmapped
  bool counts;               // against the budget: it is or has been writable, and keeps the pages it may have got

  bool joins(const range& next) const noexcept {
    return end == next.begin && protection == next.protection && unreserved == next.unreserved &&
           fixed == next.fixed && counts == next.counts;
  }
};

class address_space {
 public:
  /// Addresses that mappings may use: [begin, end), page aligned. `budget_pages` may be mapped writable.
  /// The program break starts at `heap` (inside the window) and may grow to `heap + heap_limit`.
  void start(std::uint64_t begin, std::uint64_t end, std::uint64_t budget_pages, std::uint64_t heap,
             std::uint64_t heap_limit) noexcept;

  /// Registers a piece of the image, before or after `start`.
  void add_image(std::uint64_t begin, std::uint64_t end, int protection) noexcept;

  // The system calls. Each answers as Linux does: a value, or a negated errno.
  long map(std::uint64_t hint, std::uint64_t size, int protection, int flags) noexcept;
  long unmap(std::uint64_t begin, std::uint64_t size) noexcept;
  long protect(std::uint64_t begin, std::uint64_t size, int protection) noexcept;
  long remap(std::uint64_t begin, std::uint64_t old_size, std::uint64_t new_size, int flags) noexcept;
  long advise(std::uint64_t begin, std::uint64_t size, int advice) noexcept;
  std::uint64_t set_break(std::uint64_t wanted) noexcept;

  /// The range that holds `address`, or null.
  const range* find(std::uint64_t address) const noexcept;

  std::uint64_t committed_pages() const noexcept { return committed_; }
  std::uint64_t budget_pages() const noexcept { return budget_; }
  std::span<const range> ranges() const noexcept { return {ranges_, count_}; }

 private:
  bool can_commit(std::uint64_t pages) const noexcept;
  std::size_t lower(std::uint64_t address) const noexcept;  // first range that ends after `address`
  bool room_for(std::size_t more) noexcept;
  void insert(std::size_t at, const range& r) noexcept;
  void split(std::uint64_t address) noexcept;
  bool cuts(std::uint64_t address) const noexcept;  // whether a split there would make one range two
  void uncount(std::uint64_t begin, std::uint64_t end) noexcept;
  void merge_around(std::uint64_t begin, std::uint64_t end) noexcept;
  std::uint64_t find_gap(std::uint64_t size, std::uint64_t from) const noexcept;
  void erase(std::uint64_t begin, std::uint64_t end) noexcept;
  bool covered(std::uint64_t begin, std::uint64_t end) const noexcept;

  static constexpr std::size_t first_capacity = 256;
  range first_[first_capacity]{};
  // first_ of first_capacity, but a pointer in static data would need a relocation, and whatever is not zero would
  // put the whole object into the image's file: both are set by insert.
  range* ranges_ = nullptr;
  std::size_t count_ = 0, capacity_ = 0;
  bool growing_ = false;
  std::uint64_t begin_ = 0, end_ = 0, next_ = 0;
  std::uint64_t budget_ = 0, committed_ = 0;
  std::uint64_t heap_ = 0, heap_limit_ = 0, break_ = 0;
};

/// The one address space of this image.
address_space& memory() noexcept;

}  // namespace aster::kernel
