#include "aster/net/tcp/send_queue.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace aster::net::tcp {

void send_queue::release(byte_run* run) noexcept {
  if (run->lent) {
    delete run;
  } else {
    pool_.give_back(static_cast<chunk*>(run));
  }
}

std::size_t send_queue::append(wire::bytes data) noexcept {
  std::size_t taken = 0;
  while (taken < data.size()) {
    std::size_t room = 0;
    if (last_ != nullptr && !last_->lent) {
      const auto* c = static_cast<const chunk*>(last_);
      room = static_cast<std::size_t>(c->storage + chunk::capacity - (last_->begin + last_->size));
    }
    if (room == 0) {
      chunk* c = pool_.take(first_ == nullptr ? chunk_pool::use::first_sending : chunk_pool::use::sending);
      if (c == nullptr) break;
      (last_ == nullptr ? first_ : last_->next) = c;
      last_ = c;
      room = chunk::capacity;
    }
    auto* c = static_cast<chunk*>(last_);
    const std::size_t n = std::min(room, data.size() - taken);
    std::memcpy(c->storage + (c->begin - c->storage) + c->size, data.data() + taken, n);
    c->size += static_cast<std::uint32_t>(n);
    taken += n;
  }
  size_ += taken;
  return taken;
}

bool send_queue::lend(wire::bytes data) noexcept {
  constexpr std::size_t most = 1u << 30;  // of one run
  while (!data.empty()) {
    auto* run = new (std::nothrow) byte_run;
    if (run == nullptr) return false;
    const std::size_t n = std::min(data.size(), most);
    run->begin = data.data();
    run->size = static_cast<std::uint32_t>(n);
    run->lent = true;
    (last_ == nullptr ? first_ : last_->next) = run;
    last_ = run;
    size_ += n;
    data = data.subspan(n);
  }
  return true;
}

void send_queue::drop(std::size_t count) noexcept {
  size_ -= count;
  if (count <= cursor_offset_) {
    cursor_offset_ -= count;
  } else {
    cursor_ = nullptr;
  }
  while (count > 0) {
    const std::size_t n = std::min<std::size_t>(count, first_->size);
    first_->begin += n;
    first_->size -= static_cast<std::uint32_t>(n);
    count -= n;
    if (first_->size > 0) break;
    byte_run* done = first_;
    first_ = done->next;
    if (first_ == nullptr) last_ = nullptr;
    release(done);
  }
}

void send_queue::truncate(std::size_t count) noexcept {
  if (count >= size_) return;
  cursor_ = nullptr;
  byte_run** link = &first_;
  byte_run* before = nullptr;
  std::size_t left = count;
  while (left > 0 && *link != nullptr) {
    (*link)->size = static_cast<std::uint32_t>(std::min<std::size_t>((*link)->size, left));
    left -= (*link)->size;
    before = *link;
    link = &(*link)->next;
  }
  byte_run* rest = *link;
  *link = nullptr;
  last_ = before;
  while (rest != nullptr) {
    byte_run* next = rest->next;
    release(rest);
    rest = next;
  }
  size_ = count;
}

std::size_t send_queue::lent() const noexcept {
  std::size_t before = 0;
  for (const byte_run* run = first_; run != nullptr; run = run->next) {
    if (run->lent) return size_ - before;
    before += run->size;
  }
  return 0;
}

bool send_queue::settle() noexcept {
  cursor_ = nullptr;
  byte_run** link = &first_;
  byte_run* before = nullptr;
  std::size_t offset = 0;
  while (*link != nullptr && !(*link)->lent) {
    offset += (*link)->size;
    before = *link;
    link = &(*link)->next;
  }
  byte_run* run = *link;
  *link = nullptr;
  last_ = before;
  size_ = offset;
  bool complete = true;
  while (run != nullptr) {
    byte_run* next = run->next;
    if (complete) complete = append({run->begin, run->size}) == run->size;
    release(run);
    run = next;
  }
  return complete;
}

std::size_t send_queue::gather(std::size_t offset, std::size_t length, std::span<wire::bytes> out,
                               std::size_t& described) noexcept {
  described = 0;
  if (cursor_ == nullptr || offset < cursor_offset_) {
    cursor_ = first_;
    cursor_offset_ = 0;
  }
  while (cursor_ != nullptr && offset - cursor_offset_ >= cursor_->size && cursor_->next != nullptr) {
    cursor_offset_ += cursor_->size;
    cursor_ = cursor_->next;
  }
  std::size_t pieces = 0;
  std::size_t at = offset - cursor_offset_;
  for (const byte_run* run = cursor_; run != nullptr && described < length && pieces < out.size();
       run = run->next) {
    const std::size_t n = std::min(length - described, run->size - at);
    if (n > 0) out[pieces++] = {run->begin + at, n};
    described += n;
    at = 0;
  }
  return pieces;
}

}  // namespace aster::net::tcp
