// Where an exception was thrown, for pages and reports that are made after it was caught. Images have it; in
// other programs the two functions are null.
#pragma once
#include <cstddef>
#include <cstdint>

extern "C" {

/// From now on each throw notes its call chain, which costs some microseconds. Off at first.
[[gnu::weak]] void aster_note_throws(bool on) noexcept;

/// The call chain of the exception that was thrown last, innermost first: offsets into the image, as
/// `aster symbolize` takes them. Writes at most `most`; returns how many.
[[gnu::weak]] std::size_t aster_thrown_from(std::uint64_t* offsets, std::size_t most) noexcept;
}
