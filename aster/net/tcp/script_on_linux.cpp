// Scripts (script.hpp) against the kernel's TCP: segments go in and out through a tun device in a network
// namespace of the script's own, and its calls are made on real sockets. Time is real, so a line's time has
// some slack; what is our host's own (counters, its memory, a full device) is passed over.
//
// `run_script` says on standard output how it went, "VERDICT: test: detail", and always succeeds: what
// differs is for tests/network/oracle_test.py to compare with the list of what is known to.
#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <optional>

#include "aster/net/tcp/script.hpp"
#include "aster/net/tcp/script_line.hpp"
#include "aster/net/tcp/script_tun.hpp"
#include "aster/net/tcp/sequence.hpp"
#include "aster/net/wire/checksum.hpp"
#include "aster/net/wire/icmp.hpp"
#include "aster/net/wire/ipv4.hpp"

namespace aster::net::tcp {
namespace {

using clock = std::chrono::steady_clock;
using moment = clock::time_point;
using span = clock::duration;
using heard = script_tun::heard;

struct far_end {
  std::optional<std::uint32_t> isn;    // Linux's
  std::optional<std::uint32_t> stamp;  // what its first timestamp said
  std::optional<sequence> acknowledged;
  std::uint16_t port = script_port;
  int socket = -1;
  int failure = 0;  // errno
  std::uint32_t written = 0, read = 0;
};

std::string_view name_of(int failure) {
  switch (failure) {
    case 0: return "none";
    case EPIPE: return "closed";
    case ECONNRESET: return "reset";
    case ETIMEDOUT: return "timed_out";
    case ECONNREFUSED: return "refused";
    case EHOSTUNREACH: return "unreachable";
    default: return std::strerror(failure);
  }
}

std::string_view state_name(int state) {
  constexpr std::array<std::string_view, 12> names{"?",          "ESTABLISHED", "SYN-SENT",  "SYN-RECEIVED",
                                                   "FIN-WAIT-1", "FIN-WAIT-2",  "TIME-WAIT", "CLOSED",
                                                   "CLOSE-WAIT", "LAST-ACK",    "LISTEN",    "CLOSING"};
  return names.at(static_cast<std::size_t>(state));
}

class player {
 public:
  void line(std::string_view text) {
    script_words w{text};
    if (w.peek() == "set") {
      w.next();
      set(w);
      return;
    }
    make();
    span wait{};
    if (w.peek().starts_with('+')) wait = seconds(script_decimal(w.next().substr(1)));
    const std::string_view word = w.next();
    if (word == ">") {
      expect(w, wait);
      return;
    }
    now_ += wait;
    waited_ = word == "<" ? span{} : waited_ + wait;
    wire_->listen(now_, false);
    now_ = std::max(now_, clock::now() - slack / 2);  // it was late itself
    nothing_sent();
    if (word == "nothing") return;
    if (word == "<") {
      arrive(w);
    } else {
      call(word, w);
    }
  }

  void end() {
    make();
    wire_->listen(clock::now() + slack, false);
    nothing_sent();
  }

 private:
  static constexpr span slack = std::chrono::milliseconds{25};
  static constexpr span delayed_acknowledgement = std::chrono::milliseconds{40};
  static span seconds(double s) { return std::chrono::nanoseconds{std::llround(s * 1e9)}; }

  void set(script_words& w) {
    const std::string_view name = w.next();
    const std::uint32_t value = script_number(w.next());
    if (name == "mtu") {
      mtu_ = value;
    } else if (name == "pacing") {
      // by a queueing discipline of its own, if at all
    } else if (name == "newreno") {
      reno_ = value != 0;
    } else if (name == "ecn") {
      write_network_setting("ipv4/tcp_ecn", value != 0 ? "1" : "2");
    } else {
      throw not_for_linux{"set " + std::string{name}};
    }
  }

  void make() {
    if (wire_) return;
    write_network_setting("ipv4/tcp_invalid_ratelimit", "0");  // the scripts are quicker than peers
    write_network_setting("ipv4/tcp_congestion_control", reno_ ? "reno" : "cubic");
    wire_.emplace(mtu_);
    now_ = clock::now();
  }

  far_end& take_peer(script_words& w) {
    current_ = 1;
    if (w.peek().starts_with('@')) current_ = script_number(w.next().substr(1));
    return peers_[current_];
  }

  std::string text_of(const heard& s) {
    const std::uint32_t n = s.header.destination_port - 40000u;
    const std::uint32_t begin = s.header.sequence - peers_[n].isn.value_or(s.header.sequence);
    std::string t = "@" + std::to_string(n) + " " + script_flags(s.header.flags) + " " +
                    std::to_string(begin) + ":" + std::to_string(begin + s.payload.size()) + "(" +
                    std::to_string(s.payload.size()) + ")";
    if (s.header.flags.ack) t += " ack " + std::to_string(s.header.acknowledgement - script_their_isn);
    t += " win " + std::to_string(s.header.window);
    const auto& o = s.header.options;
    for (std::size_t i = 0; i < o.sack_count; ++i)
      t += " <sack " + std::to_string(o.sack[i].begin - script_their_isn) + ":" +
           std::to_string(o.sack[i].end - script_their_isn) + ">";
    char late[32];
    std::snprintf(late, sizeof late, "%+.3f", std::chrono::duration<double>(s.at - now_).count());
    return t + " at " + late;
  }

  static bool is_bare(const wire::tcp_flags& f, std::size_t length) {
    return f.ack && !f.syn && !f.fin && !f.rst && length == 0;
  }

  // An acknowledgement of something new may come sooner than ours would: it waits for the line that names it,
  // if there is one.
  void nothing_sent() {
    while (!wire_->sent.empty()) {
      const heard& s = wire_->sent.front();
      far_end& p = peers_[s.header.destination_port - 40000u];
      const sequence ack{s.header.acknowledgement};
      if (!is_bare(s.header.flags, s.payload.size()) || (p.acknowledged && ack <= *p.acknowledged))
        throw script_failed{"not expected: " + text_of(s)};
      p.acknowledged = ack;
      early_ = s;
      wire_->sent.pop_front();
    }
  }

  void expect(script_words& w, span wait) {
    far_end& p = take_peer(w);
    const auto d = script_segment::parse(w);
    const moment due = now_ + wait;
    // An acknowledgement may be delayed, or not; everything else has its time.
    const bool bare = is_bare(d.flags, d.length);
    const span tolerance = slack + (waited_ + wait) / 5 + (bare ? delayed_acknowledgement : span{});
    if (bare && early_ && early_->header.acknowledgement - script_their_isn == d.ack.value_or(0)) {
      wire_->sent.push_front(*early_);
    } else {
      wire_->listen(due + tolerance, true);
    }
    early_.reset();
    waited_ = {};
    if (wire_->sent.empty()) throw script_failed{"nothing was sent"};
    const heard s = std::move(wire_->sent.front());
    wire_->sent.pop_front();
    const wire::tcp& h = s.header;
    if (h.flags.syn) {
      p.isn = h.sequence;
      p.port = h.source_port;
    }
    now_ = due;
    const auto differs = [&](const char* what) {
      throw script_failed{std::string{what} + ": " + text_of(s)};
    };
    if (h.destination_port != script_port_of(current_)) differs("another peer");
    wire::tcp_flags flags = h.flags;
    flags.psh = d.flags.psh;  // when it is set is each sender's choice
    if (!(flags == d.flags)) differs("flags");
    if (h.sequence - p.isn.value_or(0) != d.begin) differs("sequence number");
    if (s.payload.size() != d.length) differs("length");
    if (d.ack && h.acknowledgement - script_their_isn != *d.ack) differs("acknowledgement");
    if (d.window && (h.window == 0) != (*d.window == 0)) differs("window");  // its size is each one's own
    if (d.options) compare(*d.options, h.options, p, differs);
    if (d.congestion_bits && *d.congestion_bits != (s.ip.traffic_class & wire::ipv4::congestion_bits))
      differs("congestion bits");
    if (s.at > due + tolerance || (!bare && s.at < due - tolerance)) differs("time");
    if (h.flags.ack) p.acknowledged = sequence{h.acknowledgement};
    if (s.payload != script_pattern(d.begin - 1, d.length, true)) differs("payload");
    now_ = s.at < due && bare ? due : s.at;
  }

  template <typename Differs>
  void compare(const wire::tcp_options& wanted, const wire::tcp_options& is, far_end& p, Differs&& differs) {
    if (wanted.maximum_segment_size != is.maximum_segment_size) differs("segment size");
    if (wanted.sack_permitted != is.sack_permitted) differs("sackOK");
    if (wanted.window_scale.has_value() != is.window_scale.has_value()) differs("window scale");
    if (wanted.timestamps.has_value() != is.timestamps.has_value()) differs("timestamps");
    if (wanted.timestamps) {
      if (!p.stamp) p.stamp = is.timestamps->value;
      const auto off = static_cast<std::int32_t>(is.timestamps->value - *p.stamp - wanted.timestamps->value);
      if (std::abs(off) > 200) differs("our clock");
      if (is.timestamps->echo != wanted.timestamps->echo) differs("echoed clock");
    }
    if (wanted.sack_count != is.sack_count) differs("blocks");
    for (std::size_t i = 0; i < is.sack_count; ++i)
      if (is.sack[i].begin - script_their_isn != wanted.sack[i].begin ||
          is.sack[i].end - script_their_isn != wanted.sack[i].end)
        differs("blocks");
  }

  void arrive(script_words& w) {
    far_end& p = take_peer(w);
    const auto d = script_segment::parse(w);
    wire::tcp h{.source_port = script_port_of(current_),
                .destination_port = p.port,
                .sequence = script_their_isn + d.begin,
                .acknowledgement = d.ack ? p.isn.value_or(0) + *d.ack : 0,
                .flags = d.flags,
                .window = static_cast<std::uint16_t>(d.window.value_or(65535)),
                .options = d.options.value_or(wire::tcp_options{})};
    if (h.options.timestamps && d.flags.ack) h.options.timestamps->echo += p.stamp.value_or(0);
    for (std::size_t i = 0; i < h.options.sack_count; ++i) {
      h.options.sack[i].begin += p.isn.value_or(0);
      h.options.sack[i].end += p.isn.value_or(0);
    }
    std::vector<std::byte> bytes(h.size());
    h.emit(bytes);
    const auto payload = script_pattern(d.begin - (d.flags.syn ? 0 : 1), d.length, false);
    bytes.insert(bytes.end(), payload.begin(), payload.end());
    wire::checksum sum = wire::pseudo_header(script_theirs, script_ours, wire::ipv4::tcp, bytes.size());
    sum.add(bytes);
    wire::store16(bytes, wire::tcp::checksum_offset, sum.value());
    wire_->send(wire::ipv4::tcp, bytes, d.congestion_bits.value_or(0));
  }

  void icmp(script_words& w) {
    far_end& p = take_peer(w);
    std::array<std::byte, wire::ipv4::size + 8> quoted{};
    wire::ipv4{
        .source = script_ours, .destination = script_theirs, .protocol = wire::ipv4::tcp, .payload_size = 8}
        .emit(quoted);
    wire::store16(quoted, wire::ipv4::size, p.port);
    wire::store16(quoted, wire::ipv4::size + 2, script_port_of(current_));
    wire::store32(quoted, wire::ipv4::size + 4, p.isn.value_or(0) + script_number(w.next()));
    const bool too_big = w.next() == "toobig";
    const std::uint32_t mtu = too_big ? script_number(w.next()) : 0;
    const wire::icmp message{wire::icmp::unreachable,
                             too_big ? wire::icmp::fragmentation_needed : wire::icmp::port_unreachable, mtu,
                             quoted};
    std::vector<std::byte> bytes(wire::icmp::size);
    message.emit(bytes);
    bytes.insert(bytes.end(), quoted.begin(), quoted.end());
    wire_->send(wire::ipv4::icmp, bytes, 0);
  }

  static sockaddr_in address(std::uint32_t host, std::uint16_t port) {
    return {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(host)}, .sin_zero = {}};
  }
  static void option(int s, int level, int name, int value) {
    ::setsockopt(s, level, name, &value, sizeof value);
  }

  void call(std::string_view word, script_words& w) {
    current_ = 1;
    if (word.starts_with('@')) {
      current_ = script_number(word.substr(1));
      word = w.next();
    }
    far_end& p = peers_[current_];
    if (word == "listen") {
      listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      option(listener_, SOL_SOCKET, SO_REUSEADDR, 1);
      const sockaddr_in here = address(0x0a000002, script_port);
      if (::bind(listener_, reinterpret_cast<const sockaddr*>(&here), sizeof here) != 0) cannot_run("bind");
      ::listen(listener_, w.peek().empty() ? 16 : static_cast<int>(script_number(w.next())));
    } else if (word == "unlisten") {
      ::close(std::exchange(listener_, -1));
    } else if (word == "connections" || word == "resting" || word == "memory" || word == "count") {
      // our host's own
    } else if (word == "icmp") {
      icmp(w);
    } else if (word == "accept") {
      sockaddr_in from{};
      socklen_t size = sizeof from;
      const int s =
          ::accept4(listener_, reinterpret_cast<sockaddr*>(&from), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if ((w.peek() == "nothing") != (s < 0))
        throw script_failed{s < 0 ? "nothing to accept" : "a connection to accept"};
      if (s < 0) return;
      option(s, IPPROTO_TCP, TCP_NODELAY, 1);
      peers_[ntohs(from.sin_port) - 40000u].socket = s;
    } else if (word == "connect") {
      p.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      option(p.socket, IPPROTO_TCP, TCP_NODELAY, 1);
      const sockaddr_in there = address(0x0a000001, script_port_of(current_));
      if (::connect(p.socket, reinterpret_cast<const sockaddr*>(&there), sizeof there) != 0 &&
          errno != EINPROGRESS)
        cannot_run("connect");
    } else if (word == "full" || word == "settle" || word == "withdraw") {
      throw not_for_linux{std::string{word}};
    } else {
      if (p.socket < 0) throw not_for_linux{std::string{word} + " on a socket that is closed"};
      on_connection(word, w, p);
    }
  }

  void on_connection(std::string_view word, script_words& w, far_end& p) {
    if (word == "write" || word == "lend") {
      write(w, p);
    } else if (word == "read") {
      read(w, p);
    } else if (word == "shutdown") {
      ::shutdown(p.socket, SHUT_WR);
    } else if (word == "abort") {
      const linger now{1, 0};
      ::setsockopt(p.socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
      ::close(std::exchange(p.socket, -1));
    } else if (word == "close") {
      ::close(std::exchange(p.socket, -1));
    } else if (word == "keepalive") {
      const int idle = static_cast<int>(script_decimal(w.next()));
      option(p.socket, SOL_SOCKET, SO_KEEPALIVE, idle > 0);
      if (idle > 0) option(p.socket, IPPROTO_TCP, TCP_KEEPIDLE, idle);
    } else if (word == "usertimeout") {
      option(p.socket, IPPROTO_TCP, TCP_USER_TIMEOUT,
             static_cast<int>(std::lround(script_decimal(w.next()) * 1000)));
    } else if (word == "cork") {
      option(p.socket, IPPROTO_TCP, TCP_CORK, w.next() == "on");
    } else if (word == "nodelay") {
      option(p.socket, IPPROTO_TCP, TCP_NODELAY, w.next() == "on");
    } else if (word == "state") {
      same(word, state_name(info(p).tcpi_state), w.next());
    } else if (word == "failure") {
      same(word, name_of(failure(p)), w.next());
    } else if (word == "info") {
      const std::string_view name = w.next();
      const tcp_info i = info(p);
      const auto has = [&](unsigned bit) { return std::string{(i.tcpi_options & bit) != 0 ? "1" : "0"}; };
      const std::string_view wanted = w.next();
      if (name == "mss") same("mss", std::to_string(i.tcpi_snd_mss), wanted);
      if (name == "sack") same("sack", has(TCPI_OPT_SACK), wanted);
      if (name == "stamps") same("stamps", has(TCPI_OPT_TIMESTAMPS), wanted);
      if (name == "scaling") same("scaling", has(TCPI_OPT_WSCALE), wanted);
      if (name == "ecn") same("ecn", has(TCPI_OPT_ECN), wanted);
    } else {
      throw script_failed{"not understood: `" + std::string{word} + "`"};
    }
  }

  static void same(std::string_view what, std::string_view is, std::string_view wanted) {
    if (is != wanted) throw script_failed{std::string{what} + " is " + std::string{is}};
  }
  static tcp_info info(const far_end& p) {
    tcp_info i{};
    socklen_t size = sizeof i;
    ::getsockopt(p.socket, IPPROTO_TCP, TCP_INFO, &i, &size);
    return i;
  }
  static int failure(far_end& p) {
    int e = 0;
    socklen_t size = sizeof e;
    ::getsockopt(p.socket, SOL_SOCKET, SO_ERROR, &e, &size);  // which forgets it
    if (e != 0) p.failure = e;
    return p.failure;
  }

  static void write(script_words& w, far_end& p) {
    const auto bytes = script_pattern(p.written, script_number(w.next()), true);
    const std::string_view wanted = w.peek() == "=" ? (w.next(), w.next()) : "";
    const ssize_t n = ::send(p.socket, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0) {
      if (errno != EPIPE) p.failure = errno;
      const int e = errno == EPIPE && p.failure != 0 ? p.failure : errno;
      same("write", name_of(e), wanted);
      return;
    }
    if (wanted.empty() && static_cast<std::size_t>(n) < bytes.size())
      throw script_failed{"only " + std::to_string(n) + " written"};
    if (!wanted.empty() && wanted != std::to_string(n)) throw not_for_linux{"the size of its buffers"};
    p.written += static_cast<std::uint32_t>(n);
  }

  static void read(script_words& w, far_end& p) {
    std::vector<std::byte> bytes(script_number(w.next()));
    w.next();  // "="
    const std::string_view wanted = w.next();
    const ssize_t n = ::recv(p.socket, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (n < 0 && errno != EAGAIN) p.failure = errno;
    const std::string is = n > 0             ? std::to_string(n)
                           : n == 0          ? (p.failure != 0 ? std::string{name_of(p.failure)} : "eof")
                           : errno == EAGAIN ? "nothing"
                                             : std::string{name_of(errno)};
    same("read", is, wanted);
    if (n <= 0) return;
    bytes.resize(static_cast<std::size_t>(n));
    if (bytes != script_pattern(p.read, static_cast<std::uint32_t>(n), false))
      throw script_failed{"read gave other bytes"};
    p.read += static_cast<std::uint32_t>(n);
  }

  std::uint32_t mtu_ = 1500;
  bool reno_ = false;
  std::optional<script_tun> wire_;
  std::optional<heard> early_;
  moment now_{};
  span waited_{};  // since the last segment
  std::map<std::uint32_t, far_end> peers_;
  int listener_ = -1;
  std::uint32_t current_ = 1;
};

// The script with the silence at its end cut to a second, unless something is looked at after it; and how
// long it takes.
std::pair<std::string, double> in_real_time(std::string_view text) {
  std::vector<std::string> lines;
  (void)for_each_script_line(text, [&](std::string_view line) { lines.emplace_back(line); });
  double length = 0;
  bool matters = false;
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    script_words w{*line};
    const std::string_view first = w.next();
    double wait = first.starts_with('+') ? script_decimal(first.substr(1)) : 0;
    const std::string_view word = w.next();
    if (word == "nothing" && wait > 1 && !matters) {
      *line = "+1 nothing";
      wait = 1;
    }
    const bool passed_over =
        word == "count" || word == "connections" || word == "resting" || word == "memory";
    matters = matters || (word != "nothing" && !passed_over);
    length += wait;
  }
  std::string whole;
  for (const std::string& line : lines) whole += line + "\n";
  return {whole, length};
}

std::string play(std::string_view text) {
  try {
    player p;
    std::string fault = for_each_script_line(text, [&](std::string_view line) { p.line(line); });
    if (fault.empty()) try {
        p.end();
      } catch (const script_failed& f) {
        fault = f.what();
      }
    return fault.empty() ? "same:" : "differs: " + fault;
  } catch (const not_for_linux& n) {
    return "not for Linux: " + n.why;
  }
}

// In a namespace of its own, which a process cannot leave: so another one does it.
std::string play_apart(std::string_view text) {
  int ends[2];
  if (::pipe(ends) != 0) cannot_run("pipe");
  const pid_t child = ::fork();
  if (child == 0) {
    std::string verdict = "not for Linux: no network namespace";
    if (::unshare(CLONE_NEWNET) == 0) verdict = play(text);
    (void)!::write(ends[1], verdict.data(), verdict.size());
    ::_exit(0);
  }
  ::close(ends[1]);
  std::string verdict;
  char buffer[4096];
  for (ssize_t n; (n = ::read(ends[0], buffer, sizeof buffer)) > 0;)
    verdict.append(buffer, static_cast<std::size_t>(n));
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return verdict;
}

}  // namespace

std::string run_script(std::string_view text) {
  const char* limit = std::getenv("ASTERISM_SCRIPT_SECONDS");
  const auto [script, length] = in_real_time(text);
  const std::string verdict =
      limit != nullptr && length > std::strtod(limit, nullptr) ? "too long:" : play_apart(script);
  std::printf("%s\n", verdict.c_str());
  std::fflush(stdout);
  return {};
}

}  // namespace aster::net::tcp
