#include "aster/task/stack_pool.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <new>

#include "aster/task/context.hpp"

namespace aster::task {
namespace {

constexpr int advise_guard = 102;  // MADV_GUARD_INSTALL; younger than the C library's headers
constexpr duration trim_period = std::chrono::seconds{1};
constexpr std::size_t trim_batch = 64;
constexpr std::size_t slab_bytes = std::size_t{16} << 20;

}  // namespace

// Address space for `count` stacks, each with its guard page below; and their descriptors, which must not lie
// on the stacks: those lose their pages.
struct stack_pool::slab {
  std::byte* base;
  std::size_t stride;
  std::size_t count;
  std::size_t cut;  // how many have been handed out at least once
  slab* next;
  stack* stacks;
};

stack_pool::~stack_pool() {
  while (slabs_ != nullptr) {
    slab* const s = slabs_;
    slabs_ = s->next;
    ::munmap(s->base, s->stride * s->count);
    delete[] s->stacks;
    delete s;
  }
}

std::size_t stack_pool::class_of(std::size_t size) noexcept {
  const std::size_t held = std::bit_ceil(std::clamp(size, smallest, largest));
  return static_cast<std::size_t>(std::countr_zero(held) - std::countr_zero(smallest));
}

stack& stack_pool::acquire(std::size_t size) {
  const std::size_t index = class_of(size);
  size_class& c = classes_[index];
  stack* s = c.warm_first;
  if (s != nullptr) {
    c.warm_first = s->next;
    (s->next != nullptr ? s->next->previous : c.warm_last) = nullptr;
    --warm_;
    c.least_warm = std::min(c.least_warm, --c.warm);
  } else if (c.cold != nullptr) {
    s = c.cold;
    c.cold = s->next;
  } else {
    s = &cut(c, smallest << index);
  }
  s->next = s->previous = nullptr;
  ++in_use_;
  return *s;
}

stack& stack_pool::cut(size_class& c, std::size_t size) {
  slab* s = c.newest;
  if (s == nullptr || s->cut == s->count) {
    // Few at first, so that a small program stays small; then twice as many each time.
    const std::size_t most = std::max<std::size_t>(1, slab_bytes / (size + page));
    s = map_slab(size, std::min(most, s == nullptr ? 8 : s->count * 2));
    c.newest = s;
  }
  stack& made = s->stacks[s->cut];
  made = {.low = s->base + s->cut * s->stride + page,
          .size = size,
          .user = nullptr,
          .next = nullptr,
          .previous = nullptr};
  install_guard(made.low - page);
  ++s->cut;
  return made;
}

stack_pool::slab* stack_pool::map_slab(std::size_t stack_size, std::size_t count) {
  const std::size_t stride = stack_size + page;
  auto* s = new slab{
      .base = nullptr, .stride = stride, .count = count, .cut = 0, .next = slabs_, .stacks = nullptr};
  s->stacks = new (std::nothrow) stack[count];
  // MAP_STACK also keeps huge pages away, which would make 2 MiB out of the first touch.
  void* const base = s->stacks == nullptr
                         ? MAP_FAILED
                         : ::mmap(nullptr, stride * count, PROT_READ | PROT_WRITE,
                                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (base == MAP_FAILED) {
    delete[] s->stacks;
    delete s;
    throw std::bad_alloc{};
  }
  s->base = static_cast<std::byte*>(base);
  slabs_ = s;
  return s;
}

void stack_pool::install_guard(std::byte* at) {
  if (lightweight_guards_) {
    if (::madvise(at, page, advise_guard) == 0) return;
    lightweight_guards_ = false;  // EINVAL: an older kernel
  }
  // Fails when the process has as many mappings as it may: a stack without guard is not handed out.
  if (::mprotect(at, page, PROT_NONE) != 0) throw std::bad_alloc{};
}

void stack_pool::release(stack& s) noexcept {
  size_class& c = classes_[class_of(s.size)];
  s.user = nullptr;
  s.previous = nullptr;
  s.next = c.warm_first;
  (s.next != nullptr ? s.next->previous : c.warm_last) = &s;
  c.warm_first = &s;
  ++c.warm;
  ++warm_;
  --in_use_;
  if (next_trim_ == never && c.warm > kept_warm) next_trim_ = time_point::min();  // `trim` sets the time
}

void stack_pool::shed(const stack& s, const void* pointer) noexcept {
  const auto bytes = static_cast<std::size_t>(static_cast<const std::byte*>(pointer) - s.low);
  ::madvise(s.low, bytes - bytes % page, MADV_DONTNEED);
}

void stack_pool::trim(time_point now) noexcept {
  if (now < next_trim_) return;
  std::size_t budget = next_trim_ == time_point::min() ? 0 : trim_batch;
  bool more_now = false;
  bool more_later = false;
  for (size_class& c : classes_) {
    std::size_t idle = std::min(c.least_warm, c.warm);
    idle = idle > kept_warm ? idle - kept_warm : 0;
    while (idle != 0 && budget != 0) {
      stack* const s = c.warm_last;
      ::madvise(s->low, s->size, MADV_DONTNEED);
      c.warm_last = s->previous;
      (s->previous != nullptr ? s->previous->next : c.warm_first) = nullptr;
      s->next = c.cold;
      c.cold = s;
      --c.warm;
      --c.least_warm;
      --warm_;
      --idle;
      --budget;
    }
    if (idle != 0 && budget == 0 && next_trim_ != time_point::min()) {
      more_now = true;
    } else {
      c.least_warm = c.warm;  // a new period begins
    }
    more_later |= c.warm > kept_warm;
  }
  next_trim_ = more_now ? now : more_later ? after(now, trim_period) : never;
}

fiber* stack_pool::guard_owner(const void* address) const noexcept {
  const auto* const at = static_cast<const std::byte*>(address);
  for (const slab* s = slabs_; s != nullptr; s = s->next) {
    if (at < s->base || at >= s->base + s->stride * s->count) continue;
    const auto offset = static_cast<std::size_t>(at - s->base);
    if (offset % s->stride >= page) return nullptr;
    const std::size_t index = offset / s->stride;
    return index < s->cut ? s->stacks[index].user : nullptr;
  }
  return nullptr;
}

}  // namespace aster::task
