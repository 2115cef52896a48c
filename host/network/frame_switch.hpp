// The network of a galaxy, as rules: which frame of one instance goes to which other, and what nobody may
// say.
//
// Each instance is on a port, whose addresses are given: it can speak for no other. Whom its service may
// reach is declared; answers come back, and that is all. There is no broadcast: who has which address is
// known, so the switch answers ARP itself, and only for those that may be reached. What is not declared is
// not there.
//
//   frame_switch net{gateway};
//   const auto web = net.add({web_mac, web_ip, web_service}), paste = net.add({…});
//   net.allow(web_service, paste_service);
//   switch (const auto go = net.decide(web, frame, now); go.to) …
//
// Without input or output: frames and time go in, a decision comes out.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "host/network/frame_view.hpp"

namespace aster::host {

class frame_switch {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using port = std::uint32_t;
  using service = std::uint32_t;

  /// What stands on a port.
  struct station {
    hardware_address hardware{};
    std::uint32_t address = 0;  // IPv4, host byte order
    service of = 0;
    bool reaches_world = false;
  };

  /// The switch's own place in the network: gateway to the world, and the server of names. Its own programs
  /// stand there too: they may open connections to every station.
  struct gateway {
    hardware_address hardware{};
    std::uint32_t address = 0;
    std::uint32_t names = 0;  // where questions for names go
    std::uint32_t mask = 0;   // of the network: what is in it is not the world; 0: only who is on a port is
  };

  /// What becomes of a frame, and why not.
  struct decision {
    enum class place : std::uint8_t {
      nowhere,
      port,      // as it is
      world,     // through the gateway
      back,      // `answer` goes to the port it came from
      question,  // a datagram to the server of names: frame_view::payload
      lease,     // a datagram to the server of addresses (DHCP): frame_view::payload
      own,       // to the switch's own programs
    };
    enum class cause : std::uint8_t {
      none,
      malformed,   // or a protocol that is not carried
      spoofed,     // with addresses of somebody else
      undeclared,  // whom it may not reach
      absent,      // nobody has that address
    };
    place to = place::nowhere;
    port where = 0;
    cause why = cause::none;
    std::vector<std::byte> answer{};
  };

  explicit frame_switch(const gateway& own) : own_(own) {}

  port add(const station& s);
  /// What stands on the port is different from now on.
  void change(port p, const station& s);
  void remove(port p);
  /// Instances of `from` may open connections to instances of `to`.
  void allow(service from, service to) { allowed_.emplace(from, to); }
  /// From now on these are all that may.
  void allow_only(std::set<std::pair<service, service>> pairs) { allowed_ = std::move(pairs); }
  /// Instances of `from` may open connections to this port of the switch itself.
  void admit(service from, std::uint16_t tcp_port) { admitted_.emplace(from, tcp_port); }

  /// A frame from an instance.
  decision decide(port from, std::span<const std::byte> frame, time_point now);

  /// A frame from the switch's own programs. ARP is answered (`back`) for every station.
  decision decide_from_own(std::span<const std::byte> frame) const;

  /// The frame that carries `datagram` back to who asked the server of names in `question`.
  std::vector<std::byte> name_answer(const frame_view& question, std::span<const std::byte> datagram) const;

  /// A frame from the world, by way of the gateway: to which port. Only answers, and what `publish` lets in.
  /// ARP is answered (`back`) for every station.
  decision decide_from_world(std::span<const std::byte> frame, time_point now);
  /// The world may open connections to this port of the station.
  void publish(port to, std::uint16_t tcp_port) { published_.emplace(to, tcp_port); }

  static constexpr std::size_t flow_limit = 65'536;
  static constexpr std::chrono::seconds flow_lifetime{60};

 private:
  /// Datagrams between two, by which an answer is told from what nobody asked for. TCP tells it by its flags.
  struct flow {
    std::uint32_t source = 0, destination = 0;
    std::uint16_t source_port = 0, destination_port = 0;
    std::uint8_t protocol = 0;
    auto operator<=>(const flow&) const = default;
  };

  decision arp(const station& from, const frame_view& seen) const;
  decision arp_from_own(const frame_view& seen) const;
  decision to_own(const station& from, port p, const frame_view& seen) const;
  bool may_reach(const station& from, std::uint32_t address) const;
  bool is_world(std::uint32_t address) const;
  bool may_send(const frame_view& seen, bool forth, bool back, time_point now);
  const std::pair<const port, station>* find(std::uint32_t address) const;

  gateway own_;
  port next_ = 1;
  std::map<port, station> stations_;
  std::unordered_map<std::uint32_t, port> by_address_;
  std::set<std::pair<service, service>> allowed_;
  std::set<std::pair<port, std::uint16_t>> published_;
  std::set<std::pair<service, std::uint16_t>> admitted_;
  std::map<flow, time_point> flows_;  // until when
};

}  // namespace aster::host
