// Values that pass from fiber to fiber, in order, a bounded number at a time.
//
// A fast producer must not fill the memory while a slow consumer works: when the channel is full, `send`
// parks; when it is empty, `receive` does.
//
//   task::channel<job> jobs{16};
//   workers.spawn("worker", [&] { while (auto j = jobs.receive()) j->run(); });
//   jobs.send(next_job());
//   jobs.close();                        // the workers finish what is queued, then end
//
// Any number of fibers may send and receive. Values are received in the order in which they were sent, and
// fibers are served in the order in which they came. A value is never lost by cancellation: it was either
// not sent (`send` throws) or is received by somebody (`receive` returns it even if the fiber was cancelled
// after the value was handed to it).
#pragma once
#include <cstddef>
#include <memory>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>

#include "aster/task/wait_queue.hpp"

namespace aster::task {

template <class T>
class channel {
  static_assert(std::is_nothrow_move_constructible_v<T>,
                "a value on its way must not be lost to an exception");

 public:
  /// Holds up to `capacity` values; with 0, `send` parks until a receiver has taken the value. Memory for
  /// all of them is taken here and nowhere else.
  explicit channel(std::size_t capacity) : capacity_{capacity}, buffer_{allocate(capacity)} {}
  /// Nobody may be parked in it.
  ~channel();
  channel(const channel&) = delete;
  channel& operator=(const channel&) = delete;

  /// Parks while the channel is full. False, and the value dropped, when the channel is or gets closed.
  /// Throws `cancelled`; then the value was not sent.
  [[nodiscard]] bool send(T value);

  /// Parks while the channel is empty. Nothing when it is closed and all values were received. Throws
  /// `cancelled`; then no value was taken.
  [[nodiscard]] std::optional<T> receive();

  /// Sends by moving from `value` if that needs no wait; otherwise false, and `value` is untouched.
  [[nodiscard]] bool try_send(T& value) noexcept;

  /// A value if one is there.
  [[nodiscard]] std::optional<T> try_receive() noexcept;

  /// No more values: senders that are parked get false, receivers what is still there and then nothing. May
  /// be called more than once. Never switches.
  void close() noexcept;

  [[nodiscard]] bool closed() const noexcept { return closed_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

 private:
  // What a parked fiber offers to whoever comes: a sender its value, a receiver a place for one.
  struct offer {
    T* value = nullptr;
    std::optional<T>* place = nullptr;
    bool done = false;
  };

  static T* allocate(std::size_t n) { return n == 0 ? nullptr : std::allocator<T>{}.allocate(n); }
  T& slot(std::size_t i) noexcept { return buffer_[i < capacity_ ? i : i - capacity_]; }
  void push(T& value) noexcept {
    std::construct_at(&slot(head_ + size_), std::move(value));
    ++size_;
  }
  std::optional<T> pop() noexcept;

  std::size_t capacity_;
  T* buffer_;  // a ring of `size_` values that begins at `head_`
  std::size_t head_ = 0;
  std::size_t size_ = 0;
  bool closed_ = false;
  wait_queue senders_{"room in a channel"};
  wait_queue receivers_{"a value in a channel"};
};

template <class T>
channel<T>::~channel() {
  while (size_ != 0) pop();
  if (buffer_ != nullptr) std::allocator<T>{}.deallocate(buffer_, capacity_);
}

template <class T>
std::optional<T> channel<T>::pop() noexcept {
  T& front = slot(head_);
  std::optional<T> value{std::move(front)};
  std::destroy_at(&front);
  head_ = head_ + 1 == capacity_ ? 0 : head_ + 1;
  --size_;
  return value;
}

template <class T>
bool channel<T>::try_send(T& value) noexcept {
  if (closed_) return false;
  if (auto* waiting = static_cast<offer*>(receivers_.front_offer())) {  // then nothing is queued
    waiting->place->emplace(std::move(value));
    waiting->done = true;
    receivers_.notify_one();
    return true;
  }
  if (size_ == capacity_) return false;
  push(value);
  return true;
}

template <class T>
bool channel<T>::send(T value) {
  checkpoint();
  if (try_send(value)) return true;
  if (closed_) return false;
  offer mine{.value = &value};
  senders_.wait(&mine);
  return mine.done;
}

template <class T>
std::optional<T> channel<T>::try_receive() noexcept {
  auto* waiting = static_cast<offer*>(senders_.front_offer());
  std::optional<T> value;
  if (size_ != 0) {
    value = pop();
    if (waiting != nullptr) push(*waiting->value);
  } else if (waiting != nullptr) {
    value.emplace(std::move(*waiting->value));
  }
  if (waiting != nullptr) {
    waiting->done = true;
    senders_.notify_one();
  }
  return value;
}

template <class T>
std::optional<T> channel<T>::receive() {
  checkpoint();
  std::optional<T> value = try_receive();
  if (value || closed_) return value;
  offer mine{.place = &value};
  receivers_.wait(&mine);
  return value;
}

template <class T>
void channel<T>::close() noexcept {
  closed_ = true;
  senders_.notify_all();
  receivers_.notify_all();
}

}  // namespace aster::task
