#include "aster/task/timer_heap.hpp"

namespace aster::task {

// Makes the later of two heaps a child of the earlier. Both are roots: no siblings.
timer* timer_heap::meld(timer* a, timer* b) noexcept {
  if (a == nullptr) return b;
  if (b == nullptr) return a;
  if (b->before(*a)) {
    timer* const t = a;
    a = b;
    b = t;
  }
  b->previous_ = a;
  b->next_ = a->child_;
  if (a->child_ != nullptr) a->child_->previous_ = b;
  a->child_ = b;
  return a;
}

// The two passes of the pairing heap: meld neighbours left to right, then the pairs right to left.
timer* timer_heap::meld_siblings(timer* first) noexcept {
  timer* pairs = nullptr;  // linked by next_, the last one made first
  while (first != nullptr) {
    timer* const a = first;
    timer* const b = a->next_;
    first = b != nullptr ? b->next_ : nullptr;
    a->next_ = a->previous_ = nullptr;
    if (b != nullptr) b->next_ = b->previous_ = nullptr;
    timer* const pair = meld(a, b);
    pair->next_ = pairs;
    pairs = pair;
  }
  timer* root = nullptr;
  while (pairs != nullptr) {
    timer* const pair = pairs;
    pairs = pair->next_;
    pair->next_ = nullptr;
    root = meld(root, pair);
  }
  return root;
}

void timer_heap::insert(timer& t) noexcept {
  t.order_ = insertions_++;
  t.child_ = t.next_ = t.previous_ = nullptr;
  t.armed_ = true;
  root_ = meld(root_, &t);
}

void timer_heap::remove(timer& t) noexcept {
  t.armed_ = false;
  timer* const below = meld_siblings(t.child_);
  t.child_ = nullptr;
  if (&t == root_) {
    root_ = below;
    return;
  }
  if (t.previous_->child_ == &t) {
    t.previous_->child_ = t.next_;
  } else {
    t.previous_->next_ = t.next_;
  }
  if (t.next_ != nullptr) t.next_->previous_ = t.previous_;
  t.next_ = t.previous_ = nullptr;
  root_ = meld(root_, below);
}

timer* timer_heap::take_due(time_point now) noexcept {
  timer* const first = root_;
  if (first == nullptr || first->deadline > now) return nullptr;
  remove(*first);
  return first;
}

}  // namespace aster::task
