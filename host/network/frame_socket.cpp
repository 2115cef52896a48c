#include "host/network/frame_socket.hpp"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cstring>

#include "host/network/frame_checksum.hpp"

namespace aster::host {
namespace {

constexpr int socket_buffer = 4 << 20;    // as far as the machine allows (net.core.wmem_max)
constexpr std::size_t rounds = 4;         // batches taken before somebody else's turn
constexpr std::size_t spare_limit = 256;  // frames whose memory is kept

}  // namespace

frame_socket::frame_socket(int descriptor)
    : descriptor_(descriptor),
      incoming_(std::make_unique_for_overwrite<typename decltype(incoming_)::element_type>()) {
  for (const int option : {SO_SNDBUF, SO_RCVBUF}) {
    setsockopt(descriptor_, SOL_SOCKET, option, &socket_buffer, sizeof socket_buffer);
  }
}

bool frame_socket::receive(const std::function<void(std::span<const std::byte>)>& take) {
  for (std::size_t round = 0; round < rounds; ++round) {
    std::array<iovec, batch> vectors;
    std::array<mmsghdr, batch> messages{};
    for (std::size_t i = 0; i < batch; ++i) {
      vectors[i] = {(*incoming_)[i].data(), (*incoming_)[i].size()};
      messages[i].msg_hdr.msg_iov = &vectors[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
    const int got = recvmmsg(descriptor_, messages.data(), batch, MSG_DONTWAIT, nullptr);
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    for (std::size_t i = 0; i < static_cast<std::size_t>(got); ++i) {
      const std::size_t size = messages[i].msg_len;
      if (size == 0) return false;
      abi::net_header header;
      if (size <= sizeof header || (messages[i].msg_hdr.msg_flags & MSG_TRUNC) != 0) {
        ++dropped_;
        continue;
      }
      std::memcpy(&header, (*incoming_)[i].data(), sizeof header);
      const auto frame = std::span((*incoming_)[i]).subspan(sizeof header, size - sizeof header);
      // Nobody told the image that it could leave segmentation to us.
      if (header.gso_type != abi::net_header::gso_none || !complete_checksum(header, frame)) {
        ++dropped_;
        continue;
      }
      take(frame);
    }
    if (static_cast<std::size_t>(got) < batch) return true;
  }
  return true;
}

void frame_socket::send(std::span<const std::byte> frame) {
  if (frame.size() > frame_limit || queued_bytes_ + frame.size() > queue_limit) {
    ++dropped_;
    return;
  }
  std::vector<std::byte> message;
  if (!spare_.empty()) {
    message = std::move(spare_.back());
    spare_.pop_back();
  }
  constexpr abi::net_header header{};
  message.resize(sizeof header + frame.size());
  std::memcpy(message.data(), &header, sizeof header);
  std::ranges::copy(frame, message.begin() + sizeof header);
  queued_bytes_ += frame.size();
  queue_.push_back(std::move(message));
}

bool frame_socket::flush() {
  congested_ = false;
  while (!queue_.empty()) {
    const std::size_t count = std::min(queue_.size(), batch);
    std::array<iovec, batch> vectors;
    std::array<mmsghdr, batch> messages{};
    for (std::size_t i = 0; i < count; ++i) {
      vectors[i] = {queue_[i].data(), queue_[i].size()};
      messages[i].msg_hdr.msg_iov = &vectors[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
    const int sent =
        sendmmsg(descriptor_, messages.data(), static_cast<unsigned>(count), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno == EINTR) continue;
      congested_ = errno == EAGAIN || errno == ENOBUFS;
      return congested_;
    }
    for (int i = 0; i < sent; ++i) {
      queued_bytes_ -= queue_.front().size() - sizeof(abi::net_header);
      if (spare_.size() < spare_limit) spare_.push_back(std::move(queue_.front()));
      queue_.pop_front();
    }
  }
  return true;
}

}  // namespace aster::host
