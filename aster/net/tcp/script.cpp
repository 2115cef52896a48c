#include "aster/net/tcp/script.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "aster/net/chunk.hpp"
#include "aster/net/siphash.hpp"
#include "aster/net/tcp/host.hpp"
#include "aster/net/tcp/script_line.hpp"
#include "aster/net/wire/checksum.hpp"

namespace aster::net::tcp {
namespace {

using failed = script_failed;
using words = script_words;
using described = script_segment;
constexpr auto ours = script_ours, theirs = script_theirs;
constexpr auto their_isn = script_their_isn;

struct sent_segment {
  time_point at;
  std::uint16_t to;  // peer's port
  wire::tcp header;
  std::vector<std::byte> payload;
  std::uint16_t segment_size;
  std::uint8_t congestion_bits;
};

struct wire_end final : packet_sink {
  std::deque<sent_segment> sent;
  bool is_full = false;

  result send(packet& p, time_point now) override {
    if (is_full) return result::full;
    std::vector<std::byte> bytes(p.transport().begin(),
                                 p.transport().begin() + static_cast<long>(p.transport_size));
    for (const auto piece : p.payload()) bytes.insert(bytes.end(), piece.begin(), piece.end());
    if (bytes.size() != p.transport_size + p.payload_size)
      throw failed{"the pieces do not make up the payload"};
    const auto parsed = wire::tcp::parse(bytes, p.source, p.destination, false);
    if (!parsed) throw failed{"the host sent a malformed segment"};
    sent.push_back({now,
                    parsed->header.destination_port,
                    parsed->header,
                    {parsed->payload.begin(), parsed->payload.end()},
                    p.segment_size,
                    static_cast<std::uint8_t>(p.traffic_class & wire::ipv4::congestion_bits)});
    return result::sent;
  }
};

struct peer {
  std::optional<std::uint32_t> our_isn;
  std::optional<std::uint32_t> our_clock;  // what our first timestamp said
  std::uint16_t our_port_here = script_port;
  connection* held = nullptr;
  std::uint32_t written = 0, read = 0;
  std::vector<std::vector<std::byte>> lent;
};

class runner {
 public:
  void line(std::string_view text) {
    words w{text};
    if (w.peek() == "set") {
      w.next();
      set(w);
      return;
    }
    if (w.peek().starts_with('+')) advance(script_decimal(w.next().substr(1)), w.peek() == ">");
    make();
    const std::string_view word = w.next();
    if (word == ">") return expect(w);
    if (word == "nothing") return nothing_sent();
    nothing_sent();
    if (word == "<") {
      arrive(w);
    } else {
      call(word, w);
    }
    host_->flush(now_);
  }

  void end() {
    nothing_sent();
    for (auto& [n, p] : peers_) {
      if (p.held == nullptr) continue;
      p.held->settle(true);  // the lender goes before the host
      host_->release(*std::exchange(p.held, nullptr), now_);
    }
  }

 private:
  void set(words& w) {
    if (host_) throw failed{"set comes first"};
    const std::string_view name = w.next();
    const std::uint32_t value = script_number(w.next());
    if (name == "receive_buffer")
      options_.defaults.receive_buffer = options_.defaults.most_receive_buffer = value;
    else if (name == "send_buffer")
      options_.defaults.send_buffer = options_.defaults.most_send_buffer = value;
    else if (name == "most_receive_buffer")
      options_.defaults.most_receive_buffer = value;
    else if (name == "most_send_buffer")
      options_.defaults.most_send_buffer = value;
    else if (name == "ecn")
      options_.defaults.request_congestion_marks = value != 0;
    else if (name == "cookies")
      options_.defaults.cookies = value != 0;
    else if (name == "newreno")
      options_.defaults.congestion =
          value != 0 ? congestion_algorithm::new_reno : congestion_algorithm::cubic;
    else if (name == "pacing")
      options_.defaults.pacing = value != 0;
    else if (name == "mtu")
      options_.mtu = value;
    else if (name == "connection_limit")
      options_.connection_limit = value;
    else if (name == "memory_limit")
      memory_limit_ = value;
    else if (name == "gso")
      options_.segmentation = value != 0;
    else if (name == "time_wait_limit")
      options_.defaults.time_wait_limit = value;
    else
      throw failed{"unknown setting " + std::string{name}};
  }

  void make() {
    if (host_) return;
    pool_.emplace(memory_limit_);
    host_.emplace(wire_, *pool_, counts_, random_, options_);
  }

  // Time goes on, from timer to timer. Before a `>` line at the same moment, what is due now is done.
  void advance(double seconds, bool for_output) {
    make();
    const time_point target = now_ + duration{std::llround(seconds * 1e9)};
    while (host_->deadline() <= target && (host_->deadline() < target || for_output || seconds > 0)) {
      now_ = std::max(now_, host_->deadline());
      host_->expired(now_);
      host_->flush(now_);
      if (!wire_.sent.empty() && wire_.sent.front().at < target) {
        const double early = std::chrono::duration<double>(target - wire_.sent.front().at).count();
        throw failed{"sent " + std::to_string(early) + " s early: " + text_of(wire_.sent.front())};
      }
    }
    now_ = target;
    host_->flush(now_);
  }

  peer& take_peer(words& w) {
    current_ = 1;
    if (w.peek().starts_with('@')) current_ = script_number(w.next().substr(1));
    return peers_[current_];
  }

  std::string text_of(const sent_segment& s) {
    peer& p = peers_[static_cast<std::uint32_t>(s.to - 40000)];
    const std::uint32_t isn = p.our_isn.value_or(s.header.sequence);
    const std::uint32_t begin = s.header.sequence - isn;
    const auto length = static_cast<std::uint32_t>(s.payload.size());
    std::string t = "> @" + std::to_string(s.to - 40000) + " " + script_flags(s.header.flags) + " " +
                    std::to_string(begin) + ":" + std::to_string(begin + length) + "(" +
                    std::to_string(length) + ")";
    if (s.header.flags.ack) t += " ack " + std::to_string(s.header.acknowledgement - their_isn);
    t += " win " + std::to_string(s.header.window);
    if (s.header.options.maximum_segment_size)
      t += " <mss " + std::to_string(*s.header.options.maximum_segment_size) + ">";
    if (const auto& ts = s.header.options.timestamps)
      t += " <TS val " + std::to_string(ts->value - p.our_clock.value_or(ts->value)) + " ecr " +
           std::to_string(ts->echo) + ">";
    for (std::size_t i = 0; i < s.header.options.sack_count; ++i)
      t += " <sack " + std::to_string(s.header.options.sack[i].begin - their_isn) + ":" +
           std::to_string(s.header.options.sack[i].end - their_isn) + ">";
    if (s.header.options.window_scale)
      t += " <wscale " + std::to_string(*s.header.options.window_scale) + ">";
    return t + " at " + std::to_string(std::chrono::duration<double>(s.at.time_since_epoch()).count());
  }

  void nothing_sent() {
    if (!wire_.sent.empty()) throw failed{"not expected: " + text_of(wire_.sent.front())};
  }

  void expect(words& w) {
    peer& p = take_peer(w);
    const described d = described::parse(w);
    if (wire_.sent.empty()) throw failed{"nothing was sent"};
    const sent_segment s = std::move(wire_.sent.front());
    wire_.sent.pop_front();
    const wire::tcp& h = s.header;
    if (h.flags.syn) {
      p.our_isn = h.sequence;
      p.our_port_here = h.source_port;
    }
    const std::string was = "was " + text_of(s);
    if (s.to != script_port_of(current_)) throw failed{"another peer; " + was};
    wire::tcp_options options = h.options;  // as scripts count
    if (options.timestamps) {
      if (!p.our_clock) p.our_clock = options.timestamps->value;
      options.timestamps->value -= *p.our_clock;
    }
    for (std::size_t i = 0; i < options.sack_count; ++i) {
      options.sack[i].begin -= their_isn;
      options.sack[i].end -= their_isn;
    }
    // A reset that answers a segment of no connection carries the sender's own numbers.
    const std::uint32_t isn = p.our_isn.value_or(0);
    if (!(h.flags == d.flags)) throw failed{"flags; " + was};
    if (h.sequence - isn != d.begin) throw failed{"sequence number; " + was};
    if (s.payload.size() != d.length) throw failed{"length; " + was};
    if (d.ack && h.acknowledgement - their_isn != *d.ack) throw failed{"acknowledgement; " + was};
    if (d.window && h.window != *d.window) throw failed{"window; " + was};
    if (d.options && !(options == *d.options)) throw failed{"options; " + was};
    if (d.congestion_bits && *d.congestion_bits != s.congestion_bits) throw failed{"congestion bits; " + was};
    if (s.at != now_) throw failed{"time; " + was};
    if (!std::ranges::equal(s.payload, script_pattern(d.begin - 1, d.length, true)) && d.length > 0)
      throw failed{"payload; " + was};
    if (d.length > options_.mtu - 40 && s.segment_size == 0) throw failed{"larger than a segment; " + was};
  }

  void arrive(words& w) {
    peer& p = take_peer(w);
    const described d = described::parse(w);
    wire::tcp h{.source_port = script_port_of(current_),
                .destination_port = p.our_port_here,
                .sequence = their_isn + d.begin,
                .acknowledgement = d.ack ? p.our_isn.value_or(0) + *d.ack : 0,
                .flags = d.flags,
                .window = static_cast<std::uint16_t>(d.window.value_or(65535)),
                .options = d.options.value_or(wire::tcp_options{})};
    if (h.options.timestamps && d.flags.ack) h.options.timestamps->echo += p.our_clock.value_or(0);
    for (std::size_t i = 0; i < h.options.sack_count; ++i) {
      h.options.sack[i].begin += p.our_isn.value_or(0);
      h.options.sack[i].end += p.our_isn.value_or(0);
    }
    std::vector<std::byte> bytes(h.size());
    h.emit(bytes);
    const auto payload = script_pattern(d.begin - (d.flags.syn ? 0 : 1), d.length, false);
    bytes.insert(bytes.end(), payload.begin(), payload.end());
    wire::checksum sum = wire::pseudo_header(theirs, ours, wire::ipv4::tcp, bytes.size());
    sum.add(bytes);
    wire::store16(bytes, wire::tcp::checksum_offset, sum.value());
    host_->arrived(theirs, ours, bytes, true, now_, d.congestion_bits == wire::ipv4::congestion_experienced);
  }

  void call(std::string_view word, words& w) {
    current_ = 1;
    if (word.starts_with('@')) {
      current_ = script_number(word.substr(1));
      word = w.next();
    }
    peer& p = peers_[current_];
    if (word == "listen") {
      acceptor_ = host_->listen(script_port, w.peek().empty() ? 16 : script_number(w.next()));
      if (acceptor_ == nullptr) throw failed{"the port is taken"};
    } else if (word == "unlisten") {
      host_->unlisten(*std::exchange(acceptor_, nullptr));
    } else if (word == "full") {
      wire_.is_full = w.next() == "on";
    } else if (word == "connections") {
      compare("connections", host_->connections(), script_number(w.next()));
    } else if (word == "resting") {
      compare("resting", host_->resting(), script_number(w.next()));
    } else if (word == "memory") {
      compare("memory", pool_->in_use(), script_number(w.next()));
    } else if (word == "count") {
      const std::string_view name = w.next();
      for (const counter c : counters::all())
        if (to_string(c) == name) return compare(name, counts_[c], script_number(w.next()));
      throw failed{"no such counter: " + std::string{name}};
    } else if (word == "icmp") {
      icmp(w);
    } else if (word == "accept") {
      connection* c = host_->accept(*acceptor_);
      if (w.peek() == "nothing") {
        if (c != nullptr) throw failed{"there was a connection to accept"};
        return;
      }
      if (c == nullptr) throw failed{"nothing to accept"};
      peers_[static_cast<std::uint32_t>(c->id().remote.port - 40000)].held = c;
    } else if (word == "connect") {
      const auto c = host_->connect(ours, {theirs, script_port_of(current_)}, now_);
      if (!c) throw failed{std::string{"connect: "} + net::to_string(c.error())};
      p.held = *c;
    } else {
      if (p.held == nullptr) throw failed{"no connection is held for `" + std::string{word} + "`"};
      on_connection(word, w, p);
    }
  }

  void on_connection(std::string_view word, words& w, peer& p) {
    connection& c = *p.held;
    if (word == "write") {
      const auto bytes = script_pattern(p.written, script_number(w.next()), true);
      const auto n = c.write(bytes);
      const std::string_view expected = w.peek() == "=" ? (w.next(), w.next()) : "";
      if (!n) {
        if (expected != error_name(n.error())) throw failed{"write: " + std::string{error_name(n.error())}};
        return;
      }
      compare("written", *n, expected.empty() ? bytes.size() : script_number(expected));
      p.written += static_cast<std::uint32_t>(*n);
    } else if (word == "lend") {
      const auto& bytes = p.lent.emplace_back(script_pattern(p.written, script_number(w.next()), true));
      if (!c.lend(bytes)) throw failed{"lend failed"};
      p.written += static_cast<std::uint32_t>(bytes.size());
    } else if (word == "settle" || word == "withdraw") {
      c.settle(word == "settle");
      for (auto& bytes : p.lent) std::ranges::fill(bytes, std::byte{0xee});
    } else if (word == "read") {
      read(w, p);
      return;
    } else if (word == "shutdown") {
      c.shutdown_write();
    } else if (word == "abort") {
      c.abort();
    } else if (word == "close") {
      host_->release(*std::exchange(p.held, nullptr), now_);
      return;
    } else if (word == "keepalive") {
      c.set_keep_alive(duration{std::llround(script_decimal(w.next()) * 1e9)}, now_);
    } else if (word == "usertimeout") {
      c.set_user_timeout(duration{std::llround(script_decimal(w.next()) * 1e9)});
    } else if (word == "cork") {
      c.set_cork(w.next() == "on");
    } else if (word == "info") {
      info(w, c.info());
      return;
    } else if (word == "nodelay") {
      c.set_no_delay(w.next() == "on");
    } else if (word == "state") {
      const std::string_view name = w.next();
      if (to_string(c.state()) != name) throw failed{"state is " + std::string{to_string(c.state())}};
      return;
    } else if (word == "failure") {
      const std::string_view name = w.next();
      const std::string_view is = c.failure() ? error_name(*c.failure()) : "none";
      if (is != name) throw failed{"failure is " + std::string{is}};
      return;
    } else {
      throw failed{"not understood: `" + std::string{word} + "`"};
    }
    host_->touched(c);
  }

  static void info(words& w, const tcp::info& i) {
    const std::string_view name = w.next();
    const auto milliseconds = [](duration d) {
      return static_cast<std::size_t>(d / std::chrono::milliseconds{1});
    };
    const std::size_t is = name == "cwnd"       ? i.congestion_window
                           : name == "ssthresh" ? i.slow_start_threshold
                           : name == "inflight" ? i.in_flight
                           : name == "sacked"   ? i.sacked
                           : name == "lost"     ? i.lost
                           : name == "retrans"  ? i.retransmissions
                           : name == "mss"      ? i.segment_size
                           : name == "rtt"      ? milliseconds(i.round_trip)
                           : name == "rto"      ? milliseconds(i.timeout)
                           : name == "rate"     ? static_cast<std::size_t>(i.delivery_rate)
                           : name == "sndbuf"   ? i.send_buffer
                           : name == "rcvbuf"   ? i.receive_buffer
                           : name == "sack"     ? i.selective
                           : name == "stamps"   ? i.timestamps
                           : name == "scaling"  ? i.window_scaling
                           : name == "ecn"      ? i.explicit_congestion
                                                : throw failed{"no such info: " + std::string{name}};
    compare(name, is, script_number(w.next()));
  }

  void read(words& w, peer& p) {
    std::vector<std::byte> bytes(script_number(w.next()));
    const std::size_t n = p.held->read(bytes);
    if (w.next() != "=") throw failed{"read N = RESULT"};
    const std::string_view expected = w.next();
    const std::string is = n > 0               ? std::to_string(n)
                           : p.held->at_end()  ? "eof"
                           : p.held->failure() ? std::string{error_name(*p.held->failure())}
                                               : "nothing";
    if (is != expected) throw failed{"read gave " + is};
    bytes.resize(n);
    if (bytes != script_pattern(p.read, static_cast<std::uint32_t>(n), false))
      throw failed{"read gave other bytes"};
    p.read += static_cast<std::uint32_t>(n);
    host_->touched(*p.held);
  }

  void icmp(words& w) {
    peer& p = take_peer(w);
    std::array<std::byte, 8> quoted{};
    wire::store16(quoted, 0, p.our_port_here);
    wire::store16(quoted, 2, script_port_of(current_));
    wire::store32(quoted, 4, p.our_isn.value_or(0) + script_number(w.next()));
    const std::string_view kind = w.next();
    const std::uint32_t mtu = kind == "toobig" ? script_number(w.next()) : 0;
    host_->icmp_error(ours, theirs, quoted, kind == "unreachable", mtu);
  }

  static std::string_view error_name(error e) {
    switch (e) {
      case error::closed: return "closed";
      case error::reset: return "reset";
      case error::timed_out: return "timed_out";
      case error::refused: return "refused";
      case error::unreachable: return "unreachable";
      case error::exhausted: return "exhausted";
      case error::invalid: return "invalid";
      case error::unknown_name: return "unknown_name";
    }
    return "?";
  }

  static void compare(std::string_view what, std::size_t is, std::size_t expected) {
    if (is != expected)
      throw failed{std::string{what} + " is " + std::to_string(is) + ", not " + std::to_string(expected)};
  }

  time_point now_{};
  wire_end wire_;
  counters counts_;
  random_source random_{{1, 2}};
  host_options options_;
  std::size_t memory_limit_ = 1 << 20;
  std::optional<chunk_pool> pool_;
  std::map<std::uint32_t, peer> peers_;
  std::optional<host> host_;
  acceptor* acceptor_ = nullptr;
  std::uint32_t current_ = 1;
};

}  // namespace

std::string run_script(std::string_view text) {
  runner r;
  std::string fault = for_each_script_line(text, [&](std::string_view line) { r.line(line); });
  if (!fault.empty()) return fault;
  try {
    r.end();
  } catch (const failed& f) {
    return f.what();
  }
  return {};
}

}  // namespace aster::net::tcp
