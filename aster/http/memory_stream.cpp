#include "aster/http/memory_stream.hpp"

#include <algorithm>
#include <cstring>

#include "aster/task/cancellation.hpp"

namespace aster::http {

memory_connection::memory_connection(std::size_t capacity) {
  client_.in_ = server_.out_ = &to_client_;
  client_.out_ = server_.in_ = &to_server_;
  client_.aborted_ = server_.aborted_ = &aborted_;
  client_.capacity_ = server_.capacity_ = capacity;
}

std::expected<std::size_t, net::error> memory_connection::end::read(std::span<std::byte> out) {
  return *read_until(out, task::never);
}

std::optional<std::expected<std::size_t, net::error>> memory_connection::end::read_until(
    std::span<std::byte> out, task::time_point deadline) {
  task::checkpoint();
  if (out.empty()) return 0;
  while (in_->bytes.empty() && !in_->ended && !*aborted_)
    if (!in_->readable.wait_until(deadline)) return std::nullopt;
  if (*aborted_) return std::unexpected(net::error::reset);
  const std::size_t size = std::min(out.size(), in_->bytes.size());
  std::memcpy(out.data(), in_->bytes.data(), size);
  in_->bytes.erase(0, size);
  if (size > 0) in_->writable.notify_all();
  return size;
}

std::expected<void, net::error> memory_connection::end::write(
    std::span<const std::span<const std::byte>> pieces) {
  task::checkpoint();
  ++writes_;
  for (std::span<const std::byte> piece : pieces) {
    while (!piece.empty()) {
      while (out_->bytes.size() >= capacity_ && !*aborted_) out_->writable.wait();
      if (*aborted_) return std::unexpected(net::error::reset);
      if (out_->ended) return std::unexpected(net::error::closed);
      const std::size_t size = std::min(piece.size(), capacity_ - out_->bytes.size());
      out_->bytes.append(reinterpret_cast<const char*>(piece.data()), size);
      piece = piece.subspan(size);
      out_->readable.notify_all();
    }
  }
  return {};
}

void memory_connection::end::shutdown_write() noexcept {
  out_->ended = true;
  out_->readable.notify_all();
}

void memory_connection::end::abort() noexcept {
  *aborted_ = true;
  for (direction* d : {in_, out_}) {
    d->readable.notify_all();
    d->writable.notify_all();
  }
}

}  // namespace aster::http
