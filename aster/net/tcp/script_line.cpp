#include "aster/net/tcp/script_line.hpp"

#include <algorithm>

#include "aster/net/wire/ipv4.hpp"

namespace aster::net::tcp {

std::vector<std::byte> script_pattern(std::uint32_t begin, std::uint32_t size, bool from_us) {
  std::vector<std::byte> bytes(size);
  for (std::uint32_t i = 0; i < size; ++i) {
    const std::uint32_t offset = begin + i;
    bytes[i] = static_cast<std::byte>((offset * 7 + (offset >> 8) * 31 + (from_us ? 91 : 3)) & 255);
  }
  return bytes;
}

std::string_view script_words::next() {
  while (!text_.empty() && text_.front() == ' ') text_.remove_prefix(1);
  std::size_t end = 0;
  if (!text_.empty() && text_.front() == '<' && text_.size() > 1 && text_[1] != ' ') {
    end = std::min(text_.find('>') + 1, text_.size());  // an option list is one word
  } else {
    end = std::min(text_.find(' '), text_.size());
  }
  const std::string_view word = text_.substr(0, end);
  text_.remove_prefix(end);
  return word;
}

double script_decimal(std::string_view text) {
  try {
    std::size_t used = 0;
    const double value = std::stod(std::string{text}, &used);
    if (used == text.size()) return value;
  } catch (const std::exception&) {
  }
  throw script_failed{"not a number: `" + std::string{text} + "`"};
}

namespace {
wire::tcp_options option_list(std::string_view list) {
  wire::tcp_options o;
  while (!list.empty()) {
    script_words item{list.substr(0, list.find(','))};
    list.remove_prefix(std::min(list.find(','), list.size() - 1) + 1);
    const std::string_view kind = item.next();
    if (kind == "mss")
      o.maximum_segment_size = static_cast<std::uint16_t>(script_number(item.next()));
    else if (kind == "wscale")
      o.window_scale = static_cast<std::uint8_t>(script_number(item.next()));
    else if (kind == "sackOK")
      o.sack_permitted = true;
    else if (kind == "TS") {
      if (item.next() != "val") throw script_failed{"TS val N ecr N"};
      wire::tcp_options::timestamp t;
      t.value = script_number(item.next());
      if (item.next() != "ecr") throw script_failed{"TS val N ecr N"};
      t.echo = script_number(item.next());
      o.timestamps = t;
    } else if (kind == "sack") {
      for (std::string_view b = item.next(); !b.empty(); b = item.next()) {
        const auto colon_at = b.find(':');
        if (colon_at == std::string_view::npos || o.sack_count == o.sack.size())
          throw script_failed{"sack BEGIN:END, at most four times"};
        o.sack[o.sack_count++] = {script_number(b.substr(0, colon_at)),
                                  script_number(b.substr(colon_at + 1))};
      }
    } else if (kind != "nop")
      throw script_failed{"unknown option " + std::string{kind}};
  }
  return o;
}
}  // namespace

script_segment script_segment::parse(script_words& w) {
  script_segment d;
  if (w.peek().starts_with('[')) {
    const std::string_view bits = w.next();
    d.congestion_bits = bits == "[ce]"     ? wire::ipv4::congestion_experienced
                        : bits == "[ect]"  ? wire::ipv4::marks_understood
                        : bits == "[none]" ? std::uint8_t{0}
                                           : throw script_failed{"[ce], [ect] or [none]"};
  }
  for (const char c : w.next()) {
    switch (c) {
      case 'S': d.flags.syn = true; break;
      case 'F': d.flags.fin = true; break;
      case 'R': d.flags.rst = true; break;
      case 'P': d.flags.psh = true; break;
      case 'E': d.flags.ece = true; break;
      case 'W': d.flags.cwr = true; break;
      case '.': d.flags.ack = true; break;
      default: throw script_failed{std::string{"unknown flag "} + c};
    }
  }
  const std::string_view range = w.next();
  const auto colon = range.find(':'), paren = range.find('(');
  if (colon == std::string_view::npos || paren == std::string_view::npos)
    throw script_failed{"a segment needs BEGIN:END(LENGTH)"};
  d.begin = script_number(range.substr(0, colon));
  d.end = script_number(range.substr(colon + 1, paren - colon - 1));
  d.length = script_number(range.substr(paren + 1, range.size() - paren - 2));
  if (d.end - d.begin != d.length) throw script_failed{"END - BEGIN is not LENGTH"};
  while (!w.peek().empty()) {
    const std::string_view word = w.next();
    if (word == "ack") {
      d.ack = script_number(w.next());
    } else if (word == "win") {
      d.window = script_number(w.next());
    } else if (word.starts_with('<')) {
      d.options = option_list(word.substr(1, word.size() - 2));
    } else {
      throw script_failed{"not understood: `" + std::string{word} + "`"};
    }
  }
  return d;
}

std::string script_flags(wire::tcp_flags f) {
  std::string t;
  if (f.syn) t += 'S';
  if (f.fin) t += 'F';
  if (f.rst) t += 'R';
  if (f.psh) t += 'P';
  if (f.ece) t += 'E';
  if (f.cwr) t += 'W';
  if (f.ack) t += '.';
  return t;
}

std::string for_each_script_line(std::string_view text, const std::function<void(std::string_view)>& play) {
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    line = line.substr(0, line.find('#'));
    while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
    while (!line.empty() && line.back() == ' ') line.remove_suffix(1);
    if (line.empty()) continue;
    try {
      play(line);
    } catch (const script_failed& f) {
      return "line " + std::to_string(number) + " (" + std::string{line} + "): " + f.what();
    }
  }
  return {};
}

}  // namespace aster::net::tcp
