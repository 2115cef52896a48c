#include "kernel/frames/frame_device.hpp"

#include <errno.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include <cstring>

#include "kernel/linux_call.hpp"

namespace aster::kernel {

frame_device::frame_device(const network_option& option) noexcept
    : buffer_size_{lead + (option.receive ? whole : std::size_t{option.mtu} + 64)},
      descriptor_{option.descriptor} {
  buffer_size_ = (buffer_size_ + 63) & ~std::size_t{63};
  // Address space only: a buffer's pages exist once a frame has been in it, and the last one released is
  // the first one used, so a quiet device touches one buffer.
  void* const memory = mmap(nullptr, buffer_size_ * depth + worth_joining, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
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

std::size_t frame_device::receive(std::span<abi::received_frame> out) noexcept {
  std::size_t count = 0;
  while (readable_ && count < out.size() && free_count_ > 0) {
    const std::uint8_t index = free_[free_count_ - 1];
    std::byte* const memory = buffers_ + index * buffer_size_ + lead;
    constexpr std::size_t header_size = sizeof(abi::net_header);
    const long got = linux_call(SYS_read, descriptor_, reinterpret_cast<long>(memory - header_size),
                                static_cast<long>(buffer_size_ - lead + header_size));
    if (got <= 0) {
      readable_ = false;  // nothing now (EAGAIN), or the other end is gone (0): a poll tells
      break;
    }
    if (static_cast<std::size_t>(got) <= header_size) continue;  // not a frame
    abi::received_frame& frame = out[count];
    std::memcpy(&frame.header, memory - header_size, header_size);
    frame.frame = {memory, static_cast<std::size_t>(got) - header_size};
    frame.buffer = index;
    --free_count_;
    ++count;
  }
  return count;
}

void frame_device::release(const abi::received_frame& frame) noexcept {
  free_[free_count_++] = static_cast<std::uint8_t>(frame.buffer);
}

bool frame_device::transmit(const abi::net_header& header,
                            std::span<const std::span<const std::byte>> pieces) noexcept {
  std::size_t size = sizeof header;
  for (const auto piece : pieces) size += piece.size();
  const long result = buffers_ != nullptr && size <= worth_joining ? write_joined(header, pieces)
                                                                   : write_pieces(header, pieces);
  if (result == -EAGAIN || result == -ENOBUFS) {
    full_ = true;
    return false;
  }
  return true;  // any other failure (link down, peer gone) loses the frame, as a wire would
}

// Linux takes one piece faster than it reads a list of several: a copy of so little costs less.
long frame_device::write_joined(const abi::net_header& header,
                                std::span<const std::span<const std::byte>> pieces) noexcept {
  std::byte* const joined = buffers_ + depth * buffer_size_;
  std::memcpy(joined, &header, sizeof header);
  std::size_t size = sizeof header;
  for (const auto piece : pieces) {
    std::memcpy(joined + size, piece.data(), piece.size());
    size += piece.size();
  }
  return linux_call(SYS_write, descriptor_, reinterpret_cast<long>(joined), static_cast<long>(size));
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

short frame_device::poll_events() const noexcept {
  return static_cast<short>((free_count_ > 0 ? POLLIN : 0) | (full_ ? POLLOUT : 0));
}

void frame_device::polled(short revents) noexcept {
  if (revents & POLLIN) readable_ = true;
  if (revents & (POLLOUT | POLLERR | POLLHUP)) full_ = false;
}

}  // namespace aster::kernel
