#include "aster/net/simulation/plan.hpp"

#include <algorithm>

namespace aster::net::simulation {

using namespace std::chrono_literals;

namespace {

/// Draws what a plan is made of.
struct dice {
  random_source random;
  bool one_in(std::uint32_t n) { return random.below(n) == 0; }
  bool flip() { return one_in(2); }
  double upto(double most) { return flip() ? 0.0 : most * random.below(1000) / 1000; }
  std::uint32_t between(std::uint32_t least, std::uint32_t beyond) {
    return least + random.below(beyond - least);
  }
};

void draw_wire(dice& d, plan& p) {
  p.faults = {.loss = d.upto(0.2),
              .duplication = d.upto(0.1),
              .corruption = d.upto(0.05),
              .marking = d.flip() ? 0.05 : 0.0,
              .reordering = d.upto(0.3),
              .delay = d.flip() ? 100us : d.random.below(300) * 1ms,
              .jitter = d.flip() ? 0ms : d.random.below(20) * 1ms};
  if (d.one_in(4)) p.faults.queue_limit = d.between(8, 64);
  p.ends.checksum_offload = d.flip();
  p.ends.tso = p.ends.checksum_offload && d.flip();
  p.ends.receive_offload = d.one_in(4);
  if (p.ends.receive_offload) p.faults.corruption = 0;  // nothing would notice
  p.ends.mtu = static_cast<std::uint16_t>(d.flip() ? 1500 : d.between(d.one_in(8) ? 296 : 576, 9000));
  p.ends.transmit_depth = d.between(1, 65);
}

void draw_host(dice& d, engine_options& o) {
  o.tcp.receive_buffer = d.flip() ? 65536 : d.one_in(8) ? d.between(1, 5) : d.between(1, 8000);
  o.tcp.send_buffer = d.flip() ? 65536 : d.between(1000, 9000);
  if (o.tcp.receive_buffer < 65536) o.tcp.most_receive_buffer = o.tcp.receive_buffer;
  if (o.tcp.send_buffer < 65536) o.tcp.most_send_buffer = o.tcp.send_buffer;
  o.tcp.no_delay = d.flip();
  o.tcp.selective_acknowledgement = !d.one_in(4);
  o.tcp.timestamps = !d.one_in(4);
  o.tcp.request_congestion_marks = d.flip();
  if (d.one_in(4)) o.tcp.congestion = tcp::congestion_algorithm::new_reno;
  if (d.one_in(4)) o.memory_limit = d.flip() ? 64 * 1024 : 16 * 1024;
}

// At most one of: a wire that is cut for a while, a host that stops and starts anew having forgotten all.
void draw_events(dice& d, plan& p) {
  using enum plan::happening;
  const duration at = d.random.below(4000) * 1ms;
  switch (d.random.below(8)) {
    case 0: p.events = {{at, cut}, {at + d.random.below(400) * 1s, mended}}; break;
    case 1: p.events = {{at, right_stops}, {at + d.random.below(60) * 1s, right_starts}}; break;
    case 2: p.events = {{at, left_stops}, {at + d.random.below(60) * 1s, left_starts}}; break;
    case 3: {  // both, one after the other, or one within the other's absence
      const duration gone = d.random.below(30) * 1s, later = at + d.random.below(40) * 1s;
      p.events = {{at, right_stops},
                  {at + gone, right_starts},
                  {later, left_stops},
                  {later + d.random.below(30) * 1s, left_starts}};
      std::ranges::stable_sort(p.events, {}, &plan::event::at);
      break;
    }
    default: break;
  }
}

void draw_streams(dice& d, plan& p) {
  const std::size_t least_buffer = std::min(p.left.tcp.receive_buffer, p.right.tcp.receive_buffer);
  const std::size_t least_memory = std::min(p.left.memory_limit, p.right.memory_limit);
  std::size_t largest = d.flip() ? 2000 : 300'000;
  if (p.faults.loss > 0.1 || p.ends.mtu < 576) largest = std::min<std::size_t>(largest, 60'000);
  if (least_memory < 64 * 1024) largest = std::min<std::size_t>(largest, 20'000);
  const auto size = static_cast<std::uint32_t>(std::min(largest, 400 * least_buffer));

  const bool breaks = !p.events.empty();
  // A cut that is over before a handshake is given up breaks nothing.
  const bool harmless = breaks && p.events.front().what == plan::happening::cut &&
                        p.events.back().at - p.events.front().at <= 10s;
  const duration last = breaks ? p.events.back().at : 0s;
  for (std::uint32_t n = d.between(1, 9); n > 0; --n) {
    plan::stream s{.up = d.random.below(size), .down = d.random.below(size)};
    if (d.one_in(4)) s.opens_at = d.random.below(5000) * 1ms;
    if (breaks && d.one_in(4)) s.opens_at = last + 1ms + d.random.below(5000) * 1ms;
    s.may_fail = breaks && !harmless && s.opens_at <= last;
    s.slow_client = d.one_in(8);
    s.slow_server = d.one_in(8);
    p.streams.push_back(s);
  }
  p.keep_alive = breaks && !harmless;
  // What a cut has not broken does not fail on a lossy wire, if one only waits long enough.
  if (p.keep_alive && p.events.front().what == plan::happening::cut) {
    p.faults.loss = std::min(p.faults.loss, 0.05);
  } else {
    p.left.tcp.give_up = p.right.tcp.give_up = 1h;
  }
}

}  // namespace

plan make_plan(std::uint64_t seed) {
  dice d{random_source{{seed, 3}}};
  plan p;
  draw_wire(d, p);
  draw_host(d, p.left);
  draw_host(d, p.right);
  draw_events(d, p);
  draw_streams(d, p);
  // Every second seed speaks IPv6, where the link is large enough for it.
  p.ipv6 = seed % 2 == 0 && p.ends.mtu >= wire::ipv6::least_mtu;
  p.left.address =
      *configuration::parse(p.ipv6 ? "ip=10.0.0.1/24,ip6=2001:db8::1/64" : "ip=10.0.0.1/24,ip6=off");
  p.right.address =
      *configuration::parse(p.ipv6 ? "ip=10.0.0.2/24,ip6=2001:db8::2/64" : "ip=10.0.0.2/24,ip6=off");
  p.left_address = p.ipv6 ? ip_address{p.left.address.address6->address} : p.left.address.address->address;
  p.right_address = p.ipv6 ? ip_address{p.right.address.address6->address} : p.right.address.address->address;
  return p;
}

}  // namespace aster::net::simulation
