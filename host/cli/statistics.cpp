#include "host/cli/statistics.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <format>
#include <nlohmann/json.hpp>

#include "host/run/control_record.hpp"
#include "host/words/quantity.hpp"

namespace aster::host::cli {
namespace {

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// "81 s", "12 min 5 s", "3 h 20 min", "2 d 4 h".
std::string span_text(std::uint64_t nanoseconds) {
  const std::uint64_t s = nanoseconds / 1'000'000'000;
  if (s < 120) return std::format("{} s", s);
  if (s < 7200) return std::format("{} min {} s", s / 60, s % 60);
  if (s < 172'800) return std::format("{} h {} min", s / 3600, s % 3600 / 60);
  return std::format("{} d {} h", s / 86'400, s % 86'400 / 3600);
}

/// "0.31 ms", "48 ms": three digits say enough.
std::string time_text(std::uint64_t nanoseconds) {
  const double ms = static_cast<double>(nanoseconds) / 1e6;
  if (ms < 10) return std::format("{:.2f} ms", ms);
  if (ms < 10'000) return std::format("{:.0f} ms", ms);
  return std::format("{:.0f} s", ms / 1000);
}

/// Columns as wide as their widest cell, two spaces apart; those of numbers are aligned to the right.
std::string table(std::span<const std::vector<std::string>> rows, std::string_view right) {
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += right[i] == 'r' ? std::format("{:>{}}  ", row[i], widths[i])
                              : std::format("{:<{}}  ", row[i], widths[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

/// "*:80" where an address is unspecified, "*" where a port is as well.
std::string end_text(std::string_view end) {
  for (const std::string_view any : {"0.0.0.0:", "[::]:"}) {
    if (!end.starts_with(any)) continue;
    const std::string_view port = end.substr(any.size());
    return port == "0" ? "*" : std::format("*:{}", port);
  }
  return escaped(end);
}

nlohmann::ordered_json values_of(const answer_line& line) {
  auto out = nlohmann::ordered_json::object();
  for (const auto& [name, value] : line.values) {
    // An image may send any bytes, and JSON is UTF-8.
    if (const auto n = number(value))
      out[name] = *n;
    else
      out[name] = escaped(value);
  }
  return out;
}

/// A label's value (exposition format: backslash, quote and newline are escaped).
std::string label(std::string_view text) {
  std::string out;
  for (const char c : escaped(text)) {
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

std::map<std::string, std::uint64_t> statistics::counters() const {
  std::map<std::string, std::uint64_t> all;
  for (const answer_line& line : stats) {
    if (line.kind != "counters") continue;
    for (const auto& [name, value] : line.values) all[name] += number(value).value_or(0);
  }
  return all;
}

std::string overview(const statistics& s, bool all, const std::optional<earlier>& before) {
  std::string text =
      std::format("{} (pid {}, {})", escaped(s.instance.name), s.instance.pid, s.instance.target);
  std::string body;
  for (const answer_line& line : s.stats) {
    if (line.kind == "runtime") {
      text += std::format(", up {}", span_text(line.number("uptime")));
      body += std::format("  {} fibers, {} connections, {} resting\n", line.number("fibers"),
                          line.number("connections"), line.number("resting"));
    } else if (line.kind == "interface") {
      // Its traffic has a line of its own.
      std::string words;
      for (const auto& [name, value] : line.values) {
        if (name.ends_with("_received") || name.ends_with("_sent")) continue;
        words += std::format("{}{} {}", words.empty() ? "" : ", ", name, escaped(value));
      }
      body += std::format("  interface {}\n", words);
      if (!line["bytes_received"].empty()) {
        body += std::format("    {} in {} frames received, {} in {} sent\n",
                            to_bytes_text(line.number("bytes_received")), line.number("frames_received"),
                            to_bytes_text(line.number("bytes_sent")), line.number("frames_sent"));
      }
    } else if (line.kind == "memory") {
      body += std::format("  heap {}, network buffers {} of {}\n", to_bytes_text(line.number("heap")),
                          to_bytes_text(line.number("buffers")), to_bytes_text(line.number("buffers_limit")));
    }
  }
  text += '\n' + body;

  std::vector<std::vector<std::string>> rows;
  for (const answer_line& line : s.stats) {
    if (line.kind != "counters") continue;
    for (const auto& [name, value] : line.values) {
      const std::uint64_t now = number(value).value_or(0);
      if (now == 0 && !all) continue;
      std::string rate;
      if (before) {
        const auto then = before->counters.find(name);
        const std::uint64_t more = now - std::min(now, then == before->counters.end() ? 0 : then->second);
        if (more != 0) rate = std::format("{:.0f}/s", static_cast<double>(more) / before->ago.count());
      }
      rows.push_back({"  " + name, std::to_string(now), rate});
    }
  }
  if (!rows.empty()) text += '\n' + table(rows, "lrr");
  return text;
}

std::string socket_table(std::span<const answer_line> sockets) {
  std::vector<std::vector<std::string>> rows{{"", "STATE", "RECV-Q", "SEND-Q", "LOCAL", "REMOTE", "RTT",
                                              "TIMEOUT", "CWND", "FLIGHT", "WINDOW", "MSS", "RETRANS",
                                              "RATE"}};
  for (const answer_line& s : sockets) {
    if (s.kind != "socket") continue;
    rows.push_back({escaped(s["protocol"]), escaped(s["state"]), std::to_string(s.number("receive_queue")),
                    std::to_string(s.number("send_queue")), end_text(s["local"]), end_text(s["remote"])});
    if (s["round_trip"].empty()) {
      rows.back().resize(rows.front().size());
      continue;
    }
    const auto plain = [&](std::string_view name) { return std::to_string(s.number(name)); };
    const auto measured = [&](std::string_view name) {
      return s.number(name) == 0 ? std::string("-") : time_text(s.number(name));
    };
    rows.back().insert(
        rows.back().end(),
        {measured("round_trip"), measured("timeout"), plain("congestion_window"), plain("in_flight"),
         plain("peer_window"), plain("segment_size"), plain("retransmissions"),
         s.number("delivery_rate") == 0 ? "-" : to_bytes_text(s.number("delivery_rate")) + "/s"});
  }
  return table(rows, "llrrllrrrrrrrr");
}

std::string fiber_table(std::span<const answer_line> fibers) {
  std::vector<std::vector<std::string>> rows{
      {"FIBER", "SCOPE", "STATE", "WAITS FOR", "SWITCHES", "STACK", "OF"}};
  for (const answer_line& f : fibers) {
    if (f.kind != "fiber") continue;
    rows.push_back({escaped(f["name"]), escaped(f["scope"]), escaped(f["state"]), escaped(f["waits_for"]),
                    std::to_string(f.number("switches")), std::to_string(f.number("stack_used")),
                    std::to_string(f.number("stack_size"))});
  }
  return table(rows, "llllrrr");
}

nlohmann::ordered_json to_json(const statistics& s) {
  nlohmann::ordered_json out;
  out["instance"] = {{"name", escaped(s.instance.name)},
                     {"pid", s.instance.pid},
                     {"target", escaped(s.instance.target)},
                     {"image", escaped(s.instance.image.string())},
                     {"started", s.instance.started}};
  out["counters"] = nlohmann::ordered_json::object();
  out["interfaces"] = nlohmann::ordered_json::array();
  for (const answer_line& line : s.stats) {
    if (line.kind == "interface")
      out["interfaces"].push_back(values_of(line));
    else
      out[line.kind].update(values_of(line));
  }
  const auto list = [&](const char* name, const std::optional<std::vector<answer_line>>& lines) {
    if (!lines) return;
    out[name] = nlohmann::ordered_json::array();
    for (const answer_line& line : *lines) out[name].push_back(values_of(line));
  };
  list("sockets", s.sockets);
  list("fibers", s.fibers);
  return out;
}

std::string to_prometheus(std::span<const statistics> all) {
  // All samples of one metric stand together.
  std::vector<std::string> order;
  std::map<std::string, std::string> samples;
  for (const statistics& s : all) {
    const std::string labels =
        std::format("instance=\"{}\",pid=\"{}\"", label(s.instance.name), s.instance.pid);
    const auto add_sample = [&](const std::string& name, std::string_view type, std::string_view more,
                                std::string_view value) {
      auto [at, is_new] = samples.try_emplace(name);
      if (is_new) {
        order.push_back(name);
        at->second = std::format("# TYPE {} {}\n", name, type);
      }
      at->second += std::format("{}{{{}{}}} {}\n", name, labels, more, value);
    };
    const auto add = [&](const std::string& name, std::string_view type, std::string_view value) {
      add_sample(name, type, "", value);
    };
    for (const answer_line& line : s.stats) {
      for (const auto& [name, value] : line.values) {
        const auto n = number(value);
        if (!n) continue;
        if (line.kind == "counters") add(std::format("asterism_net_{}_total", name), "counter", value);
        if (line.kind == "interface" && name != "mtu") {
          add_sample(std::format("asterism_net_interface_{}_total", name), "counter",
                     std::format(",interface=\"{}\"", label(line["name"])), value);
        }
        if (line.kind == "memory") add(std::format("asterism_{}_bytes", name), "gauge", value);
        if (line.kind != "runtime") continue;
        if (name == "uptime") {
          add("asterism_uptime_seconds", "gauge", std::format("{:.3f}", static_cast<double>(*n) / 1e9));
        } else {
          add(std::format("asterism_{}", name), "gauge", value);
        }
      }
    }
  }
  std::string text;
  for (const std::string& name : order) text += samples[name];
  return text;
}

}  // namespace aster::host::cli
