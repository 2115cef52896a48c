// Stands in front of libc++abi's __cxa_throw (the image is linked with --wrap) and notes where it was called
// from.
#include "abi/throw_site.hpp"

#include <algorithm>
#include <iterator>
#include <typeinfo>

#include "kernel/target.hpp"
#include "kernel/unwind.hpp"

namespace aster::kernel {
namespace {

constinit bool noting = false;
constinit std::uint64_t frames[32];
constinit std::size_t frame_count = 0;

void note_frame(std::uint64_t address, void*) noexcept {
  if (address - image.base < image.size && frame_count < std::size(frames))
    frames[frame_count++] = address - image.base;
}

}  // namespace
}  // namespace aster::kernel

extern "C" {

[[noreturn]] void __real___cxa_throw(void* object, std::type_info* type, void (*destroy)(void*));  // NOLINT

[[noreturn]] void __wrap___cxa_throw(void* object, std::type_info* type, void (*destroy)(void*)) {  // NOLINT
  using namespace aster::kernel;
  if (noting) {
    frame_count = 0;
    unwind_here(&note_frame, nullptr);
  }
  __real___cxa_throw(object, type, destroy);
}

void aster_note_throws(bool on) noexcept { aster::kernel::noting = on; }

std::size_t aster_thrown_from(std::uint64_t* offsets, std::size_t most) noexcept {
  using namespace aster::kernel;
  const std::size_t count = std::min(most, frame_count);
  std::copy_n(frames, count, offsets);
  return count;
}
}
