#include "aster/net/tcp/host.hpp"

#include <algorithm>

#include "aster/net/tcp/isn.hpp"
#include "aster/net/wire/checksum.hpp"

namespace aster::net::tcp {

namespace {

// Dynamic ports (RFC 6335 §6), chosen at random (RFC 6056 §3.3.1).
constexpr std::uint16_t first_dynamic_port = 49152;
constexpr std::uint32_t dynamic_ports = 65536 - first_dynamic_port;

// A handshake that has waited so long may be dropped for a new one.
constexpr duration patience = std::chrono::seconds{1};

// A new connection's numbers must lie beyond those of the one that rests (RFC 9293 §3.4.3).
constexpr std::uint32_t beyond = 128 * 1024;

}  // namespace

host::host(packet_sink& sink, chunk_pool& pool, counters& counts, random_source& random,
           const host_options& o)
    : sink_(sink),
      counts_(counts),
      random_(random),
      defaults_(o.defaults),
      environment_{defaults_,
                   pool,
                   counts,
                   rate_limit{100, std::chrono::milliseconds{10}},
                   o.mtu,
                   o.segmentation,
                   o.segmentation6,
                   flights_,
                   random.next_key()},
      connection_limit_(o.connection_limit),
      isn_key_(random.next_key()),
      cookies_(random.next_key()),
      table_(random.next_key()),
      time_wait_(o.defaults.time_wait_limit, random.next_key()) {}

void host::set_link(std::uint32_t mtu, bool segmentation, bool segmentation6) {
  environment_.mtu = mtu;
  environment_.segmentation4 = segmentation;
  environment_.segmentation6 = segmentation6;
}

host::~host() {
  while (!acceptors_.empty()) unlisten(*acceptors_.back());
  table_.for_each([this](entry& e) { destroy(e); });
}

// --- Segments that arrive ---------------------------------------------------------------------------------

void host::arrived(const ip_address& source, const ip_address& destination, wire::bytes bytes, bool verify,
                   time_point now, bool marked) {
  const auto parsed = wire::tcp::parse(bytes, source, destination, verify);
  if (!parsed) {
    counts_.add(parsed.error() == wire::tcp::fault::bad_checksum ? counter::tcp_checksum
                                                                 : counter::tcp_malformed);
    return;
  }
  counts_.add(counter::tcp_segments_received);
  const wire::tcp& h = parsed->header;
  const connection_id id{{destination, h.destination_port}, {source, h.source_port}};
  const segment seg{{h.sequence}, {h.acknowledgement}, h.flags, h.window, h.options, parsed->payload, marked};

  entry* e = table_.find(id);
  if (e != nullptr && !e->is_open()) {  // ended earlier in this round: its last word first
    if (!send_all(*e, now)) return;
    e = nullptr;
  }
  if (e == nullptr) {
    no_connection(id, seg, now);
    return;
  }
  if (e->arrived(seg, now) == connection::verdict::reset) answer_reset(id, seg, now);
  after_event(*e);
}

void host::no_connection(const connection_id& id, const segment& seg, time_point now) {
  if (rests(id, seg, now)) return;
  acceptor* a = find_acceptor(id.local.port);
  if (seg.flags.rst) {
    counts_.add(counter::tcp_stray);
    return;
  }
  if (a != nullptr && cookie_came_back(*a, id, seg, now)) return;
  if (a == nullptr || seg.flags.ack || !seg.flags.syn) {
    // A FIN or plain data without ACK for a listening port is answered by nothing (RFC 9293 §3.10.7.2).
    if (a != nullptr && !seg.flags.ack) {
      counts_.add(counter::tcp_stray);
      return;
    }
    counts_.add(counter::tcp_no_listener);
    answer_reset(id, seg, now);
    return;
  }
  syn_arrived(*a, id, seg, initial_sequence(isn_key_, id, now), now);
}

// The clock that a connection of this pair has, or had.
timestamps host::connection_clock(const connection_id& id, std::uint32_t recent, time_point now) const {
  timestamps t{static_cast<std::uint32_t>(pair_hash(environment_.clock_key, id))};
  t.agree(recent, now);
  return t;
}

// Whether the pair of ends rests in TIME-WAIT, and the segment is thereby answered.
bool host::rests(const connection_id& id, const segment& seg, time_point now) {
  const time_wait_table::record* r = time_wait_.find(id);
  if (r == nullptr) return false;
  if (seg.flags.rst) return true;  // must not end the rest (RFC 1337)
  std::optional<std::uint32_t> clock;
  if (seg.options.timestamps) clock = seg.options.timestamps->value;
  if (seg.flags.syn && !seg.flags.ack && time_wait_table::is_newer(*r, seg.seq, clock)) {
    acceptor* a = find_acceptor(id.local.port);
    if (a != nullptr) {
      const sequence iss = later(initial_sequence(isn_key_, id, now), r->snd_nxt + beyond);
      time_wait_.remove(id);
      counts_.add(counter::tcp_time_wait_reused);
      syn_arrived(*a, id, seg, iss, now);
      return true;
    }
  }
  const bool fin_again = seg.flags.fin && seg.seq + seg.length() == r->rcv_nxt;
  const bool worth_an_answer = seg.length() > 0 || seg.seq != r->rcv_nxt;
  if (worth_an_answer) {
    wire::tcp_options options;
    if (r->clock) options.timestamps = connection_clock(id, *r->clock, now).option(now);
    send_bare(id, r->snd_nxt, r->rcv_nxt, {.ack = true}, r->window, now, options);
  }
  if (fin_again) time_wait_.restart(id, now + defaults_.time_wait);
  return true;
}

void host::syn_arrived(acceptor& a, const connection_id& id, const segment& seg, sequence iss,
                       time_point now) {
  if (a.is_full()) {
    // A cookie needs no place. Without them the one that has waited longest makes room; with them it stays,
    // for in a burst that keeps us busy for longer than its patience it may have answered already, and would
    // be reset.
    if (defaults_.cookies && a.has_place_for_ready()) return answer_by_cookie(id, seg, now);
    entry* oldest = a.oldest_half_open();
    if (defaults_.cookies || oldest == nullptr || now - oldest->opened < patience) {
      counts_.add(counter::tcp_backlog_full);
      return;
    }
    counts_.add(counter::tcp_half_open_evicted);
    destroy(*oldest);
  }
  if (table_.size() >= connection_limit_) {
    counts_.add(counter::tcp_connection_limit);
    return;
  }
  entry* e = add(new (std::nothrow) entry(environment_, id, iss, seg, now), now);
  if (e == nullptr) {
    counts_.add(counter::tcp_connection_limit);
    return;
  }
  a.add_half_open(*e);
  after_event(*e);
}

void host::answer_reset(const connection_id& id, const segment& seg, time_point now) {
  if (seg.flags.rst) return;
  counts_.add(counter::tcp_resets_sent);
  if (seg.flags.ack) {
    send_bare(id, seg.ack, {}, {.rst = true}, 0, now);
  } else {
    send_bare(id, {}, seg.seq + seg.length(), {.rst = true, .ack = true}, 0, now);
  }
}

void host::icmp_error(const ip_address& source, const ip_address& destination, wire::bytes quoted, bool hard,
                      std::uint32_t path_mtu) {
  entry* e = nullptr;
  if (quoted.size() >= 8) {
    e = table_.find({{source, wire::load16(quoted, 0)}, {destination, wire::load16(quoted, 2)}});
  }
  if (e == nullptr) {
    counts_.add(counter::icmp_error_ignored);
    return;
  }
  const sequence seq{wire::load32(quoted, 4)};
  if (path_mtu > 0) {
    e->path_shrunk(seq, path_mtu);
  } else {
    e->unreachable(seq, hard);
  }
  after_event(*e);
}

// --- Time -------------------------------------------------------------------------------------------------

void host::expired(time_point now) {
  while (entry* e = timers_.take(now)) {
    e->expired(now);
    after_event(*e);
  }
  time_wait_.expire(now);
}

time_point host::deadline() const { return std::min(timers_.deadline(), time_wait_.deadline()); }

// Whoever is concerned learns what happened, and what is to be sent will be.
void host::after_event(entry& e) {
  if (e.accepted_by != nullptr && !e.is_ready && e.is_open() && e.state() != state::syn_received)
    e.accepted_by->finished(e);
  if (e.watched_by != nullptr) e.watched_by->changed(e);
  make_due(e);  // its timer is set when it has sent what it wants to
}

// --- Sending ----------------------------------------------------------------------------------------------

void host::make_due(entry& e) {
  if (e.is_due) return;
  e.is_due = true;
  e.next_due = nullptr;
  (due_last_ == nullptr ? due_first_ : due_last_->next_due) = &e;
  due_last_ = &e;
}

void host::flush(time_point now) {
  while (due_first_ != nullptr) {
    entry& e = *due_first_;
    if (!send_all(e, now)) return;  // it stays first: the device is full
  }
}

// Sends everything that `e` has to say; false when the sink is full. Afterwards `e` is not due any more, and
// gone if it has ended.
bool host::send_all(entry& e, time_point now) {
  while (auto out = e.next(now)) {
    if (!send(e, *out, now)) return false;
  }
  remove_due(e);
  if (!e.is_open()) {
    retire(e, now);
  } else {
    timers_.schedule(e, e.deadline());
  }
  return true;
}

bool host::send(entry& e, outgoing& out, time_point now) {
  packet& p = packet_;
  p.piece_count = 0;
  if (out.payload_size > 0) {
    std::size_t described = 0;
    p.piece_count = e.gather(out, p.payload_room(), described);
    if (described < out.payload_size) {  // in too many pieces: the rest follows in another segment
      out.payload_size = static_cast<std::uint32_t>(described);
      out.flags.fin = out.flags.psh = false;
      if (out.payload_size <= out.segment_size) out.segment_size = 0;
    }
  }
  const connection_id& id = e.id();
  const wire::tcp header{.source_port = id.local.port,
                         .destination_port = id.remote.port,
                         .sequence = out.seq.value,
                         .acknowledgement = out.ack.value,
                         .flags = out.flags,
                         .window = out.window,
                         .options = out.options};
  header.emit(p.transport());
  p.source = id.local.address;
  p.destination = id.remote.address;
  p.protocol = wire::ipv4::tcp;
  p.traffic_class = out.takes_marks ? wire::ipv4::marks_understood : 0;
  p.transport_size = header.size();
  p.payload_size = out.payload_size;
  p.checksum_offset = wire::tcp::checksum_offset;
  p.segment_size = out.segment_size;
  switch (sink_.send(p, now)) {
    case packet_sink::result::full: counts_.add(counter::device_full); return false;
    case packet_sink::result::no_route:  // as if the network had lost it
    case packet_sink::result::sent: break;
  }
  counts_.add(counter::tcp_segments_sent);
  if (out.flags.rst) counts_.add(counter::tcp_resets_sent);
  e.sent(out, now);
  return true;
}

void host::send_bare(const connection_id& id, sequence seq, sequence ack, wire::tcp_flags flags,
                     std::uint16_t window, time_point now, const wire::tcp_options& options) {
  packet& p = packet_;
  const wire::tcp header{.source_port = id.local.port,
                         .destination_port = id.remote.port,
                         .sequence = seq.value,
                         .acknowledgement = ack.value,
                         .flags = flags,
                         .window = window,
                         .options = options};
  header.emit(p.transport());
  p.source = id.local.address;
  p.destination = id.remote.address;
  p.protocol = wire::ipv4::tcp;
  p.traffic_class = 0;
  p.transport_size = header.size();
  p.piece_count = 0;
  p.payload_size = 0;
  p.checksum_offset = wire::tcp::checksum_offset;
  p.segment_size = 0;
  if (sink_.send(p, now) == packet_sink::result::sent) counts_.add(counter::tcp_segments_sent);
}

// --- Lives ------------------------------------------------------------------------------------------------

// Lists a new connection, or deletes it when there is no memory for its places. From then on it needs none.
entry* host::add(entry* e, time_point now) {
  if (e == nullptr) return nullptr;
  e->opened = now;
  if (timers_.reserve(table_.size() + 1) && table_.add(*e)) return e;
  delete e;
  return nullptr;
}

// The connection has ended: its pair of ends is free, or rests. The object goes when the program lets go.
void host::retire(entry& e, time_point now) {
  if (e.accepted_by != nullptr && !e.is_ready) e.accepted_by->remove(e);
  table_.remove(e);
  timers_.remove(e);
  if (e.time_waits()) {
    time_wait_table::record r{.id = e.id(),
                              .snd_nxt = e.sender().acceptable(),
                              .rcv_nxt = e.receiver().rcv_nxt(),
                              .window = e.receiver().window_field(false),
                              .until = now + defaults_.time_wait,
                              .clock = std::nullopt};
    if (e.clock().agreed()) r.clock = e.clock().recent();
    const bool evicted = time_wait_.add(r);
    if (evicted) counts_.add(counter::tcp_time_wait_evicted);
  }
  // In the queue of an acceptor it stays, and is handed out all the same: what it has received can be read.
  if (!e.is_held && e.accepted_by == nullptr) destroy(e);
}

void host::destroy(entry& e) {
  if (e.accepted_by != nullptr) e.accepted_by->remove(e);
  remove_due(e);
  table_.remove(e);
  timers_.remove(e);
  delete &e;
}

void host::remove_due(entry& e) {
  if (!e.is_due) return;
  entry* before = nullptr;
  entry** link = &due_first_;
  while (*link != &e) {
    before = *link;
    link = &(*link)->next_due;
  }
  *link = e.next_due;
  if (due_last_ == &e) due_last_ = before;
  e.is_due = false;
}

// --- The program ------------------------------------------------------------------------------------------

acceptor* host::find_acceptor(std::uint16_t port) const {
  for (const auto& a : acceptors_)
    if (a->port() == port) return a.get();
  return nullptr;
}

acceptor* host::listen(std::uint16_t port, std::size_t backlog) {
  if (port == 0) {
    const std::uint32_t start = random_.below(dynamic_ports);
    for (std::uint32_t i = 0; i < dynamic_ports && port == 0; ++i) {
      const auto candidate = static_cast<std::uint16_t>(first_dynamic_port + (start + i) % dynamic_ports);
      if (find_acceptor(candidate) == nullptr) port = candidate;
    }
  }
  if (port == 0 || find_acceptor(port) != nullptr) return nullptr;
  return acceptors_.emplace_back(std::make_unique<acceptor>(port, backlog)).get();
}

void host::unlisten(acceptor& a) {
  drop_queues(a);
  std::erase_if(acceptors_, [&](const auto& other) { return other.get() == &a; });
}

void host::drop_queues(acceptor& a) {
  for (;;) {
    entry* e = a.first_ready() != nullptr ? a.first_ready() : a.oldest_half_open();
    if (e == nullptr) break;
    a.remove(*e);
    if (!e->is_listed) {
      destroy(*e);
      continue;
    }
    e->abort();
    make_due(*e);
  }
}

connection* host::accept(acceptor& a) {
  while (entry* e = a.first_ready()) {
    a.remove(*e);
    if (e->failure() && e->readable() == 0) {  // reset while it waited: nobody needs to hear of it
      if (e->is_listed) {
        make_due(*e);
      } else {
        destroy(*e);
      }
      continue;
    }
    e->is_held = true;
    return e;
  }
  return nullptr;
}

std::uint16_t host::free_port(const ip_address& local, const endpoint& remote) {
  const std::uint32_t start = random_.below(dynamic_ports);
  for (std::uint32_t i = 0; i < dynamic_ports; ++i) {
    const auto port = static_cast<std::uint16_t>(first_dynamic_port + (start + i) % dynamic_ports);
    const connection_id id{{local, port}, remote};
    if (table_.find(id) == nullptr && time_wait_.find(id) == nullptr && find_acceptor(port) == nullptr)
      return port;
  }
  return 0;
}

std::expected<connection*, error> host::connect(const ip_address& local, const endpoint& remote,
                                                time_point now) {
  if (remote.port == 0 || !remote.address.is_unicast()) return std::unexpected{error::invalid};
  if (table_.size() >= connection_limit_) return std::unexpected{error::exhausted};
  const std::uint16_t port = free_port(local, remote);
  if (port == 0) return std::unexpected{error::exhausted};
  const connection_id id{{local, port}, remote};
  entry* e = add(new (std::nothrow) entry(environment_, id, initial_sequence(isn_key_, id, now), now), now);
  if (e == nullptr) return std::unexpected{error::exhausted};
  e->is_held = true;
  make_due(*e);
  return e;
}

void host::touched(connection& c) {
  auto& e = static_cast<entry&>(c);
  if (e.is_listed) make_due(e);  // else it has ended already
}

void host::release(connection& c, time_point now) {
  auto& e = static_cast<entry&>(c);
  e.is_held = false;
  e.close(now);
  if (e.is_listed) {
    touched(e);
  } else {
    destroy(e);
  }
}

void host::reset_all() {
  for (const auto& a : acceptors_) {
    drop_queues(*a);
    if (a->watched_by != nullptr) a->watched_by->ready(*a);
  }
  table_.for_each([this](entry& e) {
    e.abort();
    after_event(e);
  });
}

bool host::is_delivering() {
  bool found = false;
  table_.for_each([&](const entry& e) {
    found = found || (e.is_orphan() && e.is_open() && !e.sender().fin_acknowledged());
  });
  return found;
}

}  // namespace aster::net::tcp
