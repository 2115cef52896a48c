#include "host/run/control_record.hpp"

#include <charconv>
#include <format>
#include <utility>

#include "abi/boot_line.hpp"
#include "abi/control.hpp"

namespace aster::host {
namespace {

/// Takes one word off; words are separated by one space.
std::string_view take_word(std::string_view& rest) {
  const std::string_view word = rest.substr(0, rest.find(' '));
  rest.remove_prefix(std::min(rest.size(), word.size() + 1));
  return word;
}

template <class Number>
std::optional<Number> number(std::string_view text, int base = 10) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::string> decoded(std::string_view text) {
  std::string out(text.size(), '\0');
  // Unlike the boot line, a written buffer may hold a NUL.
  std::size_t n = 0;
  for (std::size_t i = 0; i < text.size(); ++i, ++n) {
    if (text[i] != '%') {
      out[n] = text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = abi::hex_digit(text[i + 1]);
    const int low = abi::hex_digit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out[n] = static_cast<char>(high * 16 + low);
    i += 2;
  }
  out.resize(n);
  return out;
}

std::optional<control_record> parse_system_call(std::string_view rest) {
  control::system_call call{};
  const auto start = number<std::uint64_t>(take_word(rest));
  const auto duration = number<std::uint64_t>(take_word(rest));
  const auto nr = number<int>(take_word(rest));
  if (!start || !duration || !nr) return std::nullopt;
  call.start = *start;
  call.duration = *duration;
  call.number = *nr;
  for (std::uint64_t& argument : call.arguments) {
    const auto value = number<std::uint64_t>(take_word(rest), 16);
    if (!value) return std::nullopt;
    argument = *value;
  }
  if (const std::string_view result = take_word(rest); result != "?") {
    call.result = number<std::int64_t>(result);
    if (!call.result) return std::nullopt;
  }
  const auto fiber = decoded(take_word(rest));
  const auto text = decoded(rest);
  if (!fiber || !text) return std::nullopt;
  call.fiber = *fiber;
  call.text = *text;
  return call;
}

std::optional<control_record> parse(std::string_view line) {
  std::string_view rest = line;
  const std::string_view kind = take_word(rest);
  if (kind == "exit") {
    const auto code = number<int>(rest);
    if (!code || *code < 0 || *code > 255) return std::nullopt;
    return control::exited{*code};
  }
  if (kind == "panic") return control::panic{std::string(rest)};
  if (kind == "fiber") return control::in_fiber{std::string(rest)};
  if (kind == "register") {
    const std::string_view name = take_word(rest);
    const auto value = number<std::uint64_t>(rest, 16);
    if (name.empty() || !value) return std::nullopt;
    return control::register_value{std::string(name), *value};
  }
  if (kind == "frame" || kind == "frame-absolute") {
    const auto address = number<std::uint64_t>(rest, 16);
    if (!address) return std::nullopt;
    return control::frame{*address, kind == "frame-absolute"};
  }
  if (kind == "end" && rest.empty()) return control::end{};
  if (kind == "unserved") {
    const auto nr = number<int>(rest);
    if (!nr) return std::nullopt;
    return control::unserved{*nr};
  }
  if (kind == "syscall") return parse_system_call(rest);
  if (kind == "input" && rest.empty()) return control::input{};
  if (kind == "note") return control::note{std::string(rest)};
  if (kind == "ready" && rest.empty()) return control::ready{};
  if (kind == "answers" && rest.empty()) return control::answers{};
  if (kind == "answer") {
    const std::string_view id = take_word(rest);
    if (id.empty() || rest.empty()) return std::nullopt;
    return control::answer{std::string(id), std::string(rest)};
  }
  return std::nullopt;
}

}  // namespace

control_record parse_control_line(std::string_view line) {
  auto record = parse(line);
  return record ? *std::move(record) : control::malformed{std::string(line)};
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c >= ' ' && c < 0x7f && c != '\\') {
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\\') {
      out += "\\\\";
    } else {
      out += std::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

void control_splitter::feed(std::string_view bytes) {
  for (const char c : bytes) {
    // A serial port may translate line ends.
    if (c == '\r') continue;
    if (c != '\n') pending_ += c;
    if (c == '\n' || pending_.size() == abi::control_line_limit) {
      if (!pending_.empty()) line_(pending_);
      pending_.clear();
    }
  }
}

std::string control_splitter::finish() { return std::exchange(pending_, {}); }

}  // namespace aster::host
