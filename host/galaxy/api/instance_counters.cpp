#include "host/galaxy/api/instance_counters.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <format>

#include "aster/task/deadline.hpp"
#include "host/fibers/socket_stream.hpp"
#include "host/run/answer_line.hpp"
#include "host/run/runtime_folder.hpp"

namespace aster::host::galaxy {
namespace {

constexpr auto patience = std::chrono::seconds(5);
constexpr std::size_t answer_limit = 1u << 20;

std::unexpected<refusal> failed(std::string text) {
  return std::unexpected(refusal{refusal::kind::failed, std::move(text)});
}

void take(instance_counters& counters, const answer_line& line) {
  const std::string kind = line.kind == "interface" ? std::format("interface {}", line["name"]) : line.kind;
  for (const auto& [name, text] : line.values) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (!text.empty() && error == std::errc{} && end == text.data() + text.size())
      counters[kind][name] = value;
  }
}

outcome<instance_counters> read_answer(socket_stream& from, const std::string& who) {
  if (!from.write("ask stats\n")) return failed(who + " has ended");
  instance_counters counters;
  std::string text;
  std::array<std::byte, 4096> bytes;
  for (;;) {
    const auto got = from.read(bytes);
    if (!got || *got == 0) return failed(who + " has ended");
    text.append(reinterpret_cast<const char*>(bytes.data()), *got);
    if (text.size() > answer_limit) return failed(who + ": the answer does not end");
    std::size_t begin = 0;
    for (std::size_t end; (end = text.find('\n', begin)) != text.npos; begin = end + 1) {
      const std::string_view line = std::string_view{text}.substr(begin, end - begin);
      if (line == "end") return counters;
      if (line.starts_with("failed "))
        return failed(std::format("{} does not tell: {}", who, line.substr(7)));
      if (const auto parsed = parse_answer_line(line)) take(counters, *parsed);
    }
    text.erase(0, begin);
  }
}

}  // namespace

outcome<instance_counters> ask_counters(std::string_view galaxy, const instance_status& instance) {
  const auto folder = runtime_folder();
  if (!folder) return failed(folder.error());
  if (instance.pid == 0)
    return std::unexpected(refusal{refusal::kind::conflict, std::format("{} does not run", instance.name)});
  const auto stream = connect_unix(*folder / std::format("{}.{}.{}", galaxy, instance.name, instance.pid));
  if (!stream) return failed(std::format("{} cannot be asked: {}", instance.name, stream.error()));
  auto answer = task::within(patience, [&] { return read_answer(**stream, instance.name); });
  if (!answer) return failed(std::format("{} does not answer", instance.name));
  return std::move(*answer);
}

}  // namespace aster::host::galaxy
