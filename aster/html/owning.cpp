#include "aster/html/owning.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace aster::html {

std::string_view text_owner::keep_now(std::string_view text) {
  if (!last_ || last_->size - last_->used < text.size()) {
    // With room for a few more texts of the same element.
    const std::size_t size = std::max<std::size_t>(text.size(), 128 - sizeof(block));
    void* memory = ::operator new(sizeof(block) + size);
    join(new (memory) block{nullptr, static_cast<char*>(memory) + sizeof(block), 0, size});
  }
  char* place = last_->text + last_->used;
  last_->used += text.size();
  std::memcpy(place, text.data(), text.size());
  return {place, text.size()};
}

void text_owner::free_all() noexcept {
  block* one = last_->next;
  last_->next = nullptr;
  while (one) {
    block* next = one->next;
    ::operator delete(one);
    one = next;
  }
}

}  // namespace aster::html
