#include "aster/net/simulation/world.hpp"

#include <algorithm>
#include <format>

#include "aster/net/wire/ipv4.hpp"
#include "aster/net/wire/ipv6.hpp"
#include "aster/net/wire/tcp.hpp"

namespace aster::net::simulation {

using namespace std::chrono_literals;

namespace {

constexpr std::uint16_t port = 80;
constexpr duration probe_after = 60s;
constexpr duration longest = 24h;
// Far more than any seed takes; a world that does not come to rest turns this often without time going on.
constexpr std::size_t most_rounds = 3'000'000;
// By then all that rests or waits for a last acknowledgement has gone, and every neighbour is forgotten.
constexpr duration aftermath = 4h;

std::string_view reason(const talker& t) { return t.failure() ? to_string(*t.failure()) : "no failure"; }

std::string progress(const talker& t) {
  return std::format("wrote {} of {}, read {} of {}", t.written(), t.assigned().to_write, t.read(),
                     t.assigned().to_read);
}

}  // namespace

world::world(const plan& p, std::uint64_t seed)
    : plan_(p),
      seed_(seed),
      link_(seed, p.faults, p.ends),
      left_{.options = p.left, .device = &link_.left(), .machine = {}},
      right_{.options = p.right, .device = &link_.right(), .machine = {}},
      streams_(p.streams.size()) {
  start(left_);
  start(right_);
}

// --- What happens -----------------------------------------------------------------------------------------

void world::start(host& h) {
  h.machine.emplace(*h.device, h.options, siphash_key{seed_, (&h == &left_ ? 1u : 2u) + 2 * h.starts++});
  h.machine->start(now_);
  h.acceptor = h.machine->tcp().listen(port, 64);
}

// Without a word to anybody, as when the power fails.
void world::stop(host& h, std::unique_ptr<talker> stream::* end) {
  for (stream& s : streams_)
    if (s.*end) (s.*end)->lose();
  h.acceptor = nullptr;
  h.machine.reset();
}

void world::happen(plan::happening what) {
  switch (what) {
    case plan::happening::cut: return link_.set_cut(true);
    case plan::happening::mended: return link_.set_cut(false);
    case plan::happening::left_stops: return stop(left_, &stream::client);
    case plan::happening::right_stops: return stop(right_, &stream::server);
    case plan::happening::left_starts: return start(left_);
    case plan::happening::right_starts: return start(right_);
  }
}

void world::receive(host& h) {
  if (h.machine) {
    while (h.machine->receive(now_)) {
    }
    return;
  }
  std::array<abi::received_frame, 16> frames;  // nobody is there
  while (const std::size_t n = h.device->receive(frames))
    for (const auto& f : std::span{frames}.first(n)) h.device->release(f);
}

void world::open_streams() {
  if (!left_.machine) return;
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    const plan::stream& planned = plan_.streams[i];
    if (streams_[i].opened || now_ < time_point{} + planned.opens_at) continue;
    streams_[i].opened = true;
    tcp::host& tcp = left_.machine->tcp();
    const auto c = tcp.connect(plan_.left_address, {plan_.right_address, port}, now_);
    if (!c) {
      complain(std::format("stream {}: connect: {}", i, to_string(c.error())));
      continue;
    }
    by_port_[(*c)->id().local.port] = i;
    if (plan_.keep_alive) (*c)->set_keep_alive(probe_after, now_);
    streams_[i].client = std::make_unique<talker>(
        tcp, **c, talker::work{2 * i, 2 * i + 1, planned.up, planned.down, planned.slow_client},
        random_source{{seed_, 10 + i}});
  }
}

void world::accept_streams() {
  if (!right_.machine) return;
  tcp::host& tcp = right_.machine->tcp();
  while (tcp::connection* c = tcp.accept(*right_.acceptor)) {
    const auto whose = by_port_.find(c->id().remote.port);
    // A connection whose client has been forgotten, or one more of the same client from before that.
    if (whose == by_port_.end() || streams_[whose->second].server) {
      if (!plan_.keep_alive) complain("a connection that nobody opened");
      tcp.release(*c, now_);
      continue;
    }
    const std::size_t i = whose->second;
    if (plan_.keep_alive) c->set_keep_alive(probe_after, now_);
    streams_[i].server =
        std::make_unique<talker>(tcp, *c,
                                 talker::work{2 * i + 1, 2 * i, plan_.streams[i].down, plan_.streams[i].up,
                                              plan_.streams[i].slow_server},
                                 random_source{{seed_, 50 + i}});
    tcp.touched(*c);
  }
}

bool world::step_talkers() {
  bool moved = false;
  for (stream& s : streams_)
    for (talker* t : {s.client.get(), s.server.get()}) moved = (t != nullptr && t->step(now_)) || moved;
  return moved;
}

// A client that failed may never have reached the server.
bool world::is_over() const {
  const auto rests = [](const std::unique_ptr<talker>& t) { return !t || t->is_done(); };
  return happened_ == plan_.events.size() && std::ranges::all_of(streams_, [&](const stream& s) {
           return s.opened && rests(s.client) && rests(s.server);
         });
}

time_point world::next_time() const {
  time_point next = link_.next_arrival();
  for (const host* h : {&left_, &right_})
    if (h->machine) next = std::min(next, h->machine->deadline());
  if (happened_ < plan_.events.size()) next = std::min(next, time_point{} + plan_.events[happened_].at);
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    if (!streams_[i].opened && left_.machine) next = std::min(next, time_point{} + plan_.streams[i].opens_at);
    for (const talker* t : {streams_[i].client.get(), streams_[i].server.get()})
      if (t != nullptr) next = std::min(next, t->wakes());
  }
  return next;
}

void world::run() {
  const time_point limit = now_ + longest;
  for (std::size_t rounds = 0; !is_over() && now_ < limit; ++rounds) {
    if (rounds == most_rounds) return complain("time does not go on");
    while (happened_ < plan_.events.size() && now_ >= time_point{} + plan_.events[happened_].at)
      happen(plan_.events[happened_++].what);
    link_.deliver(now_);
    receive(left_);
    receive(right_);
    open_streams();
    accept_streams();
    const bool moved = step_talkers();
    bool has_output = false;
    for (host* h : {&left_, &right_}) {
      if (!h->machine) continue;
      h->machine->flush(now_);
      has_output = has_output || h->machine->tcp().has_output();
    }
    if (moved) continue;
    const time_point next = next_time();
    if (next == never && !has_output) break;
    now_ = std::max(now_, std::min(next, now_ + 1s));
  }
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    judge(i, streams_[i].client.get(), true);
    judge(i, streams_[i].server.get(), false);
  }
  drain();
}

// --- What must not be -------------------------------------------------------------------------------------

void world::judge(std::size_t index, const talker* t, bool is_client) {
  if (t == nullptr) return;
  const std::string name = std::format("stream {}, the {}", index, is_client ? "client" : "server");
  if (!t->is_done())
    complain(std::format("{} is stuck: {} in {} at {}", name, progress(*t),
                         to_string(t->connection()->state()), (now_ - time_point{}) / 1ms));
  if (t->is_corrupt()) complain(std::format("{} has read what was not sent: {}", name, progress(*t)));
  // A neighbour is asked for three times: on a lossy wire it may get no answer.
  const bool no_neighbour = t->failure() == error::unreachable && plan_.faults.loss > 0;
  if (t->has_failed() && !plan_.streams[index].may_fail && !no_neighbour)
    complain(std::format("{} failed, which it may not: {}; {}", name, reason(*t), progress(*t)));
  ++(t->has_failed() ? failed_ : completed_);
}

// The aftermath: no connection, no timer, no memory, no frame is left.
void world::drain() {
  for (stream& s : streams_) s.client.reset(), s.server.reset();
  link_.set_cut(false);
  for (const time_point end = now_ + aftermath; now_ < end;) {
    link_.deliver(now_);
    time_point next = link_.next_arrival();
    for (host* h : {&left_, &right_}) {
      receive(*h);
      while (tcp::connection* c = h->machine->tcp().accept(*h->acceptor)) h->machine->tcp().release(*c, now_);
      h->machine->flush(now_);
      next = std::min(next, h->machine->deadline());
    }
    if (next == never) break;
    now_ = std::max(next, now_ + 1us);
  }
  for (host* h : {&left_, &right_}) {
    const std::string_view name = h == &left_ ? "left" : "right";
    engine& e = *h->machine;
    if (e.tcp().connections() != 0 || e.tcp().resting() != 0)
      complain(std::format("{}: {} connections are left, {} rest", name, e.tcp().connections(),
                           e.tcp().resting()));
    if (e.memory().in_use() != 0) complain(std::format("{}: {} bytes are left", name, e.memory().in_use()));
    if (e.tcp().deadline() != never) complain(std::format("{}: a timer of TCP is left", name));
    if (e.deadline() != never) complain(std::format("{}: a timer is left", name));
  }
  if (link_.unreleased() != 0) complain("frames were not given back");
}

// --- What is told -----------------------------------------------------------------------------------------

void world::trace(std::function<void(const std::string&)> line) {
  link_.tap = [this, line](bool from_left, const abi::net_header&, std::span<const std::byte> frame) {
    const auto tcp_in = [](const auto& ip) -> std::optional<wire::tcp::parsed> {
      if (!ip || ip->header.protocol != wire::ipv4::tcp) return std::nullopt;
      const auto t = wire::tcp::parse(ip->payload, ip->header.source, ip->header.destination, false);
      return t ? std::optional{*t} : std::nullopt;
    };
    const auto packet = frame.subspan(wire::ethernet::size);
    const auto t = wire::load16(frame, 12) == wire::ethernet::type_ipv6 ? tcp_in(wire::ipv6::parse(packet))
                                                                        : tcp_in(wire::ipv4::parse(packet));
    if (!t) return;
    const auto& f = t->header.flags;
    line(std::format("{:9.3f} {} {} {}{}{}{} seq {} len {} ack {} win {}",
                     std::chrono::duration<double>(now_.time_since_epoch()).count(), from_left ? ">" : "<",
                     from_left ? t->header.source_port : t->header.destination_port, f.syn ? "S" : "",
                     f.fin ? "F" : "", f.rst ? "R" : "", f.ack ? "." : "", t->header.sequence,
                     t->payload.size(), t->header.acknowledgement, t->header.window));
  };
}

std::string world::account() const {
  std::string text = std::format(
      "{}, loss {}, corruption {}, reordering {}, delay {} us, queue {}, MTU {}, receive buffers {} and {}, "
      "memory {} and {}\n",
      plan_.ipv6 ? "IPv6" : "IPv4", plan_.faults.loss, plan_.faults.corruption, plan_.faults.reordering,
      plan_.faults.delay / 1us, plan_.faults.queue_limit, plan_.ends.mtu, plan_.left.tcp.receive_buffer,
      plan_.right.tcp.receive_buffer, plan_.left.memory_limit, plan_.right.memory_limit);
  constexpr std::string_view names[] = {"the wire is cut", "the wire is mended", "left stops",
                                        "left starts",     "right stops",        "right starts"};
  for (const auto& e : plan_.events)
    text += std::format("at {} ms {}\n", e.at / 1ms, names[static_cast<std::size_t>(e.what)]);
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    text += std::format("stream {}: from {} ms, {} bytes up, {} down{}\n", i, plan_.streams[i].opens_at / 1ms,
                        plan_.streams[i].up, plan_.streams[i].down,
                        plan_.streams[i].may_fail ? ", may fail" : "");
  }
  for (const host* h : {&left_, &right_}) {
    if (!h->machine) continue;
    for (const counter c : counters::all())
      if (const auto n = h->machine->counters()[c])
        text += std::format("{} {} {}\n", h == &left_ ? "left" : "right", to_string(c), n);
  }
  return text;
}

}  // namespace aster::net::simulation
