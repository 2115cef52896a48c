// One network device with its addresses: Ethernet, ARP and IPv4, in both directions.
//
// Frames that arrive are checked once, here; what passes is handed on as an `inbound` packet. Packets that
// leave get their headers, find their next hop, and go to the device as pieces.
#pragma once
#include <optional>

#include "abi/net_device.hpp"
#include "aster/net/address.hpp"
#include "aster/net/address_claim.hpp"
#include "aster/net/counters.hpp"
#include "aster/net/fragmentation.hpp"
#include "aster/net/group_membership.hpp"
#include "aster/net/interface6.hpp"
#include "aster/net/neighbours.hpp"
#include "aster/net/packet.hpp"
#include "aster/net/reassembly.hpp"
#include "aster/net/route.hpp"
#include "aster/net/wire/arp.hpp"

namespace aster::net {

/// A checked IPv4 packet for us, or to be passed on; whole. What it names is valid until the next one
/// arrives.
struct inbound {
  wire::ipv4 header;
  wire::mutable_bytes packet;  // from the IP header on
  wire::bytes payload;         // what follows it
  bool verify = true;          // the transport's checksum is to be checked
  bool to_all = false;         // arrived by broadcast or multicast, at the link or the network
  abi::net_header device;      // what the device says about the frame; nothing of one that came in fragments

  /// Of a segment that is to be cut: the largest packet of those that it becomes.
  std::size_t largest_segment() const;
};

class interface final : public packet_sink {
 public:
  /// What has passed, in frames and in their bytes from the Ethernet header on; a large frame that the device
  /// cuts counts once. Why any was dropped is counted for all interfaces together (counters.hpp).
  struct tally {
    std::uint64_t frames_received = 0, bytes_received = 0;
    std::uint64_t frames_sent = 0, bytes_sent = 0;
  };

  interface(abi::net_device& device, counters& counts, random_source& random)
      : device_(device),
        counts_(counts),
        neighbours_(counts),
        fragments_(counts),
        identification_(random),
        groups_(random, counts),
        claim_(mac(), random) {}

  /// Makes the IPv6 half, unless the link is too small for it (RFC 8200 §5).
  void enable_ipv6(const autoconfiguration_options& options, random_source& random) {
    if (device_.info().mtu >= wire::ipv6::least_mtu) six_.emplace(*this, options, counts_, random);
  }
  /// Null: IPv6 is not spoken here.
  interface6* ipv6() { return six_ ? &*six_ : nullptr; }
  const interface6* ipv6() const { return six_ ? &*six_ : nullptr; }

  mac_address mac() const { return {device_.info().mac}; }
  abi::net_device& device() { return device_; }

  const std::optional<ipv4_interface>& address() const { return address_; }
  /// The router for everything that no other route is for.
  std::optional<ipv4_address> gateway() const;
  const std::vector<ipv4_route>& routes() const { return routes_; }

  /// Takes an address, with the care that RFC 5227 wants, or gives it up. It is there when `address()` says
  /// so. `routes` are those besides the network of the address; one whose gateway is no neighbour is left
  /// out: better no way than one that swallows packets.
  void configure(std::optional<ipv4_interface> address, std::span<const ipv4_route> routes,
                 address_claim::care how, time_point now);

  /// False: its gateway is no neighbour, or there is no address yet.
  bool add_route(const ipv4_route& r);

  /// The largest packet that the link takes: what the device says, or less.
  std::uint16_t mtu() const { return mtu_ != 0 ? mtu_ : device_.info().mtu; }
  /// What DHCP says about it (RFC 2132 §5.1). Nonsense, and more than the device takes, is ignored.
  void limit_mtu(std::uint16_t mtu) {
    mtu_ = mtu >= 576 && mtu < device_.info().mtu ? mtu : std::uint16_t{0};
  }

  /// Checks one frame; ARP is dealt with here. Nothing: no packet for the layers above. May throw
  /// std::bad_alloc, which loses the frame.
  std::optional<inbound> arrived(const abi::received_frame& frame, time_point now);

  result send(packet& p, time_point now) override;

  /// Whoever is told that a device is full waits, and lets nobody else send meanwhile. That is right for the
  /// only device; of several one that takes nothing would stop the others, so there packets are lost instead.
  void set_one_of_several() { is_one_of_several_ = true; }

  /// Whether `arrived` gives also packets that are for others, for a router to pass on.
  void take_foreign(bool on) { takes_foreign_ = on; }
  /// Passes on a packet that came by another interface; may change it. False: it was dropped, and counted.
  bool forward(inbound& in, ipv4_address next_hop, time_point now);

  /// Asks again for neighbours that have not answered; `failed(address)` for those that will not.
  /// `incomplete(packet)` for datagrams that wait no longer for their other fragments: what is there of them.
  template <typename Function, typename Incomplete>
  void expired(time_point now, Function&& failed, Incomplete&& incomplete) {
    fragments_.expired(now, incomplete);
    claim(now);
    report_groups(now);
    const auto due = neighbours_.expired(now);
    for (const auto& q : due.questions) ask(q.about.v4(), q.to);
    for (const auto& a : due.failed) failed(a);
    if (six_ && six_->deadline() <= now) six_->expired(now, failed);
  }
  time_point deadline() const {
    const time_point reports = address_ ? groups_.deadline() : never;
    return std::min({neighbours_.deadline(), fragments_.deadline(), claim_.deadline(), reports,
                     six_ ? six_->deadline() : never});
  }

  /// Multicast groups whose packets are for us; reports about them leave when there is an address.
  group_membership& groups() { return groups_; }

  /// The best way to `destination` from here; nothing when there is none.
  std::optional<ipv4_route> route_to(ipv4_address destination) const;
  /// Where packets to it go first.
  std::optional<ipv4_address> next_hop(ipv4_address destination) const;

  /// Whether somebody else turned out to have our address since the last call: we have none now, and DHCP
  /// should decline it.
  bool take_lost() { return std::exchange(lost_, false); }

  /// Whether anything was given to the device since the last call: then it wants a flush.
  bool take_sent() { return std::exchange(sent_, false); }

  const tally& passed() const { return tally_; }

  /// Gives a frame to the device; an IPv4 packet that is too large for the link in fragments. False: it is
  /// full.
  bool transmit(const abi::net_header& header, std::span<const wire::bytes> pieces);

  /// A frame of so many bytes has arrived.
  void count_received(std::size_t size) {
    counts_.add(counter::frames_received);
    ++tally_.frames_received;
    tally_.bytes_received += size;
  }

 private:
  void claim(time_point now);
  bool is_neighbour(ipv4_address a) const;
  bool forward_one(const abi::net_header& header, wire::bytes packet, ipv4_address next_hop, time_point now);
  void arp_arrived(wire::bytes bytes, time_point now);
  void ask(ipv4_address about, mac_address to);
  bool transmit_arp(const wire::arp& a, mac_address to);
  void report_groups(time_point now);
  void taken(std::size_t size);  // by the device
  bool transmit_cut(std::span<const wire::bytes> pieces);
  std::optional<wire::ipv4::parsed> put_together(const wire::ipv4::parsed& fragment, wire::bytes packet,
                                                 time_point now);
  bool is_broadcast(ipv4_address a) const {
    return a.is_limited_broadcast() || (address_ && address_->is_directed_broadcast(a));
  }

  abi::net_device& device_;
  counters& counts_;
  neighbours neighbours_;
  reassembly fragments_;
  std::vector<std::byte> whole_;  // the last packet that was put together
  fragment_identification identification_;
  group_membership groups_;
  std::optional<ipv4_interface> address_;
  std::vector<ipv4_route> routes_;
  std::uint16_t mtu_ = 0;  // 0: the device's
  address_claim claim_;
  std::optional<ipv4_interface> claimed_;  // becomes the address when the claim is settled
  std::optional<interface6> six_;
  bool lost_ = false;
  bool takes_foreign_ = false;
  bool is_one_of_several_ = false;
  bool sent_ = false;
  tally tally_;
};

}  // namespace aster::net
