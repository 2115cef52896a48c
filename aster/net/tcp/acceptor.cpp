#include "aster/net/tcp/acceptor.hpp"

namespace aster::net::tcp {

void acceptor::queue::push(entry& e) {
  e.queue_next = nullptr;
  e.queue_previous = last;
  (last == nullptr ? first : last->queue_next) = &e;
  last = &e;
  ++count;
}

void acceptor::queue::remove(entry& e) {
  (e.queue_previous == nullptr ? first : e.queue_previous->queue_next) = e.queue_next;
  (e.queue_next == nullptr ? last : e.queue_next->queue_previous) = e.queue_previous;
  --count;
}

void acceptor::add_half_open(entry& e) {
  e.accepted_by = this;
  e.is_ready = false;
  half_open_.push(e);
}

void acceptor::finished(entry& e) {
  if (e.is_ready) return;
  half_open_.remove(e);
  ready_.push(e);
  e.is_ready = true;
  if (watched_by != nullptr) watched_by->ready(*this);
}

void acceptor::remove(entry& e) {
  (e.is_ready ? ready_ : half_open_).remove(e);
  e.accepted_by = nullptr;
  e.is_ready = false;
}

}  // namespace aster::net::tcp
