// The switch itself: who stands where, who is plugged in, and what becomes of each frame.
//
//   switchboard board{{.own = *net::ipv4_interface::parse("10.77.0.1/16")}, tell};
//   board.set({7, "shortener", "10.77.0.7", false, token});
//   plugs.spawn("plug", [&, s = frames.accept()]() mutable { board.serve_plug(std::move(s)); });
//   auto s = board.dial(7, 80, deadline);                       // as the gateway, by a stack of ours
//
// The rules are host/network/frame_switch; this carries frames as they say. All of it runs in fibers of one
// thread, and no frame waits for another's reader.
#pragma once
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "aster/net/stack.hpp"
#include "aster/task/scope.hpp"
#include "aster/task/wait_queue.hpp"
#include "host/network/frame_switch.hpp"
#include "host/switch/control_message.hpp"
#include "host/switch/name_desk.hpp"
#include "host/switch/own_device.hpp"
#include "host/switch/plug.hpp"
#include "host/switch/world.hpp"

namespace aster::host {

class switchboard {
 public:
  struct settings {
    net::ipv4_interface own{};  // the switch's address, and the galaxy's network
    std::string edge = "edge";  // service that may connect to `edge_port` of the switch
    std::uint16_t edge_port = 7777;
  };
  using tell = std::function<void(const switch_control::event&)>;

  /// `events` is called for what the daemon is to hear; it must not park.
  switchboard(settings how, tell events);
  ~switchboard();
  switchboard(const switchboard&) = delete;

  // Orders.
  std::expected<void, std::string> set(const switch_control::station& s);
  void remove(std::uint32_t station);
  void allow_only(const switch_control::rules& r);
  void answer(const switch_control::answer& a);

  std::vector<switch_control::station_state> stations() const;
  std::vector<switch_control::station_traffic> traffic() const;
  /// The questions that wait, for a daemon that has not heard of them.
  std::vector<switch_control::question> questions() const;

  /// Serves whoever has connected to the frames' socket until it leaves, or its station is removed. Parks.
  void serve_plug(descriptor socket);

  /// Connects to a port of a station from the switch's own address. Waits until somebody is plugged in and
  /// takes the connection; tries again every few milliseconds. The error says why it was not to be by
  /// `deadline`; with `once`, at the first failure. Parks.
  std::expected<net::stream, std::string> dial(std::uint32_t station, std::uint16_t port,
                                               task::time_point deadline, bool once = false);

  /// The switch's own place.
  net::stack& stack() noexcept { return *stack_; }
  bool has(std::uint32_t station) const { return places_.contains(station); }
  /// Whose instance has that address; empty: nobody's.
  std::string_view service_at(const net::ip_address& address) const;

 private:
  struct place;

  std::expected<std::shared_ptr<place>, std::string> greet(descriptor& socket, frame_form& form);
  void carry(place& from, plug& by);
  void from_station(place& from, std::span<std::byte> message, frame_switch::time_point now);
  void from_own(std::span<std::byte> message);
  void from_world(std::span<std::byte> message);
  void give(place& to, std::span<std::byte> message);
  void give_frame(place& to, std::span<const std::byte> frame);
  void flush();

  void ask_name(place& from, std::span<const std::byte> frame);
  void relay_name(place& from, const frame_view& seen, const name_question& asked);
  void lease(place& from, std::span<const std::byte> frame);
  void send(const std::vector<name_desk::reply>& replies);
  void send_datagram(place& to, std::uint16_t from_port, const datagram_end& end,
                     std::span<const std::byte> datagram);
  void expire_names();

  std::uint32_t service_number(const std::string& name);
  place* at_port(frame_switch::port p) const;

  settings settings_;
  tell tell_;
  hardware_address own_hardware_;
  frame_switch rules_;
  std::map<std::uint32_t, std::shared_ptr<place>> places_;  // by the station's number
  std::unordered_map<frame_switch::port, place*> by_port_;
  std::map<std::string, std::uint32_t, std::less<>> services_;
  name_desk desk_;
  frame_room room_;
  std::vector<plug*> touched_;                // since the last flush
  std::vector<std::vector<std::byte>> made_;  // frames of our own, until then
  task::wait_queue plugged_{"an instance to be plugged in, or to leave"};
  task::wait_queue asked_{"questions for names"};
  std::size_t relayed_ = 0;
  own_device own_;
  world world_;
  task::scope fibers_{"switch"};  // ends before what its fibers use
  std::unique_ptr<net::stack> stack_;
};

}  // namespace aster::host
