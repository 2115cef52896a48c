#include "kernel/virtio/net_driver.hpp"

#include <algorithm>

namespace aster::kernel::virtio {
namespace {

constexpr std::uint16_t receive_index = 0, transmit_index = 1;  // §5.1.2

namespace net_feature {  // §5.1.3
constexpr std::uint64_t checksum = feature::bit(0);
constexpr std::uint64_t guest_checksum = feature::bit(1);
constexpr std::uint64_t mtu = feature::bit(3);
constexpr std::uint64_t mac = feature::bit(5);
constexpr std::uint64_t host_tso4 = feature::bit(11);
constexpr std::uint64_t host_tso6 = feature::bit(12);
constexpr std::uint64_t status = feature::bit(16);
}  // namespace net_feature

enum : std::size_t { mac_offset = 0, status_offset = 6, mtu_offset = 10 };  // §5.1.4
constexpr std::uint16_t link_up = 1;

constexpr std::uint32_t smallest_mtu = 68;                         // RFC 791: every link carries that much
constexpr std::uint32_t frame_overhead = sizeof(abi::net_header) + 14 + 4;  // a VLAN tag may be in it

// What is useful of `offered`, without what depends on something missing.
std::uint64_t choose_features(std::uint64_t offered) noexcept {
  std::uint64_t chosen = feature::event_index | net_feature::checksum | net_feature::guest_checksum | net_feature::mtu |
                         net_feature::mac | net_feature::host_tso4 | net_feature::host_tso6 | net_feature::status;
  if ((offered & net_feature::checksum) == 0) chosen &= ~(net_feature::host_tso4 | net_feature::host_tso6);  // §5.1.3.1
  return offered & chosen;
}

}  // namespace

std::expected<void, start_error> net_driver::start(const net_buffers& buffers) noexcept {
  auto result = agree(transport_, choose_features(transport_.offered_features()))
                    .and_then([&](std::uint64_t features) { return features_ = features, read_configuration(); })
                    .and_then([&] { return give_queues(buffers); });
  if (!result) {
    transport_.set_status(device_status::failed);
    return result;
  }
  let_run(transport_);
  if (receive_.publish()) notify(receive_index);
  return {};
}

std::expected<void, start_error> net_driver::read_configuration() noexcept {
  std::uint32_t mtu = 1500;
  bool steady = false;
  for (int attempt = 0; attempt < 16 && !steady; ++attempt) {
    const auto generation = transport_.configuration_generation();
    if ((features_ & net_feature::mac) != 0)
      for (std::size_t i = 0; i < info_.mac.size(); ++i) info_.mac[i] = transport_.configuration8(mac_offset + i);
    if ((features_ & net_feature::mtu) != 0) mtu = transport_.configuration16(mtu_offset);
    steady = transport_.configuration_generation() == generation;
  }
  if (!steady || mtu < smallest_mtu) return std::unexpected(start_error::bad_configuration);
  if ((features_ & net_feature::mac) == 0 || (info_.mac[0] & 1) != 0)  // a group address is nobody's own
    return std::unexpected(start_error::bad_configuration);
  info_.mtu = static_cast<std::uint16_t>(mtu);
  info_.checksum_offload = (features_ & net_feature::checksum) != 0;
  info_.tso4 = (features_ & net_feature::host_tso4) != 0;
  info_.tso6 = (features_ & net_feature::host_tso6) != 0;
  info_.receive_offload = (features_ & net_feature::guest_checksum) != 0;
  return {};
}

std::expected<void, start_error> net_driver::give_queues(const net_buffers& buffers) noexcept {
  if (!transport_.connect_interrupt(
          [](void* self) {
            auto& driver = *static_cast<net_driver*>(self);
            driver.interrupts_ = driver.interrupts_ + 1;
          },
          this))
    return std::unexpected(start_error::no_interrupt);

  // A buffer holds a whole frame; a device with a larger MTU gets fewer of them.
  const std::uint32_t receive_size = std::max(buffers.receive_size, (info_.mtu + frame_overhead + 63) & ~63u);
  const unsigned receive_count =
      std::clamp<unsigned>(static_cast<unsigned>(std::uint64_t{buffers.receive} * buffers.receive_size / receive_size),
                           16, queue::largest_size);
  const auto received = give_queue(transport_, env_, receive_.queue(), receive_index, receive_count, features_);
  if (!received) return std::unexpected(received.error());
  const auto sent = give_queue(transport_, env_, transmit_.queue(), transmit_index, buffers.transmit, features_);
  if (!sent) return std::unexpected(sent.error());

  auto* in = static_cast<std::byte*>(env_.allocate_dma(std::size_t{*received} * receive_size));
  auto* out = static_cast<std::byte*>(env_.allocate_dma(std::size_t{*sent} * buffers.transmit_size));
  if (in == nullptr || out == nullptr) return std::unexpected(start_error::no_memory);
  receive_.attach(in, env_.physical_address(in), *received, receive_size, info_.receive_offload);
  transmit_.attach(out, env_.physical_address(out), *sent, buffers.transmit_size);
  return {};
}

void net_driver::set_configuration(const char* configuration, std::uint16_t mtu) noexcept {
  info_.configuration = configuration;
  if (mtu >= smallest_mtu && mtu < info_.mtu) info_.mtu = mtu;
}

std::size_t net_driver::receive(std::span<abi::received_frame> out) noexcept {
  if (receive_.publish()) notify(receive_index);
  const std::size_t n = receive_.receive(out);
  counters_.received += n;
  if (receive_.queue().failed()) [[unlikely]] report_failure();
  return n;
}

void net_driver::release(const abi::received_frame& frame) noexcept { receive_.release(frame.buffer); }

bool net_driver::transmit(const abi::net_header& header,
                          std::span<const std::span<const std::byte>> pieces) noexcept {
  auto outcome = transmit_.transmit(header, pieces);
  if (outcome == transmit_ring::outcome::full) {
    // The device may be idle because it has not been told of this batch yet.
    if (transmit_.publish()) notify(transmit_index);
    outcome = transmit_.transmit(header, pieces);
  }
  if (transmit_.queue().failed()) [[unlikely]] {
    report_failure();
    ++counters_.transmit_dropped;
    return true;
  }
  switch (outcome) {
    case transmit_ring::outcome::taken: ++counters_.sent; return true;
    case transmit_ring::outcome::full: ++counters_.transmit_full; return false;
    case transmit_ring::outcome::impossible: ++counters_.transmit_dropped; return true;
  }
  return true;
}

void net_driver::flush() noexcept {
  if (transmit_.publish()) notify(transmit_index);
  if (receive_.publish()) notify(receive_index);
}

bool net_driver::arm() noexcept {
  flush();
  const bool arrived = receive_.queue().arm();
  const bool room = transmit_.arm();
  return arrived || room;
}

void net_driver::disarm() noexcept {
  receive_.queue().disarm();
  transmit_.disarm();
}

bool net_driver::link_is_up() noexcept {
  if ((transport_.status() & device_status::needs_reset) != 0) return false;
  return (features_ & net_feature::status) == 0 || (transport_.configuration16(status_offset) & link_up) != 0;
}

net_counters net_driver::counters() const noexcept {
  net_counters now = counters_;
  now.receive_dropped = receive_.dropped();
  now.interrupts = interrupts_;
  return now;
}

void net_driver::notify(std::uint16_t queue_index) noexcept {
  ++counters_.notifications;
  transport_.notify(queue_index);
}

void net_driver::report_failure() noexcept {
  if (reported_) return;
  reported_ = true;
  transport_.set_status(device_status::failed);
  env_.note("virtio: the network device broke the protocol and is ignored from here on");
}

}  // namespace aster::kernel::virtio
