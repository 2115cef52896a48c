// For tests: a network device in the same process, as virtio 1.2 describes it, and the kernel around it.
//
// The device works only when told to (`deliver`, `take_sent`), reads and writes the rings by its own idea of
// their layout, and counts what a real one would cost: notifications and interrupts. Its addresses differ
// from the program's, so that one which was not translated is noticed.
#pragma once
#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "abi/net_device.hpp"
#include "kernel/virtio/transport.hpp"

namespace aster::kernel::virtio::testing {

inline constexpr std::uint64_t bus_offset = 0x40'0000'0000;  // bus address minus program address

inline std::byte* from_bus(std::uint64_t address) { return reinterpret_cast<std::byte*>(address - bus_offset); }
inline std::uint64_t to_bus(const void* address) { return reinterpret_cast<std::uint64_t>(address) + bus_offset; }

class test_environment : public environment {
 public:
  std::uint64_t physical_address(const void* address) noexcept override { return to_bus(address); }
  void* allocate_dma(std::size_t bytes) noexcept override {
    if (bytes > memory_left) return nullptr;
    memory_left -= bytes;
    void* memory = std::aligned_alloc(4096, (bytes + 4095) & ~std::size_t{4095});
    std::memset(memory, 0xa5, (bytes + 4095) & ~std::size_t{4095});
    allocations_.emplace_back(memory, &std::free);
    return memory;
  }
  volatile void* map_registers(std::uint64_t physical, std::size_t bytes) noexcept override {
    for (auto& [base, memory] : registers)
      if (physical >= base && physical + bytes <= base + memory.size()) return memory.data() + (physical - base);
    return nullptr;
  }
  bool connect_line(unsigned gsi, interrupt_handler handler, void* argument) noexcept override {
    if (!interrupts_left) return false;
    line = gsi;
    handler_ = handler;
    argument_ = argument;
    return true;
  }
  std::optional<interrupt_message> connect_message(interrupt_handler handler, void* argument) noexcept override {
    if (!interrupts_left) return std::nullopt;
    handler_ = handler;
    argument_ = argument;
    return interrupt_message{.address = 0xfee0'0000, .data = 0x31};
  }
  void note(std::string_view text) noexcept override { notes.emplace_back(text); }

  void raise() { handler_(argument_); }

  std::size_t memory_left = std::size_t{64} << 20;
  bool interrupts_left = true;
  unsigned line = 0;
  std::vector<std::string> notes;
  std::vector<std::pair<std::uint64_t, std::vector<std::byte>>> registers;  // what is mapped at which address

 private:
  std::vector<std::unique_ptr<void, decltype(&std::free)>> allocations_;
  interrupt_handler handler_ = nullptr;
  void* argument_ = nullptr;
};

/// The device's side of one queue.
class fake_queue {
 public:
  struct segment {
    std::byte* data;
    std::uint32_t length;
    bool writable;
  };
  struct chain {
    std::uint16_t head = 0;
    std::vector<segment> segments;
  };

  void attach(const queue_addresses& at, unsigned size, bool event_index) {
    descriptors_ = from_bus(at.descriptors);
    available_ = from_bus(at.available);
    used_ = from_bus(at.used);
    size_ = size;
    event_index_ = event_index;
  }
  bool attached() const { return size_ != 0; }
  unsigned size() const { return size_; }

  /// The next chain that the driver has offered. With none: says that it wants to be notified of the next.
  std::optional<chain> next() {
    if (read16(available_ + 2) == last_available_) {
      if (event_index_) write16(used_ + 4 + 8 * size_, last_available_);
      else write16(used_, 0);
      if (read16(available_ + 2) == last_available_) return std::nullopt;
    }
    if (!event_index_) write16(used_, 1);
    chain c;
    c.head = read16(available_ + 4 + 2 * (last_available_++ % size_));
    for (std::uint16_t i = c.head;;) {
      if (i >= size_ || c.segments.size() > size_) throw std::runtime_error("the driver made a chain that cannot be");
      const std::byte* d = descriptors_ + std::size_t{16} * i;
      std::uint64_t address;
      std::uint32_t length;
      std::memcpy(&address, d, 8);
      std::memcpy(&length, d + 8, 4);
      const std::uint16_t flags = read16(d + 12);
      c.segments.push_back({from_bus(address), length, (flags & 2) != 0});
      if ((flags & 1) == 0) break;
      i = read16(d + 14);
    }
    return c;
  }

  /// Gives a chain back; whether the driver wants an interrupt for it.
  bool give_back(std::uint32_t head, std::uint32_t length) {
    put_used(head, length);
    const std::uint16_t before = used_index_++;
    write16(used_ + 2, used_index_);
    if (!event_index_) return (read16(available_) & 1) == 0;
    const std::uint16_t event = read16(available_ + 4 + 2 * size_);
    return static_cast<std::uint16_t>(used_index_ - event - 1) < static_cast<std::uint16_t>(used_index_ - before);
  }

  // What a device that breaks the protocol may do.
  void put_used(std::uint32_t head, std::uint32_t length) {
    std::byte* entry = used_ + 4 + 8 * (used_index_ % size_);
    std::memcpy(entry, &head, 4);
    std::memcpy(entry + 4, &length, 4);
  }
  void claim(std::uint16_t index) { write16(used_ + 2, used_index_ = index); }
  std::uint16_t used_index() const { return used_index_; }
  void scribble_on_descriptors(std::byte with) {
    std::memset(descriptors_, static_cast<int>(with), std::size_t{16} * size_);
  }

 private:
  static std::uint16_t read16(const std::byte* at) {
    std::uint16_t value;
    std::memcpy(&value, at, 2);
    return value;
  }
  static void write16(std::byte* at, std::uint16_t value) { std::memcpy(at, &value, 2); }

  std::byte* descriptors_ = nullptr;
  std::byte* available_ = nullptr;
  std::byte* used_ = nullptr;
  unsigned size_ = 0;
  bool event_index_ = false;
  std::uint16_t last_available_ = 0;
  std::uint16_t used_index_ = 0;
};

/// A network device whose registers are this class.
class fake_network : public transport {
 public:
  struct frame {
    abi::net_header header;
    std::vector<std::byte> bytes;  // from the Ethernet header
  };

  explicit fake_network(std::uint64_t offers) : offered(offers) {}

  // What the device is.
  std::uint64_t offered;
  std::array<std::byte, 16> configuration{std::byte{0x52}, std::byte{0x54}, std::byte{0}, std::byte{0x12},
                                          std::byte{0x34}, std::byte{0x56}, std::byte{1}};
  std::uint16_t largest = 1024;
  bool refuses_features = false;
  bool never_resets = false;

  // What has happened to it.
  std::vector<std::uint8_t> statuses;
  std::uint64_t accepted = 0;
  std::array<fake_queue, 2> queues;
  std::array<unsigned, 2> notified{};
  unsigned interrupts = 0;

  bool event_index() const { return (accepted & feature::event_index) != 0; }

  /// A frame arrives; false when the driver has no buffer for it.
  bool deliver(const std::vector<std::byte>& bytes, abi::net_header header = {.buffers = 1}) {
    auto chain = queues[0].next();
    if (!chain) return false;
    std::vector<std::byte> all(sizeof header + bytes.size());
    std::memcpy(all.data(), &header, sizeof header);
    std::copy(bytes.begin(), bytes.end(), all.begin() + sizeof header);
    std::size_t done = 0;
    for (const auto& s : chain->segments) {
      if (!s.writable) throw std::runtime_error("a receive buffer that the device may not write");
      const auto n = std::min<std::size_t>(s.length, all.size() - done);
      std::memcpy(s.data, all.data() + done, n);
      done += n;
    }
    if (done != all.size()) throw std::runtime_error("a receive buffer that is too small");
    if (queues[0].give_back(chain->head, static_cast<std::uint32_t>(all.size()))) interrupt();
    return true;
  }

  /// Sends one frame that the driver has queued, and gives its buffers back at once unless `keep`.
  std::optional<frame> take_sent(std::vector<std::uint16_t>* keep = nullptr) {
    auto chain = queues[1].next();
    if (!chain) return std::nullopt;
    std::vector<std::byte> all;
    for (const auto& s : chain->segments) {
      if (s.writable) throw std::runtime_error("a transmit buffer that the device may write");
      all.insert(all.end(), s.data, s.data + s.length);
    }
    frame f;
    if (all.size() < sizeof f.header) throw std::runtime_error("a frame without a header");
    std::memcpy(&f.header, all.data(), sizeof f.header);
    f.bytes.assign(all.begin() + sizeof f.header, all.end());
    if (keep != nullptr) keep->push_back(chain->head);
    else give_back_sent(chain->head);
    return f;
  }
  void give_back_sent(std::uint16_t head) {
    if (queues[1].give_back(head, 0)) interrupt();
  }

  // transport
  std::uint8_t status() noexcept override {
    std::uint8_t now = statuses.empty() || statuses.back() != 0 || never_resets ? last_status_ : std::uint8_t{0};
    if (refuses_features) now &= static_cast<std::uint8_t>(~device_status::features_ok);
    return now;
  }
  void set_status(std::uint8_t status) noexcept override {
    statuses.push_back(status);
    if (status != 0 || !never_resets) last_status_ = status;
    else last_status_ = 1;
  }
  std::uint64_t offered_features() noexcept override { return offered; }
  void accept_features(std::uint64_t features) noexcept override { accepted = features; }
  std::uint8_t configuration8(std::size_t offset) noexcept override {
    return static_cast<std::uint8_t>(configuration.at(offset));
  }
  std::uint16_t configuration16(std::size_t offset) noexcept override {
    return static_cast<std::uint16_t>(configuration8(offset) | configuration8(offset + 1) << 8);
  }
  std::uint32_t configuration_generation() noexcept override { return 0; }
  std::uint16_t largest_queue(std::uint16_t index) noexcept override { return index < 2 ? largest : std::uint16_t{0}; }
  bool enable_queue(std::uint16_t index, std::uint16_t size, const queue_addresses& at) noexcept override {
    queues.at(index).attach(at, size, event_index());
    return true;
  }
  bool connect_interrupt(interrupt_handler handler, void* argument) noexcept override {
    handler_ = handler;
    argument_ = argument;
    return true;
  }
  void notify(std::uint16_t index) noexcept override { ++notified.at(index); }

 private:
  void interrupt() {
    ++interrupts;
    handler_(argument_);
  }

  std::uint8_t last_status_ = 0;
  interrupt_handler handler_ = nullptr;
  void* argument_ = nullptr;
};

}  // namespace aster::kernel::virtio::testing
