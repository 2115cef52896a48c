#include "aster/net/report.hpp"

#include <malloc.h>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <utility>

#include "abi/boot_line.hpp"
#include "abi/platform.hpp"
#include "aster/net/engine.hpp"
#include "aster/net/sockets.hpp"
#include "aster/task/introspection.hpp"

namespace aster::net {
namespace {

void add_number(std::string& to, std::uint64_t value) {
  char digits[20];
  char* begin = digits + sizeof digits;
  do {
    *--begin = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  to.append(begin, static_cast<std::size_t>(digits + sizeof digits - begin));
}

/// Puts lines together; one that gets too long goes on in the next, which begins with the same word.
class writer {
 public:
  void line(const char* kind) {
    end_line();
    kind_ = kind;
    begin_ = text_.size();
    text_ += kind;
  }

  void text(const char* name, std::string_view value) {
    constexpr char hex[] = "0123456789ABCDEF";
    begin_value(name, value.size() * 3);
    for (const char c : value) {
      if (abi::is_boot_literal(c)) {
        text_ += c;
        continue;
      }
      text_ += '%';
      text_ += hex[static_cast<unsigned char>(c) >> 4];
      text_ += hex[static_cast<unsigned char>(c) & 15];
    }
  }

  void number(std::string_view name, std::uint64_t value) {
    begin_value(name, 20);
    add_number(text_, value);
  }

  struct named {
    const char* name;
    std::uint64_t value;
  };
  void numbers(std::initializer_list<named> all) {
    for (const named& n : all) number(n.name, n.value);
  }

  std::string take() {
    end_line();
    return std::move(text_);
  }

 private:
  void end_line() {
    if (!text_.empty()) text_ += '\n';
  }

  void begin_value(std::string_view name, std::size_t most) {
    if (text_.size() - begin_ + name.size() + most + 2 > longest_report_line) line(kind_);
    text_ += ' ';
    text_ += name;
    text_ += '=';
  }

  std::string text_;
  const char* kind_ = nullptr;
  std::size_t begin_ = 0;  // of the last line
};

std::uint64_t whole(duration d) { return d.count() > 0 ? static_cast<std::uint64_t>(d.count()) : 0; }

void add_interface(writer& w, const attachment& a) {
  const interface& i = a.interface();
  w.line("interface");
  w.text("name", a.name());
  w.text("mac", to_string(i.mac()));
  w.numbers({{"mtu", i.mtu()},
             {"frames_received", i.passed().frames_received},
             {"bytes_received", i.passed().bytes_received},
             {"frames_sent", i.passed().frames_sent},
             {"bytes_sent", i.passed().bytes_sent}});
  if (i.address()) w.text("address", to_string(*i.address()));
  if (const auto gateway = i.gateway()) w.text("gateway", to_string(*gateway));
  if (!a.name_servers().empty()) w.text("dns", to_string(a.name_servers().front()));
}

void add_socket(writer& w, const socket_info& s) {
  w.line("socket");
  w.text("protocol", s.protocol);
  w.text("state", s.state);
  w.text("local", to_string(s.local));
  w.text("remote", to_string(s.remote));
  w.numbers({{"receive_queue", s.receive_queue}, {"send_queue", s.send_queue}});
  const tcp::info& i = s.info;
  if (i.state.empty()) return;
  w.numbers({{"round_trip", whole(i.round_trip)},
             {"variation", whole(i.variation)},
             {"least_round_trip", whole(i.least_round_trip)},
             {"timeout", whole(i.timeout)},
             {"delivery_rate", static_cast<std::uint64_t>(i.delivery_rate)},
             {"segment_size", i.segment_size},
             {"congestion_window", i.congestion_window},
             {"slow_start_threshold", i.slow_start_threshold},
             {"in_flight", i.in_flight},
             {"lost", i.lost},
             {"peer_window", i.peer_window},
             {"retransmissions", i.retransmissions},
             {"expiries", i.expiries},
             {"send_buffer", i.send_buffer},
             {"receive_buffer", i.receive_buffer}});
}

void add_fiber(writer& w, const task::fiber_view& f) {
  w.line("fiber");
  w.text("name", f.name);
  w.text("scope", f.scope);
  w.text("state", task::to_string(f.state));
  w.text("waits_for", f.waits_for);
  w.numbers({{"switches", f.switches}, {"stack_used", f.stack_used}, {"stack_size", f.stack_size}});
}

void add_stats(writer& w, engine& e, duration since) {
  w.line("counters");
  for (const counter c : counters::all()) w.number(to_string(c), e.counters()[c]);
  for (const auto& a : e.attachments()) add_interface(w, *a);
  const auto heap = mallinfo2();
  w.line("memory");
  w.numbers({{"buffers", e.memory().in_use()},
             {"buffers_limit", e.memory().budget()},
             {"heap", heap.uordblks + heap.hblkhd}});
  w.line("runtime");
  w.numbers({{"uptime", whole(since)},
             {"fibers", task::fiber_count()},
             {"connections", e.tcp().connections()},
             {"resting", e.tcp().resting()}});
}

std::string_view take_word(std::string_view& text) {
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(std::min(text.size(), word.size() + 1));
  return word;
}

}  // namespace

question question::parse(std::string_view text) {
  question q;
  q.id = take_word(text);
  q.what = take_word(text);
  const std::string_view number = take_word(text);
  if (number.empty() || number.size() > 6) return q;
  std::size_t limit = 0;
  for (const char c : number) {
    if (c < '0' || c > '9') return q;
    limit = limit * 10 + static_cast<std::size_t>(c - '0');
  }
  q.limit = limit;
  return q;
}

std::string report(engine& e, const question& q, duration since) {
  struct limited {
    writer w;
    std::size_t left;
  } to{{}, q.limit};
  if (q.what == "stats") add_stats(to.w, e, since);
  if (q.what == "sockets") {
    visit_sockets(
        e,
        [](void* argument, const socket_info& s) {
          auto& into = *static_cast<limited*>(argument);
          if (into.left == 0) return;
          --into.left;
          add_socket(into.w, s);
        },
        &to);
  }
  if (q.what == "fibers") {
    task::visit_fibers(
        [](void* argument, const task::fiber_view& f) {
          auto& into = *static_cast<limited*>(argument);
          if (into.left == 0) return;
          --into.left;
          add_fiber(into.w, f);
        },
        &to);
  }
  return to.w.take();
}

void answer(std::string_view id, std::string_view lines) {
  const auto tell = [id](std::string_view line) {
    std::string text{"answer "};
    text += id;
    text += ' ';
    text += line;
    abi::current_platform().answer(text.data(), text.size());
  };
  while (!lines.empty()) {
    const std::size_t size = lines.find('\n');
    tell(lines.substr(0, size));
    lines.remove_prefix(size + 1);
    task::yield();
  }
  tell("end");
}

std::string prometheus(engine& e) {
  std::string text;
  const auto declare = [&](std::string_view name, std::string_view type) {
    text.append("# TYPE asterism_net_").append(name).append(" ").append(type).append("\n");
  };
  const auto sample = [&](std::string_view name, std::string_view labels, std::uint64_t value) {
    text.append("asterism_net_").append(name).append(labels).append(" ");
    add_number(text, value);
    text += '\n';
  };
  for (const counter c : counters::all()) {
    const std::string name = std::string{to_string(c)} + "_total";
    declare(name, "counter");
    sample(name, "", e.counters()[c]);
  }
  using tally = interface::tally;
  constexpr std::pair<const char*, std::uint64_t tally::*> tallies[] = {
      {"interface_frames_received_total", &tally::frames_received},
      {"interface_bytes_received_total", &tally::bytes_received},
      {"interface_frames_sent_total", &tally::frames_sent},
      {"interface_bytes_sent_total", &tally::bytes_sent}};
  for (const auto& [name, member] : tallies) {
    declare(name, "counter");
    // Names of devices are words of the program's own (abi/manifest.hpp): nothing to be escaped.
    for (const auto& a : e.attachments())
      sample(name, "{interface=\"" + a->name() + "\"}", a->interface().passed().*member);
  }
  const std::pair<const char*, std::uint64_t> gauges[] = {{"connections", e.tcp().connections()},
                                                          {"connections_resting", e.tcp().resting()},
                                                          {"buffers_bytes", e.memory().in_use()},
                                                          {"buffers_limit_bytes", e.memory().budget()}};
  for (const auto& [name, value] : gauges) {
    declare(name, "gauge");
    sample(name, "", value);
  }
  return text;
}

}  // namespace aster::net
