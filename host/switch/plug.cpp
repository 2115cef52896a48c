#include "host/switch/plug.hpp"

#include <errno.h>
#include <fcntl.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "host/switch/wire_frame.hpp"

namespace aster::host {
namespace {

constexpr std::size_t header_size = sizeof(abi::net_header);
// Large frames are passed on while they are still in the processor's cache.
constexpr std::size_t large_batch = 256 * 1024, few = 8;
constexpr int socket_buffer = 4 << 20;  // as far as the machine allows (net.core.wmem_max)

}  // namespace

plug::plug(descriptor socket, frame_form form)
    : socket_(std::move(socket)), ready_(socket_.get()), form_(form) {
  fcntl(socket_.get(), F_SETFL, O_NONBLOCK);
  for (const int option : {SO_SNDBUF, SO_RCVBUF})
    setsockopt(socket_.get(), SOL_SOCKET, option, &socket_buffer, sizeof socket_buffer);
}

int plug::receive_batch(frame_room& room) {
  if (closed_) return -1;
  // A bare frame leaves room for the header that it comes without.
  const std::size_t skipped = form_ == frame_form::bare ? header_size : 0;
  asked_ = at_once_;
  for (std::size_t i = 0; i < asked_; ++i) {
    auto& memory = (*room.memory_)[i];
    in_pieces_[i] = {memory.data() + skipped, memory.size() - skipped};
    in_[i] = {};
    in_[i].msg_hdr.msg_iov = &in_pieces_[i];
    in_[i].msg_hdr.msg_iovlen = 1;
  }
  const int got = recvmmsg(socket_.get(), in_.data(), static_cast<unsigned>(asked_), MSG_DONTWAIT, nullptr);
  if (got < 0) return errno == EAGAIN || errno == EINTR ? 0 : -1;
  // An empty message is what the end looks like, as often as one asks.
  int whole = 0;
  std::size_t bytes = 0;
  for (; whole < got && in_[static_cast<std::size_t>(whole)].msg_len != 0; ++whole)
    bytes += in_[static_cast<std::size_t>(whole)].msg_len;
  at_once_ = bytes > large_batch ? few : frame_room::batch;
  return whole == 0 ? -1 : whole;
}

std::span<std::byte> plug::checked(frame_room& room, std::size_t which) {
  const mmsghdr& message = in_[which];
  const std::size_t skipped = form_ == frame_form::bare ? header_size : 0;
  const std::size_t size = skipped + message.msg_len;
  if (size <= header_size || (message.msg_hdr.msg_flags & MSG_TRUNC) != 0) return {};
  std::byte* const memory = (*room.memory_)[which].data();
  abi::net_header header;
  if (skipped == 0) std::memcpy(&header, memory, header_size);
  if (!makes_sense(header, size - header_size)) return {};
  if (skipped != 0) std::memcpy(memory, &header, header_size);
  return {memory, size};
}

bool plug::add(std::span<std::byte> message) {
  const bool first = gathered_.empty();
  if (form_ == frame_form::offloaded)
    gathered_.push_back(message);
  else
    add_as_on_a_wire(message);
  return first;
}

void plug::add_as_on_a_wire(std::span<std::byte> message) {
  const std::size_t skipped = form_ == frame_form::bare ? header_size : 0;
  auto pieces = as_on_a_wire(message);
  if (!pieces) return gathered_.push_back(message.subspan(skipped));
  for (auto& one : *pieces) {
    made_.push_back(std::move(one));
    gathered_.push_back(std::span(made_.back()).subspan(skipped));
  }
}

std::size_t plug::send(std::span<const std::span<const std::byte>> messages) {
  std::size_t sent = 0;
  while (sent < messages.size()) {
    std::array<mmsghdr, frame_room::batch> out;
    std::array<iovec, frame_room::batch> pieces;
    const std::size_t count = std::min(messages.size() - sent, frame_room::batch);
    for (std::size_t i = 0; i < count; ++i) {
      const auto one = messages[sent + i];
      pieces[i] = {const_cast<std::byte*>(one.data()), one.size()};
      out[i] = {};
      out[i].msg_hdr.msg_iov = &pieces[i];
      out[i].msg_hdr.msg_iovlen = 1;
    }
    const int took =
        sendmmsg(socket_.get(), out.data(), static_cast<unsigned>(count), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (took < 0 && errno == EINTR) continue;
    if (took < 0) {
      if (errno == EAGAIN || errno == ENOBUFS || errno == ENOMEM) return sent;
      return messages.size();  // it is closed, which is learned where it is read: lost, as on a cut wire
    }
    sent += static_cast<std::size_t>(took);
  }
  return sent;
}

void plug::flush() {
  std::span<const std::span<const std::byte>> left = gathered_;
  if (queue_.empty()) left = left.subspan(closed_ ? left.size() : send(left));
  for (const auto message : left) keep(message);
  gathered_.clear();
  made_.clear();
}

void plug::keep(std::span<const std::byte> message) {
  if (queued_bytes_ + message.size() > queue_limit) {
    ++dropped_;
    return;
  }
  queue_.emplace_back(message.begin(), message.end());
  queued_bytes_ += message.size();
  queued_.notify_one();
}

/// Whether nothing waits any more.
bool plug::send_queue() {
  std::array<std::span<const std::byte>, frame_room::batch> some;
  while (!queue_.empty()) {
    const std::size_t count = std::min(queue_.size(), some.size());
    for (std::size_t i = 0; i < count; ++i) some[i] = queue_[i];
    const std::size_t sent = send(std::span(some).first(count));
    for (std::size_t i = 0; i < sent; ++i) {
      queued_bytes_ -= queue_.front().size();
      queue_.pop_front();
    }
    if (sent < count) return false;
  }
  return true;
}

void plug::carry_queue() {
  for (;;) {
    while (queue_.empty()) queued_.wait();
    while (!send_queue()) ready_.await_writable();
  }
}

void plug::close() noexcept {
  closed_ = true;
  shutdown(socket_.get(), SHUT_RDWR);
}

}  // namespace aster::host
