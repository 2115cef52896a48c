#include "aster/net/tcp/reassembler.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "aster/net/tcp/settings.hpp"

namespace aster::net::tcp {

namespace {
constexpr std::uint64_t slot_of(std::uint64_t position) {
  return position / chunk::capacity * chunk::capacity;
}
}  // namespace

reassembler::outcome reassembler::insert(std::uint64_t position, wire::bytes data) noexcept {
  if (position < next_) {
    const std::uint64_t old = next_ - position;
    if (old >= data.size()) return outcome::duplicate;
    data = data.subspan(static_cast<std::size_t>(old));
    position = next_;
  }
  if (data.empty()) return outcome::duplicate;

  if (position > next_) {
    const range r{position, position + data.size()};
    const bool known =
        std::ranges::any_of(later_, [&](const range& o) { return o.begin <= r.begin && r.end <= o.end; });
    if (known) return outcome::duplicate;
    if (store(position, data, chunk_pool::use::out_of_order) < data.size() || !remember(r))
      return outcome::no_room;
    return outcome::out_of_order;
  }

  // In order: to the reader what it takes, the rest to memory.
  std::size_t direct = 0;
  if (read_ == next_ && reader_filled_ < reader_.size()) {
    direct = std::min(data.size(), reader_.size() - reader_filled_);
  }
  const std::size_t stored = store(position + direct, data.subspan(direct), in_order_use());
  if (direct > 0) {
    std::memcpy(reader_.data() + reader_filled_, data.data(), direct);
    reader_filled_ += direct;
    read_ += direct;
  }
  next_ += direct + stored;
  if (direct + stored < data.size()) return outcome::no_room;
  if (later_.empty()) return outcome::in_order;

  auto it = later_.begin();
  for (; it != later_.end() && it->begin <= next_; ++it) next_ = std::max(next_, it->end);
  if (it == later_.end()) {
    later_ = {};  // with its memory: gaps are rare
  } else {
    later_.erase(later_.begin(), it);
  }
  release_before(read_);  // what the reader got may lie over chunks that came early
  return outcome::filled_gap;
}

// Copies to the chunks of the slots that [position, position + size) touches; returns how many bytes found
// memory.
std::size_t reassembler::store(std::uint64_t position, wire::bytes data, chunk_pool::use purpose) noexcept {
  const std::size_t total = data.size();
  while (!data.empty()) {
    const std::uint64_t slot = slot_of(position);
    byte_run* before = cursor_ != nullptr && cursor_->position <= slot ? cursor_ : nullptr;
    byte_run* at = before != nullptr ? before : first_;
    while (at != nullptr && at->position < slot) {
      before = at;
      at = at->next;
    }
    if (at == nullptr || at->position != slot) {
      chunk* fresh = pool_.take(purpose);
      if (fresh == nullptr) break;
      fresh->position = slot;
      fresh->next = at;
      (before == nullptr ? first_ : before->next) = fresh;
      at = fresh;
    }
    cursor_ = at;
    const std::size_t offset = static_cast<std::size_t>(position - slot);
    const std::size_t n = std::min(data.size(), chunk::capacity - offset);
    std::memcpy(static_cast<chunk*>(at)->storage + offset, data.data(), n);
    position += n;
    data = data.subspan(n);
  }
  return total - data.size();
}

// Adds a range beyond `next_`, joined with those that it touches.
bool reassembler::remember(range r) noexcept {
  auto first = std::ranges::lower_bound(later_, r.begin, {}, &range::end);
  auto last = first;
  while (last != later_.end() && last->begin <= r.end) {
    r.begin = std::min(r.begin, last->begin);
    r.end = std::max(r.end, last->end);
    ++last;
  }
  if (first != last) {
    *first = r;
    later_.erase(first + 1, last);
    return true;
  }
  if (later_.size() >= settings::gap_limit) return false;
  try {
    later_.insert(first, r);
  } catch (const std::bad_alloc&) {
    return false;
  }
  return true;
}

std::size_t reassembler::read(wire::mutable_bytes out) noexcept {
  std::size_t done = 0;
  const std::size_t wanted = std::min(out.size(), readable());
  while (done < wanted) {
    const auto* c = static_cast<const chunk*>(first_);
    const std::size_t offset = static_cast<std::size_t>(read_ - c->position);
    const std::size_t n = std::min(wanted - done, chunk::capacity - offset);
    std::memcpy(out.data() + done, c->storage + offset, n);
    done += n;
    read_ += n;
    release_before(read_);
  }
  return done;
}

bool reassembler::return_reader_bytes() noexcept {
  const wire::bytes given = reader_.first(reader_filled_);
  reader_ = {};
  reader_filled_ = 0;
  if (given.empty()) return true;
  read_ -= given.size();
  return store(read_, given, chunk_pool::use::first_receiving) == given.size();
}

// Gives back the chunks whose bytes were all read; the last one too when it holds nothing more.
void reassembler::release_before(std::uint64_t position) noexcept {
  while (first_ != nullptr) {
    const bool passed = first_->position + chunk::capacity <= position;
    const bool empty =
        position == next_ && (later_.empty() || later_.front().begin >= first_->position + chunk::capacity);
    if (!passed && !(empty && first_->position <= position)) return;
    byte_run* done = first_;
    first_ = done->next;
    if (cursor_ == done) cursor_ = nullptr;
    pool_.give_back(static_cast<chunk*>(done));
  }
}

void reassembler::discard() noexcept {
  while (first_ != nullptr) {
    byte_run* next = first_->next;
    pool_.give_back(static_cast<chunk*>(first_));
    first_ = next;
  }
  cursor_ = nullptr;
  read_ = next_;
  later_ = {};
}

}  // namespace aster::net::tcp
