// What a network driver offers to the stack, and nothing more: frames in, frames out, batched.
//
// Every target speaks it: virtio under a hypervisor, a tap or a datagram socket in the sandbox and in a
// plain process. Offloads are described as virtio does it (virtio 1.2, §5.1.6), also on a tap.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace aster::abi {

/// struct virtio_net_hdr_v1 (virtio 1.2, §5.1.6), little endian, in front of every frame on every device.
struct net_header {
  enum : std::uint8_t { needs_checksum = 1, data_valid = 2 };                                  // flags
  enum : std::uint8_t { gso_none = 0, gso_tcpv4 = 1, gso_udp = 3, gso_tcpv6 = 4, gso_udp_l4 = 5, gso_ecn = 0x80 };
  std::uint8_t flags = 0;
  std::uint8_t gso_type = gso_none;
  std::uint16_t header_length = 0;    // Ethernet + IP + TCP header bytes, a hint for segmentation
  std::uint16_t segment_size = 0;     // payload bytes per segment when gso_type is not none
  std::uint16_t checksum_start = 0;   // from the first byte of the frame, when needs_checksum
  std::uint16_t checksum_offset = 0;  // from checksum_start
  std::uint16_t buffers = 0;
};
static_assert(sizeof(net_header) == 12);

struct net_info {
  std::array<std::uint8_t, 6> mac{};
  std::uint16_t mtu = 1500;       // largest IP packet
  bool checksum_offload = false;  // transmit: the device completes checksums (needs_checksum allowed)
  bool tso4 = false;              // transmit: TCP over IPv4 up to 64 KiB in one frame (gso_tcpv4)
  bool tso6 = false;
  bool receive_offload = false;   // receive: frames may carry needs_checksum/data_valid and GSO sizes
  /// What `aster run --net` said beyond the device itself, as "ip=10.0.0.2/24,gateway=10.0.0.1,dns=…";
  /// empty: configure by DHCP.
  const char* configuration = "";
};

/// One frame that arrived. `frame` starts at the Ethernet header and lies in driver memory that the
/// receiver may read and write until it gives the frame back with `release`.
struct received_frame {
  net_header header;
  std::span<std::byte> frame;
  std::uint32_t buffer = 0;  // the driver's name for the memory
};

class net_device {
 public:
  virtual const net_info& info() const noexcept = 0;

  /// Takes up to `out.size()` frames that have arrived; returns how many. Never blocks.
  virtual std::size_t receive(std::span<received_frame> out) noexcept = 0;

  /// Gives the memory of a received frame back to the device. Each received frame exactly once, in any
  /// order; a receiver that holds all of them (`receive_depth`) stops the device from receiving.
  virtual void release(const received_frame& frame) noexcept = 0;

  /// Queues one frame, given in pieces, for sending. The pieces need to live only until this returns.
  /// Returns false when the device is full: nothing was taken, and `platform::wait` will return when there
  /// is room again. The frame may be held back until `flush`.
  [[nodiscard]] virtual bool transmit(const net_header& header,
                                      std::span<const std::span<const std::byte>> pieces) noexcept = 0;

  /// Tells the device about everything queued since the last flush: at most one doorbell or system call
  /// where the transport allows it.
  virtual void flush() noexcept = 0;

 protected:
  ~net_device() = default;
};

}  // namespace aster::abi
