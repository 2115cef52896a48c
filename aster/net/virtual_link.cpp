#include "aster/net/virtual_link.hpp"

#include <algorithm>
#include <cstring>

#include "aster/net/wire/checksum.hpp"
#include "aster/net/wire/ethernet.hpp"
#include "aster/net/wire/ipv4.hpp"
#include "aster/net/wire/ipv6.hpp"
#include "aster/net/wire/tcp.hpp"

namespace aster::net {

class virtual_link::end final : public abi::net_device {
 public:
  end(virtual_link& link, bool is_left, const link_ends& ends) : link_(link), is_left_(is_left) {
    info_.mac = {0x52, 0x54, 0, 0, 0, static_cast<std::uint8_t>(is_left ? 1 : 2)};
    info_.mtu = ends.mtu;
    info_.checksum_offload = ends.checksum_offload;
    info_.tso4 = info_.tso6 = ends.tso;
    info_.receive_offload = ends.receive_offload;
    info_.configuration = is_left ? ends.left_configuration : ends.right_configuration;
    depth_ = ends.transmit_depth;
  }

  const abi::net_info& info() const noexcept override { return info_; }

  std::size_t receive(std::span<abi::received_frame> out) noexcept override {
    std::size_t n = 0;
    while (n < out.size() && !arrived_.empty()) {
      const std::uint32_t name = next_name_++;
      frame& f = held_.emplace(name, std::move(arrived_.front())).first->second;
      arrived_.pop_front();
      out[n++] = {f.header, f.bytes, name};
    }
    return n;
  }

  void release(const abi::received_frame& frame) noexcept override { held_.erase(frame.buffer); }

  bool transmit(const abi::net_header& header,
                std::span<const std::span<const std::byte>> pieces) noexcept override {
    if (queued_ == depth_) return false;
    ++queued_;
    std::vector<std::byte> bytes;
    for (const auto piece : pieces) bytes.insert(bytes.end(), piece.begin(), piece.end());
    link_.send(is_left_, header, std::move(bytes));
    return true;
  }

  void flush() noexcept override { queued_ = 0; }

  void arrive(frame f) { arrived_.push_back(std::move(f)); }
  std::size_t held() const { return held_.size(); }

 private:
  virtual_link& link_;
  bool is_left_;
  abi::net_info info_;
  std::deque<frame> arrived_;
  std::map<std::uint32_t, frame> held_;
  std::uint32_t next_name_ = 0;
  std::size_t queued_ = 0;
  std::size_t depth_;
};

virtual_link::virtual_link(std::uint64_t seed, const link_faults& faults, const link_ends& ends)
    : faults_(faults),
      ends_(ends),
      random_({seed, 77}),
      left_(std::make_unique<end>(*this, true, ends)),
      right_(std::make_unique<end>(*this, false, ends)) {}

virtual_link::~virtual_link() = default;
abi::net_device& virtual_link::left() { return *left_; }
abi::net_device& virtual_link::right() { return *right_; }
std::size_t virtual_link::unreleased() const { return left_->held() + right_->held(); }

bool virtual_link::chance(double probability) {
  return probability > 0 && random_.next32() < probability * 4294967296.0;
}

void virtual_link::send(bool from_left, const abi::net_header& header, std::vector<std::byte> bytes) {
  if (tap) tap(from_left, header, bytes);
  if (header.gso_type != abi::net_header::gso_none && !ends_.receive_offload) {
    segment(from_left, header, bytes);
  } else if (header.flags == abi::net_header::needs_checksum && !ends_.receive_offload) {
    wire::checksum sum;
    sum.add(std::span{bytes}.subspan(header.checksum_start));
    wire::store16(bytes, header.checksum_start + header.checksum_offset, sum.value());
    launch({from_left, {}, std::move(bytes)});
  } else {
    launch({from_left, header, std::move(bytes)});
  }
  if (sent) sent();
}

// What a network card with TSO does: the header again and again, with other numbers.
void virtual_link::segment(bool from_left, const abi::net_header& header, std::span<const std::byte> bytes) {
  const auto packet = bytes.subspan(wire::ethernet::size);
  const bool is_ipv6 = wire::load8(packet, 0) >> 4 == 6;
  const std::size_t ip_size = is_ipv6 ? wire::ipv6::size : wire::ipv4::size;
  const std::size_t packet_headroom = wire::ethernet::size + ip_size;
  ip_address source, destination;
  if (is_ipv6) {
    const auto ip = wire::ipv6::parse(packet);
    source = ip->header.source;
    destination = ip->header.destination;
  } else {
    const auto ip = wire::ipv4::parse(packet);
    source = ip->header.source;
    destination = ip->header.destination;
  }
  const auto tcp = wire::tcp::parse(packet.subspan(ip_size), source, destination, false);
  const std::size_t head = bytes.size() - tcp->payload.size();
  for (std::size_t at = 0; at < tcp->payload.size(); at += header.segment_size) {
    const auto part =
        tcp->payload.subspan(at, std::min<std::size_t>(header.segment_size, tcp->payload.size() - at));
    const bool last = at + part.size() == tcp->payload.size();
    std::vector<std::byte> one(bytes.begin(), bytes.begin() + static_cast<long>(head));
    one.insert(one.end(), part.begin(), part.end());
    const auto size = static_cast<std::uint16_t>(one.size() - packet_headroom);
    const auto one_packet = std::span{one}.subspan(wire::ethernet::size);
    if (is_ipv6) {
      wire::store16(one_packet, 4, size);
    } else {
      wire::ipv4 h = wire::ipv4::parse(packet)->header;
      h.payload_size = size;
      h.emit(one_packet);
    }
    wire::tcp t = tcp->header;
    t.sequence += static_cast<std::uint32_t>(at);
    t.flags.fin = t.flags.fin && last;
    t.flags.psh = t.flags.psh && last;
    const auto transport = std::span{one}.subspan(packet_headroom);
    t.emit(transport);
    wire::checksum sum = wire::pseudo_header(source, destination, wire::ipv4::tcp, transport.size());
    sum.add(transport);
    wire::store16(transport, wire::tcp::checksum_offset, sum.value());
    launch({from_left, {}, std::move(one)});
  }
}

// What a router under load does to a packet that says it may.
void virtual_link::mark(std::span<std::byte> frame) {
  const auto packet = frame.subspan(wire::ethernet::size);
  if (wire::load8(packet, 0) >> 4 == 6) {
    const auto ip = wire::ipv6::parse(packet);
    if (ip && (ip->header.traffic_class & wire::ipv4::congestion_bits) == wire::ipv4::marks_understood)
      wire::store8(
          packet, 1,
          static_cast<std::uint8_t>(wire::load8(packet, 1) | wire::ipv4::congestion_experienced << 4));
    return;
  }
  auto ip = wire::ipv4::parse(packet);
  if (!ip || (ip->header.traffic_class & wire::ipv4::congestion_bits) != wire::ipv4::marks_understood) return;
  ip->header.traffic_class |= wire::ipv4::congestion_experienced;
  ip->header.emit(packet);
}

std::optional<duration> virtual_link::wait(bool from_left, std::size_t size) {
  if (faults_.rate <= 0) return duration::zero();
  time_point& free_at = free_at_[from_left];
  const duration queue = std::max(free_at, now_) - now_;
  if (std::chrono::duration<double>(queue).count() * faults_.rate + static_cast<double>(size) >
      static_cast<double>(faults_.buffer))
    return std::nullopt;
  free_at =
      now_ + queue + duration{static_cast<std::int64_t>(static_cast<double>(size) * 1e9 / faults_.rate)};
  return free_at - now_;
}

void virtual_link::launch(frame f) {
  ++frames_;
  if (cut_ || chance(faults_.loss) || count_[f.from_left] >= faults_.queue_limit) return;
  const std::optional<duration> queued = wait(f.from_left, f.bytes.size());
  if (!queued) return;
  const int copies = chance(faults_.duplication) ? 2 : 1;
  for (int i = 0; i < copies; ++i) {
    frame copy = f;
    const std::uint16_t type =
        copy.bytes.size() > wire::ethernet::size ? wire::load16(copy.bytes, 12) : std::uint16_t{0};
    const bool is_ip = type == wire::ethernet::type_ipv4 || type == wire::ethernet::type_ipv6;
    if (is_ip && chance(faults_.marking)) mark(copy.bytes);
    if (is_ip && copy.header.flags == 0 && chance(faults_.corruption)) {
      const auto size = static_cast<std::uint32_t>(copy.bytes.size() - wire::ethernet::size);
      const std::uint32_t bit = random_.below(size * 8);
      copy.bytes[wire::ethernet::size + bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
    }
    duration late = faults_.delay + *queued;
    if (faults_.jitter > duration::zero()) late += faults_.jitter * random_.below(1000) / 1000;
    if (chance(faults_.reordering)) late += faults_.held_back * random_.below(1000) / 1000;
    ++count_[copy.from_left];
    under_way_.emplace(now_ + late, std::move(copy));
  }
}

bool virtual_link::deliver(time_point now) {
  now_ = now;
  bool any = false;
  while (!under_way_.empty() && under_way_.begin()->first <= now) {
    frame f = std::move(under_way_.begin()->second);
    under_way_.erase(under_way_.begin());
    --count_[f.from_left];
    (f.from_left ? *right_ : *left_).arrive(std::move(f));
    any = true;
  }
  return any;
}

}  // namespace aster::net
