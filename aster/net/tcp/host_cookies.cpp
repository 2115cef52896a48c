// The host's half of SYN cookies (syn_cookie.hpp): answers without a connection, and connections without a
// SYN.
#include <algorithm>
#include <new>

#include "aster/net/tcp/host.hpp"

namespace aster::net::tcp {

// The SYN-ACK of a connection that does not exist.
void host::answer_by_cookie(const connection_id& id, const segment& syn, time_point now) {
  wire::tcp_options options;
  options.maximum_segment_size = static_cast<std::uint16_t>(environment_.mss(id));
  if (defaults_.timestamps && syn.options.timestamps) {
    options.sack_permitted = syn.options.sack_permitted && defaults_.selective_acknowledgement;
    if (syn.options.window_scale) options.window_scale = connection::window_shift(defaults_);
    wire::tcp_options theirs = syn.options;
    theirs.sack_permitted = options.sack_permitted;
    options.timestamps = connection_clock(id, syn.options.timestamps->value, now).option(now);
    options.timestamps->value = syn_cookies::stamp(options.timestamps->value, theirs);
  }
  const auto window = static_cast<std::uint16_t>(std::min<std::uint32_t>(defaults_.receive_buffer, 65535));
  counts_.add(counter::tcp_cookies_sent);
  cookies_until_ = now + std::chrono::seconds{128};
  send_bare(id, cookies_.make(id, syn, now), syn.seq + 1, {.syn = true, .ack = true}, window, now, options);
}

// Whether the segment finishes such a handshake. Then there is a connection, if there is a place for it.
bool host::cookie_came_back(acceptor& a, const connection_id& id, const segment& seg, time_point now) {
  if (now >= cookies_until_ || !seg.flags.ack || seg.flags.syn || seg.flags.fin) return false;
  const auto syn = cookies_.check(id, seg, now);
  if (!syn) return false;
  if (!a.has_place_for_ready() || table_.size() >= connection_limit_) {
    counts_.add(a.has_place_for_ready() ? counter::tcp_connection_limit : counter::tcp_backlog_full);
    return true;  // it may come again
  }
  entry* e = add(new (std::nothrow) entry(environment_, id, seg.ack - 1, *syn, now), now);
  if (e == nullptr) {
    counts_.add(counter::tcp_connection_limit);
    return true;
  }
  counts_.add(counter::tcp_cookies_returned);
  e->was_answered(now);
  a.add_half_open(*e);
  if (e->arrived(seg, now) == connection::verdict::reset) answer_reset(id, seg, now);
  after_event(*e);
  return true;
}

}  // namespace aster::net::tcp
