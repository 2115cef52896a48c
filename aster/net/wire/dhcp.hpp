// DHCP messages (RFC 2131, options RFC 2132), as far as a client says and hears them.
#pragma once
#include <array>
#include <optional>
#include <string_view>

#include "aster/net/address.hpp"
#include "aster/net/wire/byte_order.hpp"

namespace aster::net::wire {

struct dhcp {
  static constexpr std::uint16_t server_port = 67, client_port = 68;
  static constexpr std::size_t fixed_size = 240;    // up to and including the magic cookie
  static constexpr std::size_t largest_size = 548;  // what every server takes (RFC 2131 §2)

  /// Up to so many of a list; what is beyond is not read.
  template <typename Value, std::size_t Capacity>
  struct short_list {
    std::array<Value, Capacity> values{};
    std::uint8_t count = 0;
    std::span<const Value> all() const { return std::span{values}.first(count); }
    void add(const Value& v) {
      if (count < Capacity) values[count++] = v;
    }
    friend bool operator==(const short_list&, const short_list&) = default;
  };
  /// A route to a network (RFC 3442). A router that is unspecified: the network is on the link.
  struct route {
    ipv4_interface network;
    ipv4_address router;
    friend bool operator==(const route&, const route&) = default;
  };

  enum class message : std::uint8_t { discover = 1, offer, request, decline, ack, nak, release, inform };

  message type = message::discover;
  bool is_reply = false;          // BOOTREPLY; ours are BOOTREQUEST
  std::uint32_t transaction = 0;  // xid
  std::uint16_t seconds = 0;      // since the client began
  bool broadcast = false;         // the client cannot take unicast yet
  ipv4_address client;            // ciaddr: the address it has and uses
  ipv4_address yours;             // yiaddr: the address it may have
  mac_address client_mac;         // chaddr

  // options
  std::optional<ipv4_address> requested;   // 50
  std::optional<std::uint32_t> lease;      // 51, seconds; 0xffffffff: for ever
  std::optional<ipv4_address> server;      // 54
  std::optional<std::uint32_t> renewal;    // 58 T1
  std::optional<std::uint32_t> rebinding;  // 59 T2
  std::optional<ipv4_address> mask;        // 1
  std::optional<ipv4_address> router;      // 3, the first
  short_list<ipv4_address, 4> dns;         // 6
  std::optional<std::uint16_t> mtu;        // 26
  short_list<route, 16> routes;            // 121; when it is there, 3 is not to be used
  std::string_view domain;                 // 15; letters, digits, hyphens and dots. Lies in what was parsed
  std::string_view host_name;              // 12; parse leaves it empty

  /// Nothing for messages that are cut short, contradict themselves, have no type, or are for another kind
  /// of hardware. Options in the `file` and `sname` fields are read when option 52 says so.
  static std::optional<dhcp> parse(bytes message);

  /// Writes a message with a list of the options that we want to hear; returns how many bytes, at least
  /// 300 (BOOTP's least length). `out` must hold `largest_size`; at most 64 bytes of host name are told.
  std::size_t emit(mutable_bytes out) const;
  friend bool operator==(const dhcp&, const dhcp&) = default;
};

}  // namespace aster::net::wire
