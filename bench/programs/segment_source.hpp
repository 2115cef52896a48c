// The sender of a bulk transfer, made by hand: whole segments in order, with correct checksums, for a
// receiver that is measured alone. No stack of anybody's is in it.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace bench {

class segment_source {
 public:
  static constexpr std::size_t header_size = 14 + 20 + 20, payload_size = 1460;
  static constexpr std::uint8_t fin = 1, syn = 2, push = 8, ack = 16;
  static constexpr std::array<std::uint8_t, 6> mac{2, 0, 0, 0, 0, 1};
  static constexpr std::array<std::uint8_t, 4> address{10, 0, 0, 1}, receiver{10, 0, 0, 2};

  explicit segment_source(std::array<std::uint8_t, 6> to) {
    std::memcpy(&frame_[0], to.data(), 6);
    std::memcpy(&frame_[6], mac.data(), 6);
    put(12, 0x0800);
    frame_[14] = 0x45;
    put(20, 0x4000);
    frame_[22] = 64;
    frame_[23] = 6;
    std::memcpy(&frame_[26], address.data(), 4);
    std::memcpy(&frame_[30], receiver.data(), 4);
    put(34, 40000);
    put(36, 9);
    frame_[46] = 0x50;
    put(48, 65535);
    for (std::size_t i = header_size; i < frame_.size(); ++i) frame_[i] = static_cast<std::uint8_t>(i);
  }

  /// An ARP answer to whoever asks for our address.
  std::span<const std::uint8_t> arp_answer(std::array<std::uint8_t, 6> to) {
    std::memcpy(&arp_[0], to.data(), 6);
    std::memcpy(&arp_[6], mac.data(), 6);
    constexpr std::array<std::uint8_t, 10> fixed{0x08, 0x06, 0, 1, 8, 0, 6, 4, 0, 2};
    std::memcpy(&arp_[12], fixed.data(), fixed.size());
    std::memcpy(&arp_[22], mac.data(), 6);
    std::memcpy(&arp_[28], address.data(), 4);
    std::memcpy(&arp_[32], to.data(), 6);
    std::memcpy(&arp_[38], receiver.data(), 4);
    return arp_;
  }

  /// A segment without payload.
  std::span<const std::uint8_t> bare(std::uint8_t flags) {
    auto made = make(flags, 0);
    if (flags & syn) ++sequence_;
    return made;
  }
  /// The next segment of data.
  std::span<const std::uint8_t> data() {
    auto made = make(ack, payload_size);
    sequence_ += payload_size;
    return made;
  }

  /// Looks at what the receiver sent; true when it was a SYN-ACK, which is thereby acknowledged.
  bool heard(std::span<const std::uint8_t> frame) {
    if (frame.size() < header_size || frame[12] != 8 || frame[13] != 0 ||
        (frame[47] & (syn | ack)) != (syn | ack))
      return false;
    acknowledged_ = get32(frame, 38) + 1;
    return true;
  }

 private:
  std::span<const std::uint8_t> make(std::uint8_t flags, std::size_t payload) {
    put(16, static_cast<std::uint16_t>(40 + payload));
    put(24, 0);
    put(24, sum(14, 20, 0));
    put(38, static_cast<std::uint16_t>(sequence_ >> 16)), put(40, static_cast<std::uint16_t>(sequence_));
    put(42, static_cast<std::uint16_t>(acknowledged_ >> 16)),
        put(44, static_cast<std::uint16_t>(acknowledged_));
    frame_[47] = flags;
    put(50, 0);
    const auto length = static_cast<std::uint32_t>(20 + payload);
    const std::uint32_t pseudo = word(26) + word(28) + word(30) + word(32) + 6 + length;
    put(50, sum(34, length, pseudo));
    return std::span{frame_}.first(header_size + payload);
  }
  std::uint32_t word(std::size_t at) const {
    return static_cast<std::uint32_t>(frame_[at] << 8 | frame_[at + 1]);
  }
  static std::uint32_t get32(std::span<const std::uint8_t> f, std::size_t at) {
    return std::uint32_t{f[at]} << 24 | std::uint32_t{f[at + 1]} << 16 | std::uint32_t{f[at + 2]} << 8 |
           f[at + 3];
  }
  void put(std::size_t at, std::uint16_t value) {
    frame_[at] = static_cast<std::uint8_t>(value >> 8);
    frame_[at + 1] = static_cast<std::uint8_t>(value);
  }
  std::uint16_t sum(std::size_t begin, std::size_t size, std::uint32_t total) const {
    for (std::size_t i = 0; i < size; i += 2) total += word(begin + i);  // all sizes here are even
    while (total >> 16) total = (total & 0xffff) + (total >> 16);
    return static_cast<std::uint16_t>(~total);
  }

  std::array<std::uint8_t, header_size + payload_size> frame_{};
  std::array<std::uint8_t, 42> arp_{};
  std::uint32_t sequence_ = 1000, acknowledged_ = 0;
};

}  // namespace bench
