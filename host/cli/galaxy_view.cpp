#include "host/cli/galaxy_view.hpp"

#include <time.h>

#include <algorithm>
#include <array>
#include <format>
#include <vector>

#include "aster/json/enumeration.hpp"
#include "host/words/quantity.hpp"

namespace aster::host::cli {
namespace {

using galaxy::instance_state;
using galaxy::service_state;

colour colour_of(service_state s) {
  switch (s) {
    case service_state::well: return colour::green;
    case service_state::asleep: return colour::dim;
    case service_state::starting: return colour::yellow;
    case service_state::unwell:
    case service_state::crash_loop: return colour::red;
    case service_state::stopped: return colour::dim;
  }
  return colour::plain;
}

colour colour_of(instance_state s) {
  switch (s) {
    case instance_state::well: return colour::green;
    case instance_state::starting:
    case instance_state::draining:
    case instance_state::stopping: return colour::yellow;
    case instance_state::unwell:
    case instance_state::ended: return colour::red;
  }
  return colour::plain;
}

std::string spaced(std::string_view name) {
  std::string text{name};
  std::ranges::replace(text, '_', ' ');
  return text;
}

/// Columns as wide as their widest cell, two blanks apart. Painted once their width is known: colours have
/// none.
class columns {
 public:
  struct cell {
    std::string text;
    colour paint = colour::plain;
    bool right = false;
  };
  using row = std::vector<cell>;

  explicit columns(const terminal& screen) : screen_(screen) {}
  void add(row cells) { rows_.push_back({std::move(cells), {}}); }
  /// A line below the last one, across all columns.
  void note(std::string text) { rows_.back().second = std::move(text); }

  std::string text() const {
    std::vector<std::size_t> widths(rows_.front().first.size(), 0);
    for (const auto& [cells, below] : rows_)
      for (std::size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], cells[i].text.size());
    std::string out;
    for (const auto& [cells, below] : rows_) {
      std::string line;
      for (std::size_t i = 0; i < cells.size(); ++i) {
        const std::string blanks(widths[i] - cells[i].text.size(), ' ');
        const std::string painted = screen_.paint(cells[i].text, cells[i].paint);
        line += i == 0 ? "" : "  ";
        line += cells[i].right ? blanks + painted : painted + blanks;
      }
      line.erase(line.find_last_not_of(' ') + 1);
      out += line + '\n';
      if (!below.empty()) out += "  " + screen_.paint(below, colour::red) + '\n';
    }
    return out;
  }

 private:
  const terminal& screen_;
  std::vector<std::pair<row, std::string>> rows_;
};

std::string number(std::uint64_t value) {
  std::string text = std::to_string(value);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, " ");
  return text;
}

std::string age(std::int64_t seconds) {
  if (seconds < 0) return "0 s";
  if (seconds < 120) return std::format("{} s", seconds);
  if (seconds < 7200) return std::format("{} min", seconds / 60);
  if (seconds < 172'800) return std::format("{} h", seconds / 3600);
  return std::format("{} d", seconds / 86'400);
}

columns::row head(std::initializer_list<std::string_view> names, std::string_view right) {
  columns::row row;
  for (const std::string_view name : names)
    row.push_back({std::string{name}, colour::bold, right[row.size()] == 'r'});
  return row;
}

}  // namespace

std::string state_text(service_state s) { return spaced(json::name_of(s)); }
std::string state_text(instance_state s) { return spaced(json::name_of(s)); }

std::string service_table(const galaxy::galaxy_status& now, const terminal& screen) {
  columns table{screen};
  table.add(
      head({"SERVICE", "STATE", "INSTANCES", "REQUESTS", "FAILED", "WAITING", "MEMORY", "VERSION", "PATHS"},
           "llrrrrrrl"));
  for (const galaxy::service_status& s : now.services) {
    std::size_t well = 0;
    std::uint64_t memory = 0;
    for (const galaxy::instance_status& i : s.instances) {
      well += i.state == instance_state::well ? 1 : 0;
      memory += i.memory;
    }
    std::string paths;
    for (const std::string& path : s.paths) paths += (paths.empty() ? "" : " ") + harmless(path, false);
    table.add({{s.name, colour::plain},
               {state_text(s.state), colour_of(s.state)},
               {std::format("{}/{}", well, s.wanted), colour::plain, true},
               {number(s.requests), colour::plain, true},
               {number(s.failed), s.failed > 0 ? colour::yellow : colour::plain, true},
               {number(s.waiting), colour::plain, true},
               {memory == 0 ? "-" : to_bytes_text(memory), colour::plain, true},
               {std::to_string(s.version), colour::plain, true},
               {paths, colour::plain}});
    if (!s.why.empty()) table.note(harmless(s.why, false));
  }
  return table.text();
}

std::string instance_table(const galaxy::galaxy_status& now, std::int64_t now_seconds,
                           const terminal& screen) {
  columns table{screen};
  table.add(
      head({"INSTANCE", "STATE", "ADDRESS", "PID", "UP", "RESTARTS", "REQUESTS", "MEMORY", "CPU", "VERSION"},
           "lllrrrrrrr"));
  for (const galaxy::service_status& s : now.services)
    for (const galaxy::instance_status& i : s.instances)
      table.add({{i.name, colour::plain},
                 {state_text(i.state), colour_of(i.state)},
                 {i.address, colour::plain},
                 {i.pid == 0 ? "-" : std::to_string(i.pid), colour::plain, true},
                 {i.pid == 0 ? "-" : age(now_seconds - i.started), colour::plain, true},
                 {std::to_string(i.restarts), colour::plain, true},
                 {number(i.outstanding), colour::plain, true},
                 {to_bytes_text(i.memory), colour::plain, true},
                 {std::format("{:.2f} s", i.processor), colour::plain, true},
                 {std::to_string(i.version), colour::plain, true}});
  return table.text();
}

std::string event_line(const galaxy::event& e, const terminal& screen) {
  const time_t seconds = e.time / 1000;
  tm local{};
  localtime_r(&seconds, &local);
  const bool is_bad =
      e.kind == "crashed" || e.kind == "crash_loop" || e.kind == "failed" || e.kind == "unwell";
  const std::string who = !e.instance.empty() ? e.instance : !e.service.empty() ? e.service : "galaxy";
  return std::format(
      "{}  {:<14}  {}  {}\n",
      screen.paint(std::format("{:02}:{:02}:{:02}", local.tm_hour, local.tm_min, local.tm_sec), colour::dim),
      who, screen.paint(std::format("{:<11}", spaced(e.kind)), is_bad ? colour::red : colour::plain),
      harmless(e.text, false));
}

std::string log_printer::behind(std::string_view name, colour c, std::string_view text) {
  width_ = std::max(width_, name.size());
  return screen_.paint(std::format("{:<{}} |", name, width_), c) + " " + harmless(text, screen_.colours()) +
         "\n";
}

std::string log_printer::line(const galaxy::log_line& line) {
  static constexpr std::array palette{colour::cyan, colour::yellow, colour::green, colour::magenta,
                                      colour::blue};
  const std::string name = harmless(line.instance, false);
  const auto [at, is_new] = colours_.try_emplace(name, palette[colours_.size() % palette.size()]);
  return behind(name, at->second, line.text);
}

std::string log_printer::remark(const galaxy::event& e) {
  const std::string& who = !e.instance.empty() ? e.instance : e.service;
  return behind("*", colour::dim,
                std::format("{}{}{}{}{}", who, who.empty() ? "" : " ", spaced(e.kind),
                            e.text.empty() ? "" : ": ", e.text));
}

std::string harmless(std::string_view text, bool keep_colours) {
  std::string out;
  bool has_colours = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte == 0x1b) {
      // CSI digits and semicolons m; of everything else that begins like this nothing is left but its text.
      std::size_t end = i + 1;
      if (end < text.size() && text[end] == '[') {
        end = text.find_first_not_of("0123456789;:", end + 1);
        if (end != text.npos && text[end] == 'm') {
          if (keep_colours) out += text.substr(i, end - i + 1);
          has_colours = has_colours || keep_colours;
          i = end;
        }
      }
      continue;
    }
    if (byte == '\t')
      out += ' ';
    else if (byte >= 0x20 && byte != 0x7f)
      out += text[i];
  }
  // C1 controls, as UTF-8 has them (C2 80 to C2 9F): some terminals obey these too.
  for (std::size_t at = 0; (at = out.find('\xc2', at)) != out.npos;) {
    if (at + 1 < out.size() && static_cast<unsigned char>(out[at + 1]) < 0xa0)
      out.erase(at, 2);
    else
      ++at;
  }
  return has_colours ? out + "\x1b[0m" : out;
}

}  // namespace aster::host::cli
