#include "aster/web/source_trace.hpp"

#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "abi/throw_site.hpp"
#include "aster/crunch/live.hpp"

namespace aster::web {
namespace {

/// The `aster` that has started us. Only a plain process can run it, and only such a one can be live.
const char* command() { return crunch::live() != nullptr ? std::getenv("ASTER_COMMAND") : nullptr; }

std::string quoted(std::string_view word) {
  std::string text = "'";
  for (const char c : word)
    if (c == '\'')
      text += "'\\''";
    else
      text += c;
  return text += '\'';
}

std::string own_path() {
  std::array<char, 4096> path;
  const ssize_t size = readlink("/proc/self/exe", path.data(), path.size());
  return size > 0 ? std::string(path.data(), static_cast<std::size_t>(size)) : std::string{};
}

std::string output_of(const std::string& words) {
  std::string text;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe{popen(words.c_str(), "r"), pclose};
  if (!pipe) return text;
  std::array<char, 4096> part;
  while (const std::size_t size = std::fread(part.data(), 1, part.size(), pipe.get()))
    text.append(part.data(), size);
  return text;
}

/// "show at /x/main.cpp:77:3".
source_frame read_frame(std::string_view text) {
  source_frame frame;
  const std::size_t at = text.rfind(" at ");
  frame.function = text.substr(0, at);
  if (at == std::string_view::npos) return frame;
  std::string_view place = text.substr(at + 4);
  const std::size_t colon = place.find(':', place.rfind('/') + 1);
  frame.file = place.substr(0, colon);
  if (colon != std::string_view::npos)
    std::from_chars(place.data() + colon + 1, place.data() + place.size(), frame.line);
  return frame;
}

/// Whether a frame belongs to the libraries and not to the program.
bool is_machinery(const source_frame& f) {
  if (f.file.empty()) return true;
  for (const std::string_view part :
       {"/aster/task/", "/aster/http/", "/aster/web/", "/c++/v1/", "/kernel/", "/libcxx", "/libcxxabi"})
    if (f.file.contains(part)) return true;
  return false;
}

std::vector<source_line> read_around(const std::string& file, unsigned line) {
  constexpr unsigned before = 4, behind = 3;
  std::vector<source_line> lines;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> source{std::fopen(file.c_str(), "r"), std::fclose};
  if (!source) return lines;
  std::array<char, 512> text;
  for (unsigned number = 1; number <= line + behind && std::fgets(text.data(), text.size(), source.get());
       ++number) {
    std::string_view read{text.data()};
    if (read.ends_with('\n')) read.remove_suffix(1);
    if (number + before >= line) lines.push_back({number, std::string{read}});
  }
  return lines;
}

}  // namespace

void begin_source_traces() {
  if (aster_note_throws != nullptr && command() != nullptr) aster_note_throws(true);
}

std::vector<source_frame> last_source_trace() {
  std::vector<source_frame> frames;
  if (aster_thrown_from == nullptr || command() == nullptr) return frames;
  std::array<std::uint64_t, 32> offsets;
  const std::size_t count = aster_thrown_from(offsets.data(), offsets.size());
  std::string words = quoted(command()) + " symbolize " + quoted(own_path());
  for (std::size_t i = 0; i < count; ++i) {
    std::array<char, 20> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), offsets[i], 16).ptr;
    words.append(" 0x").append(digits.data(), end);
  }
  const std::string told = count == 0 ? std::string{} : output_of(words);
  constexpr std::string_view inlined = ", inlined in ";
  for (std::string_view rest = told; !rest.empty();) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    line.remove_prefix(std::min(line.find(' ') + 1, line.size()));  // the offset
    for (bool more = true; more;) {
      const std::size_t end = line.find(inlined);
      more = end != std::string_view::npos;
      source_frame frame = read_frame(line.substr(0, end));
      if (more) line.remove_prefix(end + inlined.size());
      if (is_machinery(frame)) continue;
      frame.around = read_around(frame.file, frame.line);
      frames.push_back(std::move(frame));
    }
  }
  return frames;
}

}  // namespace aster::web
