#include "firewall.hpp"

#include <charconv>

using namespace aster::net;
using verdict = packet_hook::verdict;

namespace {

std::string_view take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  return line.substr(0, line.find('#'));
}

std::string_view take_word(std::string_view& line) {
  line.remove_prefix(std::min(line.size(), line.find_first_not_of(" \t")));
  const std::string_view word = line.substr(0, line.find_first_of(" \t"));
  line.remove_prefix(word.size());
  return word;
}

std::optional<std::uint16_t> number(std::string_view word) {
  std::uint16_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc{} || end != word.data() + word.size() || value == 0) return std::nullopt;
  return value;
}

// The rule in a line; nothing when a word makes no sense, which is then in `word`.
std::optional<rule> parse_rule(std::string_view first, std::string_view line, std::string_view& word) {
  rule r;
  word = first;
  if (word == "allow") {
    r.says = verdict::accept;
  } else if (word == "drop") {
    r.says = verdict::drop;
  } else if (word == "reject") {
    r.says = verdict::reject;
  } else {
    return std::nullopt;
  }
  while (!(word = take_word(line)).empty()) {
    const std::string_view key = word;
    if (key == "tcp" || key == "udp" || key == "icmp") {
      r.protocol = key == "tcp" ? wire::ipv4::tcp : key == "udp" ? wire::ipv4::udp : wire::ipv4::icmp;
    } else if (key == "from" || key == "to") {
      const auto network = ipv4_interface::parse(word = take_word(line));
      if (!network) return std::nullopt;
      (key == "from" ? r.from : r.to) = network;
    } else if (key == "port") {
      r.port = number(word = take_word(line));
      if (!r.port) return std::nullopt;
    } else {
      return std::nullopt;
    }
  }
  return r;
}

}  // namespace

bool rule::fits(const transit_packet& p) const {
  if (protocol && *protocol != p.protocol()) return false;
  if (from && !from->contains(p.source().address)) return false;
  if (to && !to->contains(p.destination().address)) return false;
  // ICMP has no ports: its identifier is none.
  return !port || (p.protocol() != wire::ipv4::icmp && p.destination().port == *port);
}

verdict firewall::about(const transit_packet& p) const {
  for (const rule& r : rules_)
    if (r.fits(p)) return r.says;
  return verdict::accept;
}

std::expected<firewall, std::string> firewall::parse(std::string_view text) {
  firewall f;
  for (int number = 1; !text.empty(); ++number) {
    std::string_view line = take_line(text);
    const std::string_view first = take_word(line);
    if (first.empty()) continue;
    std::string_view word;
    const auto r = parse_rule(first, line, word);
    if (!r)
      return std::unexpected(
          "rule " + std::to_string(number) + ": `" + std::string{word} +
          "` is not understood: write (allow|drop|reject) [tcp|udp|icmp] [from A.B.C.D/LEN] "
          "[to A.B.C.D/LEN] [port N]");
    f.rules_.push_back(*r);
  }
  return f;
}
