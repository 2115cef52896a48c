#include "host/switch/own_device.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "aster/task/event.hpp"

namespace aster::host {
namespace {

constexpr std::size_t spare_limit = 64;
constexpr std::size_t leaving_limit = 256;  // messages between two flushes
constexpr std::size_t header_size = sizeof(abi::net_header);

}  // namespace

own_device::own_device(const hardware_address& mac) {
  info_.mac = mac;
  info_.checksum_offload = true;
  info_.tso4 = true;
  info_.receive_offload = true;
}

own_device::message own_device::blank(std::size_t size) {
  message m;
  if (!spare_.empty()) {
    m = std::move(spare_.back());
    spare_.pop_back();
  }
  m.resize(size);
  return m;
}

bool own_device::deliver(std::span<const std::byte> from) {
  if (arrived_bytes_ + from.size() > queue_limit) return false;
  message m = blank(from.size());
  std::memcpy(m.data(), from.data(), from.size());
  arrived_.push_back(std::move(m));
  arrived_bytes_ += from.size();
  task::raise_event();
  return true;
}

std::size_t own_device::receive(std::span<abi::received_frame> out) noexcept {
  std::size_t count = 0;
  while (count < out.size() && next_ < arrived_.size()) {
    message& m = arrived_[next_++];
    arrived_bytes_ -= m.size();
    std::uint32_t place = static_cast<std::uint32_t>(held_.size());
    if (vacant_.empty()) {
      held_.push_back(std::move(m));
    } else {
      place = vacant_.back();
      vacant_.pop_back();
      held_[place] = std::move(m);
    }
    abi::received_frame& frame = out[count++];
    std::memcpy(&frame.header, held_[place].data(), header_size);
    frame.frame = std::span(held_[place]).subspan(header_size);
    frame.buffer = place;
  }
  if (next_ == arrived_.size()) {
    arrived_.clear();
    next_ = 0;
  }
  return count;
}

void own_device::release(const abi::received_frame& frame) noexcept {
  message m = std::exchange(held_[frame.buffer], {});
  vacant_.push_back(frame.buffer);
  if (spare_.size() < spare_limit) spare_.push_back(std::move(m));
}

bool own_device::transmit(const abi::net_header& header,
                          std::span<const std::span<const std::byte>> pieces) noexcept {
  if (leaving_.size() >= leaving_limit) flush();
  std::size_t size = header_size;
  for (const auto piece : pieces) size += piece.size();
  message m = blank(size);
  std::memcpy(m.data(), &header, header_size);
  std::size_t at = header_size;
  for (const auto piece : pieces) {
    std::memcpy(m.data() + at, piece.data(), piece.size());
    at += piece.size();
  }
  leaving_.push_back(std::move(m));
  return true;
}

void own_device::flush() noexcept {
  // What is answered at once (ARP) may make the stack send more, but not before it looks again.
  std::vector<message> going = std::exchange(leaving_, {});
  for (message& m : going) on_message(m);
  on_flushed();
  for (message& m : going)
    if (spare_.size() < spare_limit) spare_.push_back(std::move(m));
}

}  // namespace aster::host
