#include "aster/net/transit_packet.hpp"

#include "aster/net/wire/checksum.hpp"
#include "aster/net/wire/icmp.hpp"
#include "aster/net/wire/ipv4.hpp"

namespace aster::net {

namespace {

bool is_echo(std::uint8_t type) { return type == wire::icmp::echo_request || type == wire::icmp::echo_reply; }

// Where the two ports of what lies at `transport` are; nothing when it has none or is too short.
std::optional<std::pair<std::size_t, std::size_t>> ports_at(wire::bytes packet, std::size_t transport,
                                                            std::uint8_t protocol) {
  if (packet.size() < transport + 8) return std::nullopt;
  if (protocol == wire::ipv4::tcp || protocol == wire::ipv4::udp) return std::pair{transport, transport + 2};
  if (protocol == wire::ipv4::icmp && is_echo(wire::load8(packet, transport)))
    return std::pair{transport + 4, transport + 4};
  return std::nullopt;
}

}  // namespace

transit_packet::transit_packet(wire::mutable_bytes packet, bool partial, std::string_view from)
    : packet_(packet), from_(from), partial_(partial) {
  const std::size_t transport = std::size_t{wire::load8(packet, 0) & 15u} * 4;
  const std::size_t left = packet.size() - transport;
  if (const auto ports = ports_at(packet, transport, protocol())) {
    source_port_ = ports->first;
    destination_port_ = ports->second;
  }
  if (protocol() == wire::ipv4::tcp && left >= wire::tcp::least_size) {
    checksum_ = transport + wire::tcp::checksum_offset;
    covers_addresses_ = true;
  } else if (protocol() == wire::ipv4::tcp) {
    source_port_ = destination_port_ = 0;  // cut short: nothing to look at
  } else if (protocol() == wire::ipv4::udp && left >= 8) {
    // Zero: the sender took none (RFC 768); a device's sum is never that.
    if (wire::load16(packet, transport + 6) != 0 || partial) checksum_ = transport + 6;
    covers_addresses_ = true;
  } else if (protocol() == wire::ipv4::icmp && left >= wire::icmp::size) {
    checksum_ = transport + 2;
    const std::size_t inner = transport + wire::icmp::size;
    const wire::icmp message{.type = wire::load8(packet, transport), .payload = {}};
    if (!message.is_error() || packet.size() < inner + wire::ipv4::size) return;
    const std::uint8_t first = wire::load8(packet, inner);
    const std::size_t header = std::size_t{first & 15u} * 4;
    if (first >> 4 != 4 || header < wire::ipv4::size) return;
    if (const auto ports = ports_at(packet, inner + header, wire::load8(packet, inner + 9))) {
      quoted_ = inner;
      quoted_source_port_ = ports->first;
      quoted_destination_port_ = ports->second;
    }
  }
}

ipv4_endpoint transit_packet::end_at(std::size_t address, std::size_t port) const {
  return {ipv4_address{wire::load32(packet_, address)},
          port != 0 ? wire::load16(packet_, port) : std::uint16_t{0}};
}

wire::tcp_flags transit_packet::flags() const {
  if (protocol() != wire::ipv4::tcp || source_port_ == 0) return {};
  const std::uint8_t bits = wire::load8(packet_, source_port_ + 13);
  return {.fin = (bits & 1) != 0,
          .syn = (bits & 2) != 0,
          .rst = (bits & 4) != 0,
          .psh = (bits & 8) != 0,
          .ack = (bits & 16) != 0};
}

bool transit_packet::is_echo_request() const {
  return protocol() == wire::ipv4::icmp && source_port_ != 0 &&
         wire::load8(packet_, source_port_ - 4) == wire::icmp::echo_request;
}

// HC' = ~(~HC + ~m + m') (RFC 1624 §3). A sum that a device completes is not complemented yet.
void transit_packet::mend(std::size_t at, std::uint16_t before, std::uint16_t after, bool is_sum) {
  std::uint32_t sum =
      is_sum ? wire::load16(packet_, at) : static_cast<std::uint16_t>(~wire::load16(packet_, at));
  sum += static_cast<std::uint16_t>(~before) + std::uint32_t{after};
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  std::uint16_t value = is_sum ? static_cast<std::uint16_t>(sum) : static_cast<std::uint16_t>(~sum);
  if (value == 0 && !is_sum && protocol() == wire::ipv4::udp && at == checksum_) value = 0xffff;
  wire::store16(packet_, at, value);
}

void transit_packet::put16(std::size_t at, std::uint16_t value, bool in_ip_header, bool in_pseudo_header) {
  const std::uint16_t before = wire::load16(packet_, at);
  if (before == value) return;
  wire::store16(packet_, at, value);
  if (in_ip_header) mend(10, before, value, false);
  // What a device completes holds the pseudo header alone.
  if (checksum_ != 0 && (in_ip_header ? in_pseudo_header : !partial_))
    mend(checksum_, before, value, partial_);
}

void transit_packet::set_end(std::size_t address, std::size_t port, const ipv4_endpoint& end) {
  put16(address, static_cast<std::uint16_t>(end.address.value >> 16), true, covers_addresses_);
  put16(address + 2, static_cast<std::uint16_t>(end.address.value), true, covers_addresses_);
  if (port != 0) put16(port, end.port, false, false);
}

// The quoted packet is part of what ICMP's checksum covers; its own header has one besides. That of its
// transport is left alone: it is mostly cut off, and nobody looks at it.
void transit_packet::set_quoted(std::size_t address, std::size_t port, const ipv4_endpoint& end) {
  const auto put = [&](std::size_t at, std::uint16_t value) {
    const std::uint16_t before = wire::load16(packet_, at);
    wire::store16(packet_, at, value);
    mend(checksum_, before, value, false);
    return before;
  };
  for (int half = 0; half < 2; ++half) {
    const auto value = static_cast<std::uint16_t>(end.address.value >> (half == 0 ? 16 : 0));
    const std::uint16_t before = put(quoted_ + address + static_cast<std::size_t>(half) * 2, value);
    const std::uint16_t header = wire::load16(packet_, quoted_ + 10);
    mend(quoted_ + 10, before, value, false);
    mend(checksum_, header, wire::load16(packet_, quoted_ + 10), false);
  }
  put(port, end.port);
}

}  // namespace aster::net
