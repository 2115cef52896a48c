#include "aster/http/output.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "aster/task/deadline.hpp"

namespace aster::http {
namespace {

constexpr std::size_t first_capacity = 512;
constexpr std::size_t slice = 64 * 1024;  // what limits::send gives the client time for

}  // namespace

void output::wait_until_sent() {
  while (sending_) sent_.wait();
}

char* output::reserve(std::size_t size) {
  wait_until_sent();
  if (capacity_ - used_ < size) {
    const std::size_t capacity = std::max(first_capacity, std::max<std::size_t>(2 * capacity_, used_ + size));
    auto block = std::make_unique_for_overwrite<char[]>(capacity);
    if (used_ > 0) std::memcpy(block.get(), block_.get(), used_);
    block_ = std::move(block);
    capacity_ = static_cast<std::uint32_t>(capacity);
  }
  return block_.get() + used_;
}

void output::append_reference(std::string_view bytes) {
  if (bytes.empty()) return;
  wait_until_sent();
  add({bytes.data(), bytes.size()});
}

void output::add(piece p) {
  if (p.size == 0) return;
  if (p.reference == nullptr) {
    used_ += static_cast<std::uint32_t>(p.size);
    if (pieces_used_ > 0 && pieces_[pieces_used_ - 1u].reference == nullptr) {
      pieces_[pieces_used_ - 1u].size += p.size;
      return;
    }
  }
  pieces_[pieces_used_++] = p;  // is_full was asked for in time: hardening catches a caller that did not
}

bool output::flush() {
  wait_until_sent();
  if (lost_) return false;
  if (empty()) return true;
  struct sending {
    output& out;
    ~sending() {
      out.sending_ = false;
      out.used_ = 0;
      out.pieces_used_ = 0;
      out.sent_.notify_all();
    }
  } guard{*this};
  sending_ = true;
  lost_ = true;  // unless all of it goes out: a cancelled fiber leaves a prefix behind
  if (send())
    lost_ = false;
  else
    stream_.abort();
  return !lost_;
}

bool output::send() {
  std::array<std::span<const std::byte>, piece_limit> parts;
  std::size_t next = 0, done = 0;  // done: bytes of pieces_[next] that went with an earlier slice
  const char* block = block_.get();
  while (next < pieces_used_) {
    std::size_t count = 0;
    for (std::size_t room = slice; room > 0 && next < pieces_used_;) {
      const piece& p = pieces_[next];
      const char* const from = p.reference != nullptr ? p.reference + done : block;
      const std::size_t size = std::min(room, p.size - done);
      parts[count++] = std::as_bytes(std::span{from, size});
      if (p.reference == nullptr) block += size;
      room -= size;
      done += size;
      if (done == p.size) {
        ++next;
        done = 0;
      }
    }
    auto write = [&] { return stream_.write(std::span{parts}.first(count)).has_value(); };
    const bool taken = limits_.send == limits::duration::zero()
                           ? write()
                           : task::within(limits_.send, write).value_or(false);
    if (!taken) return false;
  }
  return true;
}

void output::release_memory() {
  if (!empty() || sending_) return;
  block_.reset();
  capacity_ = 0;
}

}  // namespace aster::http
