// Which part of an image file goes where, once every field of the file has been checked.
//
// An image is untrusted: whoever sends one may have written each byte of it by hand. `check_image` is the
// only place that reads such bytes; what it returns holds for all code after it, so nobody checks twice.
//
//   auto layout = check_image(head, file_size, budget, reader);
//   if (!layout) refuse(path, layout.error());
//   for (const segment& s : layout->segments()) map(s);
//
// It allocates nothing and calls no libc, since the tender has neither; the unit test runs it on a host.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>

#include "host/sandbox/complaint.hpp"

namespace aster::host::sandbox {

inline constexpr std::uint64_t page_size = 4096;
inline constexpr std::size_t segment_limit = 8;        // PT_LOADs; lld makes four or five
inline constexpr std::uint64_t span_limit = 1u << 30;  // address space that one image's segments may span

constexpr std::uint64_t page_down(std::uint64_t address) { return address & ~(page_size - 1); }
constexpr std::uint64_t page_up(std::uint64_t address) { return page_down(address + page_size - 1); }

/// A part of the image in memory. All numbers lie below `span_limit`; file_size <= memory_size; address and
/// offset are congruent modulo the page size; the pages of two segments never overlap.
struct segment {
  std::uint64_t address = 0;      // relative to the image's base
  std::uint64_t memory_size = 0;  // past file_size: zeros, only where the segment is writable
  std::uint64_t offset = 0;
  std::uint64_t file_size = 0;
  bool writable = false;
  bool executable = false;  // never together with writable
};

struct image_layout {
  std::array<segment, segment_limit> segment_storage{};
  std::size_t segment_count = 0;
  std::uint64_t span = 0;  // bytes from the base to the end of the last page
  // Addresses relative to the base, each inside the file bytes of an executable segment (abi/manifest.hpp).
  std::uint64_t entry = 0;
  std::uint64_t trap = 0;
  std::uint64_t signal = 0;
  std::uint64_t restorer = 0;

  std::span<const segment> segments() const { return {segment_storage.data(), segment_count}; }
};

/// How `check_image` gets at bytes past the head: fills `out` from `offset`; false when it cannot.
struct file_reader {
  bool (*read)(void* context, std::uint64_t offset, std::span<std::byte> out);
  void* context;
};

/// Checks the image of `file_size` bytes whose first bytes (up to one page of them) are `head`, to be run
/// within `budget` bytes of memory.
std::expected<image_layout, complaint> check_image(std::span<const std::byte> head, std::uint64_t file_size,
                                                   std::uint64_t budget, const file_reader& reader);

}  // namespace aster::host::sandbox
