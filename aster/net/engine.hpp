// The whole stack without fibers and without a clock: frames and time in, frames and a time to wake up out.
//
//   engine e{device, options, entropy};
//   e.start(now);
//   for (;;) {
//     e.receive(now);                 // what has arrived, in batches; timers that are due
//     …                               // the program reads and writes
//     e.flush(now);                   // what is to be sent, in one go
//     wait until e.deadline() or a device event
//   }
//
// Tests put two of them on a wire of their own; `net::stack` puts one under fibers.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aster/net/attachment.hpp"
#include "aster/net/chunk.hpp"
#include "aster/net/forwarder.hpp"
#include "aster/net/icmp.hpp"
#include "aster/net/routing.hpp"
#include "aster/net/tcp/host.hpp"
#include "aster/net/udp.hpp"

namespace aster::net {

struct engine_options {
  std::string name{};     // of the interface, for people
  configuration address;  // without an address in it: DHCP
  std::string host_name;
  bool probe_first = false;  // see address_claim
  std::size_t connection_limit = 20'000;
  std::size_t memory_limit = 64 * 1024 * 1024;
  tcp::settings tcp;
};

class engine {
 public:
  engine(abi::net_device& device, const engine_options& options, siphash_key entropy);
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;

  void start(time_point now);

  /// Takes frames until the device has no more or a round is full, and runs the timers that are due.
  /// True: the device may have more.
  bool receive(time_point now);

  /// Sends everything that is due, as far as the device takes it, and tells the device.
  void flush(time_point now);

  /// When `receive` should be called although nothing arrived.
  time_point deadline() const;

  tcp::host& tcp() { return tcp_; }
  net::udp& udp() { return udp_; }
  /// Multicast groups that datagrams are taken of, on every interface that speaks their family. False: no
  /// group, or too many (see group_membership).
  bool join(const ip_address& group, time_point now);
  void leave(const ip_address& group, time_point now);

  /// Adds another device; it must outlive the engine. After `start`.
  attachment& attach(abi::net_device& device, const attachment_options& options, time_point now);
  std::span<const std::unique_ptr<attachment>> attachments() const { return attachments_; }
  const net::routing& routes() const { return routes_; }

  /// From now on passes packets on between its interfaces, those that are attached later included.
  void forward(const forwarding_options& options);

  const net::counters& counters() const { return counts_; }
  // Of the first interface.
  const std::optional<ipv4_interface>& address() const { return first().interface().address(); }
  std::optional<ipv4_address> gateway() const { return first().interface().gateway(); }
  std::optional<ipv4_address> dns() const {
    return name_servers().empty() ? std::nullopt : std::optional{name_servers().front()};
  }
  /// Whom to ask for names, best first, and in which domain short ones are looked for; from DHCP or as
  /// configured.
  std::span<const ipv4_address> name_servers() const { return first().name_servers(); }
  const std::string& domain() const { return first().domain(); }
  /// Whether it is a neighbour on the first interface, of either family.
  bool is_on_link(const ip_address& other) const;
  /// The same of both families: also those that routers announce (RFC 8106), behind the others.
  std::vector<ip_address> all_name_servers() const;
  std::vector<std::string> search_domains() const;
  const chunk_pool& memory() const { return pool_; }

 private:
  const attachment& first() const { return *attachments_.front(); }

  static constexpr std::size_t batch = 16;        // frames taken from the device at once
  static constexpr std::size_t round_limit = 64;  // … and before others get their turn

  bool receive(attachment& from, time_point now);
  void arrived6(interface6& link, const abi::received_frame& frame, time_point now);
  void arrived(attachment& from, const abi::received_frame& frame, time_point now);
  void complaint_arrived(const icmp::complaint& c);
  void expired(time_point now);
  void links_changed();
  void flush_devices();
  void forward_for(attachment& a);

  net::counters counts_;
  random_source random_;
  chunk_pool pool_;
  std::vector<std::unique_ptr<attachment>> attachments_;  // the first is what the engine was made on
  routing routes_;
  icmp icmp_;
  std::optional<forwarder> forwarder_;
  net::udp udp_;
  tcp::host tcp_;
};

}  // namespace aster::net
