// The IPv6 half of an interface: its addresses, its neighbours, its groups, and packets in both directions.
//
// What is between this host and its link (neighbour discovery, routers, multicast reports, echo) is dealt
// with here; what passes is handed on as an `inbound6` packet. Redirects are ignored: on a network with one
// way out they save nothing, and anybody on the link can forge them.
#pragma once
#include <optional>
#include <vector>

#include "abi/net_device.hpp"
#include "aster/net/autoconfiguration.hpp"
#include "aster/net/fragmentation.hpp"
#include "aster/net/multicast_listeners.hpp"
#include "aster/net/neighbours.hpp"
#include "aster/net/packet.hpp"
#include "aster/net/rate_limit.hpp"
#include "aster/net/reassembly.hpp"
#include "aster/net/wire/ipv6.hpp"

namespace aster::net {

class interface;

/// A checked IPv6 packet for us, whole. What it names is valid until the next one arrives.
struct inbound6 {
  wire::ipv6 header;
  wire::bytes packet;          // from the IP header on
  wire::bytes payload;         // behind all extension headers
  std::size_t next_field = 6;  // where the byte lies that names the payload's protocol
  bool verify = true;          // the transport's checksum is to be checked
  bool to_all = false;         // sent to a group
  bool in_fragments = false;   // it had a fragment header, or several
  mac_address from{};          // who put it on the link
};

class interface6 {
 public:
  interface6(interface& link, const autoconfiguration_options& options, counters& counts,
             random_source& random);

  void start(time_point now);

  static bool takes(const abi::received_frame& frame);
  /// Checks a frame that it `takes`. Nothing: no packet for the layers above. May throw std::bad_alloc, which
  /// loses the frame.
  std::optional<inbound6> arrived(const abi::received_frame& frame, time_point now);

  packet_sink::result send(packet& p, time_point now);

  /// Tells the sender of `packet`, from its IP header on, what is wrong with it. Rate limited; never about
  /// errors, nor about packets to groups unless `even_group` (RFC 4443 §2.4 e).
  void send_error(wire::bytes packet, std::uint8_t type, std::uint8_t code, std::uint32_t rest,
                  time_point now, bool even_group = false);

  /// Runs timers; `failed(address)` for neighbours that do not answer.
  template <typename Function>
  void expired(time_point now, Function&& failed) {
    now_ = now;
    fragments_.expired(now, [&](wire::bytes about) { send_incomplete(about, now); });
    const auto due = neighbours_.expired(now);
    for (const auto& q : due.questions) ask(q.about.v6(), q.to, now);
    for (const auto& a : due.failed) {
      failed(a);
      configuration_.router_silent(a.v6());
    }
    say_what_is_due(now);
  }
  time_point deadline() const;

  const autoconfiguration& state() const { return configuration_; }
  multicast_listeners& groups() { return groups_; }
  std::optional<ipv6_address> source_for(const ipv6_address& destination) const {
    return configuration_.source_for(destination, now_);
  }
  std::optional<ipv6_interface> address() const { return configuration_.global(now_); }
  /// The largest packet that the link takes.
  std::uint16_t mtu() const;

 private:
  std::optional<wire::ipv6::parsed> put_together(const wire::ipv6::parsed& fragment, wire::bytes packet,
                                                 time_point now);
  bool is_for_link(const inbound6& in, time_point now);
  void solicitation_arrived(const inbound6& in, const wire::icmpv6& m, time_point now);
  void advertisement_arrived(const inbound6& in, const wire::icmpv6& m, time_point now);
  void router_arrived(const inbound6& in, const wire::icmpv6& m, time_point now);
  void learn(const ipv6_address& who, mac_address mac, bool to_us, bool is_certain, time_point now);
  void say_what_is_due(time_point now);
  void follow_addresses(time_point now);
  void ask(const ipv6_address& about, mac_address to, time_point now);
  void advertise(const ipv6_address& about, const ipv6_address& to, bool is_solicited, time_point now,
                 std::optional<mac_address> mac = {});
  void send_incomplete(wire::bytes about, time_point now);
  std::optional<mac_address> way_round(const ipv6_address& source, time_point now);
  packet_sink::result leave(packet& p, std::optional<mac_address> to, const ipv6_address& hop,
                            time_point now);
  void send_message(const ipv6_address& from, const ipv6_address& to, const wire::icmpv6& m,
                    std::uint8_t hop_limit, time_point now, std::optional<mac_address> mac = {});
  bool put(const abi::net_header& header, std::span<const wire::bytes> pieces);

  interface& link_;
  counters& counts_;
  random_source& random_;
  autoconfiguration configuration_;
  neighbours neighbours_;
  multicast_listeners groups_;
  reassembly fragments_;
  fragment_identification identification_;
  rate_limit errors_{20, std::chrono::milliseconds{20}};  // RFC 4443 §2.4 f
  std::vector<std::byte> whole_;                          // the last packet that was put together
  std::vector<ipv6_address> joined_;                      // solicited-node groups
  packet packet_;
  time_point now_{};
};

}  // namespace aster::net
