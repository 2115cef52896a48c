// The four-level page tables (Intel SDM 3A §4.5). No page is ever writable and executable.
//
// Program memory is mapped when it is touched: an entry is empty until the page fault that the address space
// (memory/address_space.hpp) allows. Two marks live in entries that are not present: a guard page, and a page
// with contents that PROT_NONE hides.
#pragma once
#include <cstdint>

namespace aster::kernel {

enum class page_kind : std::uint8_t { read_only, writable, executable, registers };

class page_tables {
 public:
  /// Uses the table at `root` (physical).
  void start(std::uint64_t root) noexcept { root_ = root; }
  std::uint64_t root() const noexcept { return root_; }

  /// Maps `pages` pages in a row. False when no frame is left for a table.
  bool map(std::uint64_t address, std::uint64_t physical, page_kind kind, std::uint64_t pages = 1) noexcept;
  /// Maps 2 MiB; both addresses are multiples of it. False as above.
  bool map_large(std::uint64_t address, std::uint64_t physical, page_kind kind) noexcept;

  /// mprotect, madvise(DONTNEED) and guard pages, for pages that are there; empty entries stay empty.
  void protect(std::uint64_t begin, std::uint64_t end, int protection) noexcept;
  void discard(std::uint64_t begin, std::uint64_t end) noexcept;
  bool guard(std::uint64_t begin, std::uint64_t end, bool install) noexcept;

  /// The physical address behind `address`, or ~0 when nothing is mapped there.
  std::uint64_t physical(std::uint64_t address) const noexcept;
  bool is_guard(std::uint64_t address) const noexcept;
  bool is_mapped(std::uint64_t address) const noexcept;

 private:
  std::uint64_t* entry(std::uint64_t address, bool make, unsigned level = 0) const noexcept;
  std::uint64_t empty_span(std::uint64_t address) const noexcept;
  template <class Each> void for_each(std::uint64_t begin, std::uint64_t end, Each each) const noexcept;
  std::uint64_t root_ = 0;
};

page_tables& tables() noexcept;

/// Makes the processor forget what it has read of the entry for `address` (translation.cpp). A function, so that tests
/// of the tables can have their own.
void forget_page(std::uint64_t address) noexcept;

}  // namespace aster::kernel
