#include "kernel/frames/frame_device.hpp"

#include <errno.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "kernel/linux_call.hpp"

namespace aster::kernel {

frame_device::frame_device(const network_option& option) noexcept
    : buffer_size_{lead + (option.receive ? whole : std::size_t{option.mtu} + 64)},
      descriptor_{option.descriptor} {
  buffer_size_ = (buffer_size_ + 63) & ~std::size_t{63};
  // Address space only: a buffer's pages exist once a frame has been in it, and the last one released is
  // the first one used, so a quiet device touches one buffer.
  void* const memory = mmap(nullptr, buffer_size_ * depth + queue_limit * worth_joining,
                            PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    buffers_ = nullptr;
    free_count_ = 0;
  } else {
    buffers_ = static_cast<std::byte*>(memory);
    for (std::size_t i = 0; i < depth; ++i) free_[i] = static_cast<std::uint8_t>(depth - 1 - i);
  }
  info_.mac = option.mac;
  info_.mtu = option.mtu;
  info_.checksum_offload = option.checksum;
  info_.tso4 = option.tso4;
  info_.tso6 = option.tso6;
  info_.receive_offload = option.receive;
  if (option.configuration) info_.configuration = option.configuration;
}

// --- Arriving ---------------------------------------------------------------------------------------------

std::size_t frame_device::receive(std::span<abi::received_frame> out) noexcept {
  std::size_t count = 0;
  while (readable_ && count < out.size() && free_count_ > 0) {
    const std::size_t wanted = std::min({expected_, out.size() - count, free_count_});
    count += ring_ != nullptr && wanted > 2 ? receive_several(out.subspan(count, wanted))
                                            : receive_one(out[count]);
  }
  return count;
}

// A call of its own costs less than a ring does for one or two. After three frames in a row more are likely.
std::size_t frame_device::receive_one(abi::received_frame& out) noexcept {
  const std::uint8_t index = free_[--free_count_];
  const std::span<std::byte> room = memory(index);
  const long got =
      linux_call(SYS_read, descriptor_, reinterpret_cast<long>(room.data()), static_cast<long>(room.size()));
  if (take(index, got, out)) {
    expected_ = std::min(expected_ + 1, depth);
    return 1;
  }
  expected_ = 1;
  return 0;
}

std::size_t frame_device::receive_several(std::span<abi::received_frame> out) noexcept {
  const std::size_t first = free_count_ - out.size();
  std::array<std::uint8_t, depth> asked;
  for (std::size_t i = 0; i < out.size(); ++i) {
    asked[i] = free_[free_count_ - 1 - i];
    ring_->read(index_, memory(asked[i]));
  }
  free_count_ = first;
  static_cast<void>(ring_->submit());
  std::size_t count = 0, answered = 0;
  bool supported = true;
  ring_->completed([&](long got) {
    if (take(asked[answered], got, out[count])) ++count;
    supported = supported && got != -EOPNOTSUPP;
    ++answered;
  });
  for (std::size_t i = answered; i < out.size(); ++i) free_[free_count_++] = asked[i];
  if (!supported) {  // no file of this kind can be asked without waiting
    ring_ = nullptr;
    readable_ = true;
  }
  expected_ = count == out.size() ? std::min(2 * expected_, depth) : std::max<std::size_t>(count, 1);
  return count;
}

// What came of reading to a buffer. The buffer is free again if it is no frame.
bool frame_device::take(std::uint8_t index, long got, abi::received_frame& out) noexcept {
  constexpr std::size_t header_size = sizeof(abi::net_header);
  if (got <= static_cast<long>(header_size)) {
    if (got <= 0) readable_ = false;  // nothing now (EAGAIN): a poll tells
    if (got == 0 && closed_) gone_ = true;
    free_[free_count_++] = index;
    return false;
  }
  const std::span<std::byte> all = memory(index).first(static_cast<std::size_t>(got));
  std::memcpy(&out.header, all.data(), header_size);
  out.frame = all.subspan(header_size);
  out.buffer = index;
  return true;
}

std::span<std::byte> frame_device::memory(std::uint8_t index) noexcept {
  constexpr std::size_t before = lead - sizeof(abi::net_header);
  return {buffers_ + index * buffer_size_ + before, buffer_size_ - before};
}

void frame_device::release(const abi::received_frame& frame) noexcept {
  free_[free_count_++] = static_cast<std::uint8_t>(frame.buffer);
}

// --- Leaving ----------------------------------------------------------------------------------------------

bool frame_device::transmit(const abi::net_header& header,
                            std::span<const std::span<const std::byte>> pieces) noexcept {
  std::size_t size = sizeof header;
  for (const auto piece : pieces) size += piece.size();
  const bool small = size <= worth_joining && buffers_ != nullptr;
  if (small && ring_ != nullptr) {
    if (queued_count_ == queue_limit && !write_queued()) return false;
    queued_[queued_count_] = static_cast<std::uint16_t>(join(queued_count_, header, pieces));
    ++queued_count_;
    return true;
  }
  if (!write_queued()) return false;  // what was queued goes first
  return taken(small ? write_joined(0, join(0, header, pieces)) : write_pieces(header, pieces));
}

// Linux takes one piece faster than it reads a list of several: a copy of so little costs less.
std::size_t frame_device::join(std::size_t place, const abi::net_header& header,
                               std::span<const std::span<const std::byte>> pieces) noexcept {
  std::byte* const out = joined(place);
  std::memcpy(out, &header, sizeof header);
  std::size_t size = sizeof header;
  for (const auto piece : pieces) {
    std::memcpy(out + size, piece.data(), piece.size());
    size += piece.size();
  }
  return size;
}

std::byte* frame_device::joined(std::size_t place) noexcept {
  return buffers_ + depth * buffer_size_ + place * worth_joining;
}

long frame_device::write_joined(std::size_t place, std::size_t size) noexcept {
  return linux_call(SYS_write, descriptor_, reinterpret_cast<long>(joined(place)), static_cast<long>(size));
}

long frame_device::write_pieces(const abi::net_header& header,
                                std::span<const std::span<const std::byte>> pieces) noexcept {
  constexpr std::size_t limit = 24;
  iovec vector[limit + 1];
  if (pieces.size() > limit) return 0;  // no caller does; a frame nobody can send is a frame sent
  vector[0] = {const_cast<abi::net_header*>(&header), sizeof header};
  for (std::size_t i = 0; i < pieces.size(); ++i)
    vector[i + 1] = {const_cast<std::byte*>(pieces[i].data()), pieces[i].size()};
  return linux_call(SYS_writev, descriptor_, reinterpret_cast<long>(vector),
                    static_cast<long>(pieces.size() + 1));
}

// Whether a frame is gone. Any failure but a full queue (link down, peer gone) loses it, as a wire would.
bool frame_device::taken(long result) noexcept {
  if (result != -EAGAIN && result != -ENOBUFS) return true;
  full_ = true;
  return false;
}

// Whether everything that was queued is gone. What finds no room stays, and goes first when there is some.
bool frame_device::write_queued() noexcept {
  const std::size_t count = std::exchange(queued_count_, 0);
  const auto settle = [this](std::size_t place, long result) {
    if (taken(result)) return;
    if (queued_count_ != place) std::memcpy(joined(queued_count_), joined(place), queued_[place]);
    queued_[queued_count_++] = queued_[place];
  };
  if (ring_ == nullptr || count <= 2) {  // a call for each costs less
    for (std::size_t place = 0; place < count; ++place)
      settle(place, queued_count_ > 0 ? -EAGAIN : write_joined(place, queued_[place]));
    return queued_count_ == 0;
  }
  for (std::size_t place = 0; place < count; ++place)
    ring_->write(index_, std::span{joined(place), queued_[place]});
  static_cast<void>(ring_->submit());  // what it does not take, when memory is used up, is lost
  std::size_t place = 0;
  bool supported = true;
  ring_->completed([&](long result) {
    supported = supported && result != -EOPNOTSUPP;
    settle(place, supported ? result : write_joined(place, queued_[place]));
    ++place;
  });
  if (!supported) ring_ = nullptr;  // no file of this kind can be asked without waiting
  return queued_count_ == 0;
}

short frame_device::poll_events() const noexcept {
  return static_cast<short>((free_count_ > 0 ? POLLIN : 0) | (full_ ? POLLOUT : 0));
}

void frame_device::polled(short revents) noexcept {
  if (revents & (POLLIN | POLLHUP)) readable_ = true;
  if (revents & POLLHUP) closed_ = true;
  if (revents & (POLLOUT | POLLERR | POLLHUP)) {
    full_ = false;
    static_cast<void>(write_queued());
  }
}

}  // namespace aster::kernel
