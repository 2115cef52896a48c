#include "aster/net/tcp/receiver.hpp"

#include <algorithm>

#include "aster/net/counters.hpp"

namespace aster::net::tcp {

void receiver::start(sequence irs, std::uint32_t mss, std::uint8_t shift, bool selective) {
  selective_ = selective;
  const std::uint32_t offered = distance(rcv_nxt_, edge_);  // in our SYN, if we sent one first
  rcv_nxt_ = irs + 1;
  edge_ = rcv_nxt_ + offered;
  mss_ = mss;
  shift_ = shift;
}

bool receiver::accepts(const segment& seg) const {
  const std::uint32_t length = seg.length();
  if (length == 0) {
    // One past the window is taken too: there stand the acknowledgements of a peer that has filled it.
    return rcv_nxt_ <= seg.seq && seg.seq <= edge_;
  }
  return rcv_nxt_ < seg.seq + length && seg.seq < edge_;
}

// The reader has taken so much in a round trip: twice that is the buffer with which neither side waits for
// the other, one half under way and the other being read. It grows only: what is not used costs nothing.
void receiver::fit_buffer(duration round_trip, time_point now) {
  if (round_trip <= duration::zero() || now - taken_since_ < round_trip) return;
  const std::size_t wanted = 2 * taken_;
  if (wanted > capacity_ && capacity_ < settings_.most_receive_buffer && !stream_.is_memory_scarce())
    capacity_ = static_cast<std::uint32_t>(std::min<std::size_t>(wanted, settings_.most_receive_buffer));
  taken_ = 0;
  taken_since_ = now;
}

receiver::taken receiver::text(const segment& seg, duration round_trip, time_point now) {
  fit_buffer(round_trip, now);
  sequence begin = seg.seq + (seg.flags.syn ? 1u : 0u);
  wire::bytes payload = seg.payload;
  const bool had_payload = !payload.empty();
  bool fin = seg.flags.fin;

  if (begin + static_cast<std::uint32_t>(payload.size()) > edge_) {
    payload = payload.first(begin < edge_ ? distance(begin, edge_) : 0);
    fin = false;  // it stands behind what was cut off
  }
  if (has_fin_ && begin + static_cast<std::uint32_t>(payload.size()) > fin_)
    payload = payload.first(begin < fin_ ? distance(begin, fin_) : 0);  // nothing follows a FIN
  if (fin && !has_fin_) {
    has_fin_ = true;
    fin_ = begin + static_cast<std::uint32_t>(payload.size());
  }

  taken result;
  if (!payload.empty() && begin < rcv_nxt_) {
    const std::uint32_t old =
        std::min<std::uint32_t>(distance(begin, rcv_nxt_), static_cast<std::uint32_t>(payload.size()));
    payload = payload.subspan(old);
    begin += old;
  }
  if (payload.empty()) {
    if (had_payload) {
      counters_.add(counter::tcp_duplicate_payload);
      came_again(seg.seq + (seg.flags.syn ? 1u : 0u), static_cast<std::uint32_t>(seg.payload.size()));
      acknowledge_duplicate();
    }
  } else {
    const std::uint64_t position = stream_.next() + distance(rcv_nxt_, begin);
    const std::uint64_t before = stream_.next();
    switch (stream_.insert(position, payload)) {
      case reassembler::outcome::in_order:
        counters_.add(counter::bytes_copied_received, payload.size());
        if (payload.size() >= mss_ || delaying_) {
          acknowledge_now();
        } else {
          delaying_ = true;
          delayed_until_ = now + settings_.delayed_ack;
        }
        break;
      case reassembler::outcome::filled_gap:
        counters_.add(counter::bytes_copied_received, payload.size());
        acknowledge_now();  // RFC 5681 §4.2
        break;
      case reassembler::outcome::out_of_order:
        counters_.add(counter::bytes_copied_received, payload.size());
        counters_.add(counter::tcp_out_of_order);
        if (selective_) blocks_.arrived(position);
        acknowledge_duplicate();
        break;
      case reassembler::outcome::duplicate:
        counters_.add(counter::tcp_duplicate_payload);
        came_again(begin, static_cast<std::uint32_t>(payload.size()));
        if (selective_) blocks_.arrived(position);
        acknowledge_duplicate();
        break;
      case reassembler::outcome::no_room:
        counters_.add(position == before ? counter::tcp_memory_limit : counter::tcp_out_of_order_dropped);
        acknowledge_duplicate();
        break;
    }
    const auto advanced = static_cast<std::uint32_t>(stream_.next() - before);
    rcv_nxt_ += advanced;
    result.readable = advanced > 0;
  }
  if (has_fin_) {
    if (!finished_ && rcv_nxt_ == fin_) {
      finished_ = true;
      rcv_nxt_ += 1;
      result.finished = true;
    }
    if (seg.flags.fin || result.finished) acknowledge_now();
  }
  edge_ = later(edge_, rcv_nxt_);
  return result;
}

std::size_t receiver::read(wire::mutable_bytes out) {
  const std::size_t n = stream_.read(out);
  if (n > 0) read_some(n);
  return n;
}

std::size_t receiver::take_reader_bytes() {
  const std::size_t n = stream_.take_reader_bytes();
  if (n > 0) read_some(n);
  return n;
}

// The program took bytes: say so when it opens the window by a half. Smaller steps travel with the
// acknowledgements of data.
void receiver::read_some(std::size_t count) {
  taken_ += count;
  if (finished_) return;
  const sequence fresh = rcv_nxt_ + space();
  if (fresh > edge_ && distance(edge_, fresh) >= effective_capacity() / 2) acknowledge_now();
}

void receiver::discard() { stream_.discard(); }

std::uint32_t receiver::effective_capacity() const {
  return stream_.is_memory_scarce() ? std::min<std::uint32_t>(capacity_, chunk::capacity) : capacity_;
}

std::uint32_t receiver::space() const {
  const std::size_t held = stream_.readable(), capacity = effective_capacity();
  return held < capacity ? static_cast<std::uint32_t>(capacity - held) : 0;
}

sequence receiver::offered_edge() const {
  const sequence fresh = rcv_nxt_ + space();
  if (fresh <= edge_) return edge_;
  return distance(edge_, fresh) >= std::min(effective_capacity() / 2, mss_) ? fresh : edge_;
}

std::uint16_t receiver::window_field(bool in_syn) const {
  const std::uint32_t window = distance(rcv_nxt_, offered_edge());
  return static_cast<std::uint16_t>(std::min<std::uint32_t>(in_syn ? window : window >> shift_, 65535));
}

void receiver::report(wire::tcp_options& options, std::size_t room) const {
  if (!selective_ || room == 0 || (!stream_.has_gap() && !blocks_.has_duplicate())) return;
  const auto in_sequence = [&](std::uint64_t position) {
    return rcv_nxt_ + static_cast<std::uint32_t>(position - stream_.next());
  };
  blocks_.fill(options, room, [&](std::uint64_t position) -> std::optional<std::pair<sequence, sequence>> {
    const auto range = stream_.range_around(position);
    if (!range) return std::nullopt;
    return std::pair{in_sequence(range->first), in_sequence(range->second)};
  });
  // Room that is left goes to those that were pushed out of memory by others.
  const std::size_t first = blocks_.has_duplicate() ? 1 : 0;
  stream_.for_each_range([&](std::uint64_t begin, std::uint64_t end) {
    if (options.sack_count >= room) return false;
    sack_blocks::add_once(options, first, {in_sequence(begin).value, in_sequence(end).value});
    return true;
  });
}

void receiver::sent(std::uint16_t field, bool in_syn, bool alone) {
  edge_ = later(edge_, rcv_nxt_ + (std::uint32_t{field} << (in_syn ? 0 : shift_)));
  delaying_ = false;
  blocks_.sent();
  if (alone) {
    if (owed_ > 0) --owed_;
  } else if (owed_ <= 1) {
    owed_ = 0;  // data has carried it; duplicates are counted by the peer only when they travel alone
  }
}

}  // namespace aster::net::tcp
