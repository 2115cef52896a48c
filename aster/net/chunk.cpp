#include "aster/net/chunk.hpp"

#include <new>

namespace aster::net {

chunk_pool::~chunk_pool() {
  while (free_ != nullptr) {
    byte_run* next = free_->next;
    ::operator delete(free_);
    free_ = next;
  }
}

std::size_t chunk_pool::share(use purpose) const {
  switch (purpose) {
    case use::out_of_order:
    case use::sending: return budget_ / 2;
    case use::first_sending:
    case use::receiving: return budget_ / 4 * 3;
    case use::first_receiving: return budget_;
  }
  return 0;
}

chunk* chunk_pool::take(use purpose) noexcept {
  if (in_use_ + chunk::total_size > share(purpose)) return nullptr;
  void* memory = free_;
  if (memory != nullptr) {
    free_ = free_->next;
    --kept_;
  } else {
    memory = ::operator new(sizeof(chunk), std::nothrow);
    if (memory == nullptr) return nullptr;
  }
  in_use_ += chunk::total_size;
  // Only the header is initialised: the storage is written before it is read.
  chunk* c = static_cast<chunk*>(memory);
  c->next = nullptr;
  c->begin = c->storage;
  c->position = 0;
  c->size = 0;
  c->lent = false;
  return c;
}

void chunk_pool::give_back(chunk* c) noexcept {
  in_use_ -= chunk::total_size;
  if (kept_ == keep_limit) {
    ::operator delete(c);
    return;
  }
  c->next = free_;
  free_ = c;
  ++kept_;
}

}  // namespace aster::net
