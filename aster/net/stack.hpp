// The network stack of an image: its devices, their addresses, and everything that talks through them.
//
//   net::device<"service"> service;
//   net::stack stack{service};               // `aster run --ip=10.0.0.2/24`, else DHCP
//   net::listener http = stack.listen(80);
//   auto s = stack.connect({net::ipv4_address{10, 0, 0, 1}, 5432});
//   stack.attach(lan);                       // a second device, if there is one
//
// The stack runs in a fiber of its own. It takes what has arrived in batches, and everything that fibers
// write until the machine would wait goes to the device in one go.
#pragma once
#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abi/net_device.hpp"
#include "aster/net/address.hpp"
#include "aster/net/byte_stream.hpp"
#include "aster/net/counters.hpp"
#include "aster/net/device.hpp"
#include "aster/net/forwarding.hpp"
#include "aster/net/known_host.hpp"
#include "aster/net/listener.hpp"
#include "aster/net/route.hpp"
#include "aster/net/sockets.hpp"
#include "aster/net/stream.hpp"
#include "aster/net/udp_socket.hpp"

namespace aster::net {

struct stack_options {
  /// A fixed address; without it, what `aster run` gave for the device, else DHCP.
  std::optional<ipv4_interface> address;
  std::optional<ipv4_address> gateway;  // with `address`; none: only neighbours can be reached
  std::optional<ipv4_address> dns;
  /// The same of IPv6; without it what `aster run` gave, else what routers announce. With `address6` and
  /// without `gateway6` those are listened to for the way out alone.
  std::optional<ipv6_interface> address6{};
  std::optional<ipv6_address> gateway6{};
  std::optional<ipv6_address> dns6{};
  bool ipv6 = true;  // whether it is spoken at all
  /// Hosts that are known without asking.
  std::vector<known_host> hosts;
  std::string host_name;  // told to the DHCP server; empty: not told
  /// Asks whether an IPv4 address is free before it is used, as RFC 5227 has it: four to seven seconds
  /// without a network. Else it is used at once and asked about meanwhile.
  bool probe_address_first = false;

  /// Most connections at once, half-open ones included. Beyond, new ones are dropped and counted.
  std::size_t connection_limit = 20'000;
  /// Most memory in send and receive buffers of all connections, in bytes; 0: a quarter of what is free when
  /// the stack is made, and at most 64 MiB.
  std::size_t memory_limit = 0;
  /// Most bytes that one connection buffers in each direction. They are taken as they are needed: an idle
  /// connection holds none.
  std::uint32_t receive_buffer = 64 * 1024;
  std::uint32_t send_buffer = 64 * 1024;
  /// … and what that may grow to on a path that needs it, inside `memory_limit`.
  std::uint32_t most_receive_buffer = 4 * 1024 * 1024;
  std::uint32_t most_send_buffer = 4 * 1024 * 1024;
  /// How long destruction waits for written bytes to be acknowledged before it resets connections.
  std::chrono::nanoseconds linger = std::chrono::seconds{2};
};

/// How another device gets its address; without one, as `aster run` says, else DHCP.
struct interface_options {
  std::optional<ipv4_interface> address{};
  std::optional<ipv4_address> gateway{};
  std::optional<ipv4_address> dns{};
};

/// An interface as it is now.
struct interface_state {
  std::string name;  // of its device
  mac_address mac;
  std::uint16_t mtu = 0;
  std::optional<ipv4_interface> address;
  std::vector<ipv4_route> routes;          // besides the network of the address
  std::vector<ipv6_interface> addresses6;  // all that may be used, the link's own among them
  std::optional<ipv6_address> gateway6;    // the router that packets to elsewhere go to
  std::vector<ipv6_address> dns6;          // name servers that routers announce, or that were given
};

class stack_core;  // the engine and its fiber (stack.cpp)

/// Keeps a multicast group joined (IGMP, MLD). Outliving its stack is harmless.
class group_listener {
 public:
  group_listener(std::shared_ptr<stack_core> core, const ip_address& group) noexcept
      : core_(std::move(core)), group_(group) {}
  group_listener(group_listener&&) noexcept = default;
  group_listener& operator=(group_listener&& other) noexcept {
    std::swap(core_, other.core_);
    std::swap(group_, other.group_);
    return *this;
  }
  ~group_listener();
  const ip_address& group() const noexcept { return group_; }

 private:
  std::shared_ptr<stack_core> core_;
  ip_address group_;
};

class stack {
 public:
  /// Finds the attached device and starts to configure it; does not block. Throws std::runtime_error that
  /// says how to attach the device when it is not there, or what is wrong with its configuration.
  explicit stack(const device_reference& device, stack_options options = {});

  /// The same on a device object, for tests and for devices of one's own; it must outlive the stack.
  explicit stack(abi::net_device& device, stack_options options = {}, std::string name = {});

  stack(const stack&) = delete;
  stack& operator=(const stack&) = delete;

  /// Delivers what was written (see `linger`), then stops. Streams and listeners that still exist then
  /// answer error::closed. Blocks.
  ~stack();

  /// Parks until the stack has an address, or `timeout`. Listening and accepting need no waiting.
  /// error::timed_out: no DHCP server answered.
  [[nodiscard]] std::expected<ipv4_interface, error> wait_for_address(
      std::chrono::nanoseconds timeout = std::chrono::seconds{30});

  /// The same of IPv6: an address that reaches beyond the link. error::unreachable: IPv6 is off here.
  [[nodiscard]] std::expected<ipv6_interface, error> wait_for_address6(
      std::chrono::nanoseconds timeout = std::chrono::seconds{30});

  /// Uses another device too. A packet leaves by the interface with the best route to where it goes, from
  /// that interface's address; one that arrives is taken only by the interface whose address it is for (see
  /// routing.hpp). Throws as the constructor does.
  void attach(const device_reference& device, const interface_options& options = {});
  void attach(abi::net_device& device, const interface_options& options = {}, std::string name = {});

  /// Adds a way to a network through a device's interface, once that has an address; it is lost with the
  /// address. False: there is no such interface, or the gateway is none of its neighbours.
  bool add_route(std::string_view device, const ipv4_route& route);

  /// Makes the stack a router between its interfaces (see forwarder.hpp); what it listens to itself is
  /// reached by any of its addresses then. The hook must outlive the stack.
  void forward(const forwarding_options& options = {});

  /// All interfaces, in the order in which they were attached.
  std::vector<interface_state> interfaces() const;

  // Of the first interface.
  std::optional<ipv4_interface> address() const;
  std::optional<ipv6_interface> address6() const;  // the best that is not of the link alone
  std::optional<ipv4_address> gateway() const;
  std::optional<ipv4_address> dns() const;

  /// Starts to accept connections on `port` (1–65535; 0 takes any free one). Throws std::runtime_error
  /// when the port is taken.
  [[nodiscard]] listener listen(std::uint16_t port, listen_options options = {});

  /// Opens a connection; parks until the handshake is done. Gives up after three minutes (RFC 9293
  /// §3.8.3), sooner inside `task::within`.
  [[nodiscard]] std::expected<stream, error> connect(endpoint remote);

  /// Opens a connection to a host by its name (or an address that is written out): every address that it has
  /// is tried, those likely to work first, the next a quarter of a second after the one before, and the first
  /// that answers wins (RFC 8305). Parks. Errors beyond those of an address: see `resolve`.
  [[nodiscard]] std::expected<stream, error> connect(std::string_view host, std::uint16_t port);

  /// The addresses of a host, likeliest to work first. Parks while name servers are asked, at most some
  /// seconds for each server that is silent; what was asked before is remembered for as long as it holds.
  /// Short names are looked for in the network's domain first. error::unknown_name: there is no such host;
  /// error::timed_out: no server has answered; error::unreachable: none would, or none is known.
  [[nodiscard]] std::expected<std::vector<ip_address>, error> resolve(std::string_view host);

  /// Opens a UDP port (0 takes any free one). Throws std::runtime_error when it is taken.
  [[nodiscard]] udp_socket bind(std::uint16_t port, bind_options options = {});

  /// Takes datagrams to a multicast group, on ports that are open, as long as what is returned lives. Throws
  /// std::invalid_argument when it is no group, std::runtime_error when there are too many. A group of IPv6
  /// is joined where that is spoken.
  [[nodiscard]] group_listener join(const ip_address& group);

  const net::counters& counters() const noexcept;
  std::size_t connections() const noexcept;  // open now, half-open ones included

  /// What is open now, as `ss` lists it; at most `limit`.
  [[nodiscard]] std::vector<socket_info> sockets(std::size_t limit = 10'000) const;

 private:
  friend std::string prometheus(const stack& s);
  std::shared_ptr<stack_core> core_;
};

/// Counters and gauges in the text format 0.0.4 of Prometheus (aster/net/report.hpp); `web::metrics` serves
/// it.
[[nodiscard]] std::string prometheus(const stack& s);

}  // namespace aster::net
