// aster symbolize
#include <charconv>
#include <cstdio>
#include <format>
#include <iostream>
#include <optional>
#include <print>
#include <string>

#include "host/cli/perform.hpp"
#include "host/image/image.hpp"
#include "host/image/symbolize.hpp"

namespace aster::host::cli {
namespace {

std::optional<std::uint64_t> parse_offset(std::string_view text) {
  if (text.starts_with("image+")) text.remove_prefix(6);
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  std::uint64_t offset = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), offset, 16);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return offset;
}

/// Frames of one address, innermost first, as one piece of text.
std::string joined(std::span<const frame> frames) {
  std::string text;
  for (const frame& f : frames) text += (text.empty() ? "" : ", inlined in ") + to_string(f);
  return text;
}

/// `line` with what is known put behind each "image+0x…".
std::string filtered(const std::filesystem::path& image, const std::string& line) {
  constexpr std::string_view mark = "image+0x";
  std::string result;
  std::size_t done = 0;
  for (std::size_t at = 0; (at = line.find(mark, at)) != std::string::npos;) {
    const std::size_t digits = at + mark.size();
    const std::size_t end = std::min(line.find_first_not_of("0123456789abcdefABCDEF", digits), line.size());
    const auto offset = parse_offset(std::string_view{line}.substr(digits, end - digits));
    result += line.substr(done, end - done);
    done = at = end;
    if (!offset) continue;
    const std::uint64_t offsets[] = {*offset};
    const auto frames = symbolize(image, offsets);
    const bool is_known = !frames.back().function.empty() || !frames.back().file.empty();
    if (is_known) result += std::format(" ({})", joined(frames));
  }
  return result + line.substr(done);
}

}  // namespace

int perform(const symbolize_command& c) {
  const auto path = image_of(c.image);
  if (!path) return complain(std::format("symbolize: {}", path.error()));
  if (const auto image = read_image(*path, seal_state::either); !image) return complain(image.error().text);
  for (const std::string& word : c.offsets) {
    const auto offset = parse_offset(word);
    if (!offset)
      return complain(std::format("symbolize: '{}' is no offset; write it in hex, as in 0x8d0a1", word), 2);
    const std::uint64_t offsets[] = {*offset};
    std::println("{:#x} {}", *offset, joined(symbolize(*path, offsets)));
  }
  if (!c.offsets.empty()) return 0;
  for (std::string line; std::getline(std::cin, line);) {
    std::println("{}", filtered(*path, line));
    std::fflush(stdout);  // whoever follows a log wants each line at once
  }
  return 0;
}

}  // namespace aster::host::cli
