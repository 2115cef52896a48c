// aster-capture: stands between an image and its networks and records the frames that pass. `aster run
// --pcap` starts it; a person may, too:
//
//   aster-capture --wire service,52:54:00:12:34:56,3,4,tap:tap0 --output 1 | wireshark -k -i -
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <expected>
#include <format>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/capture/recording.hpp"
#include "host/capture/wire.hpp"

namespace {

using namespace aster::host;

constexpr int exit_cannot_serve = 125;

constexpr std::string_view help_text =
    "Usage: aster-capture --wire NAME,MAC,IMAGE-FD,NETWORK-FD[,bare],PLUG… [OPTIONS]\n"
    "\n"
    "Stands between an Asterism image and its networks and records what passes. `aster run --pcap` starts "
    "it.\n"
    "\n"
    "  --wire ...       one device: sockets or taps of frames with a 12-byte virtio-net header in front; "
    "bare: the\n"
    "                   image's end has none; PLUG says what the network is\n"
    "  --output FD      write pcapng there\n"
    "  --ring N,PATH    instead keep the last N frames, and write PATH only when a byte arrives on the "
    "orders' socket\n"
    "  --orders FD      whose end is the end of the capture, once all wires are closed\n"
    "  --snap BYTES     keep so much of each frame\n"
    "  --limit BYTES    write no more\n"
    "  -h, --help       print this\n";

struct plugged {
  pcapng::interface interface;
  wire::end image{-1}, network{-1};
};

struct options {
  std::vector<plugged> wires;
  recording_limits limits;
  int output = -1;
  int orders = -1;
  std::string path;
};

template <class Number>
std::optional<Number> read_number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string_view take_part(std::string_view& rest) {
  const std::string_view part = rest.substr(0, rest.find(','));
  rest.remove_prefix(std::min(rest.size(), part.size() + 1));
  return part;
}

std::optional<plugged> read_wire(std::string_view text) {
  plugged p;
  p.interface.name = take_part(text);
  std::string_view mac = take_part(text);
  for (std::uint8_t& byte : p.interface.mac) {
    const auto [end, error] = std::from_chars(mac.data(), mac.data() + mac.size(), byte, 16);
    if (error != std::errc{}) return std::nullopt;
    mac.remove_prefix(std::min<std::size_t>(mac.size(), static_cast<std::size_t>(end - mac.data()) + 1));
  }
  const auto image = read_number<int>(take_part(text));
  const auto network = read_number<int>(take_part(text));
  if (p.interface.name.empty() || !image || !network) return std::nullopt;
  p.image.descriptor = *image;
  p.network.descriptor = *network;
  if (text.starts_with("bare,")) {
    p.image.bare = true;
    take_part(text);
  }
  p.interface.description = text;
  return p;
}

bool read_ring(std::string_view text, options& all) {
  const auto count = read_number<std::size_t>(take_part(text));
  if (!count || *count == 0 || text.empty()) return false;
  all.limits.ring = *count;
  all.path = text;
  return true;
}

std::expected<options, std::string> read_options(const std::vector<std::string_view>& words) {
  options all;
  for (std::size_t i = 0; i < words.size(); i += 2) {
    const std::string_view name = words[i];
    if (i + 1 == words.size())
      return std::unexpected(std::format("{} needs a value; see aster-capture --help", name));
    const std::string_view value = words[i + 1];
    bool good = true;
    const auto number = [&]<class Number>(Number& into) {
      const auto read = read_number<Number>(value);
      good = read.has_value();
      if (read) into = *read;
    };
    if (name == "--wire") {
      auto w = read_wire(value);
      good = w.has_value();
      if (w) all.wires.push_back(*std::move(w));
    } else if (name == "--output") {
      number(all.output);
    } else if (name == "--orders") {
      number(all.orders);
    } else if (name == "--snap") {
      number(all.limits.snap);
    } else if (name == "--limit") {
      number(all.limits.size);
    } else if (name == "--ring") {
      good = read_ring(value, all);
    } else {
      return std::unexpected(std::format("{} is not an option; see aster-capture --help", name));
    }
    if (!good)
      return std::unexpected(
          std::format("{} {} cannot be understood; see aster-capture --help", name, value));
  }
  if (all.wires.empty()) return std::unexpected("--wire is missing; see aster-capture --help");
  if ((all.output < 0) == (all.limits.ring == 0))
    return std::unexpected("either --output or --ring is needed; see aster-capture --help");
  return all;
}

/// What this process does not need cannot be had through it by an image that finds a mistake in it.
void confine() {
  const rlimit none{.rlim_cur = 0, .rlim_max = 0};
  setrlimit(RLIMIT_NPROC, &none);
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

std::int64_t now() {
  timespec t{};
  clock_gettime(CLOCK_REALTIME, &t);
  return t.tv_sec * std::int64_t{1'000'000'000} + t.tv_nsec;
}

/// What stands in the orders' socket: a byte asks to keep the ring; its end, to end. Without one, the wires
/// decide.
enum class order { none, keep, end };

order read_order(int from) {
  char byte = 0;
  const ssize_t got = read(from, &byte, 1);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return order::none;
  return got == 1 ? order::keep : order::end;
}

void serve(const options& given) {
  std::vector<pcapng::interface> interfaces;
  for (const plugged& p : given.wires) interfaces.push_back(p.interface);
  recording record(std::move(interfaces), given.limits, given.output, given.path, now());
  std::vector<std::unique_ptr<wire>> wires;
  for (const plugged& p : given.wires) {
    const auto number = static_cast<unsigned>(wires.size());
    wires.push_back(
        std::make_unique<wire>(p.image, p.network,
                               [&record, number](pcapng::direction way, const aster::abi::net_header& header,
                                                 std::span<const std::byte> frame) {
                                 record.take(number, way, header, frame, now());
                               }));
  }
  int orders = given.orders;
  std::vector<pollfd> watched;
  for (;;) {
    record.write_some();
    watched.clear();
    for (const auto& w : wires) w->watch(watched);
    const bool carrying = !std::ranges::all_of(wires, &wire::is_over);
    if (!carrying && orders < 0) break;
    watched.push_back({.fd = orders, .events = POLLIN, .revents = 0});
    watched.push_back({.fd = record.wants_room(), .events = POLLOUT, .revents = 0});
    if (poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR) break;
    for (std::size_t i = 0; i < wires.size(); ++i) wires[i]->carry(std::span(watched).subspan(2 * i, 2));
    if (watched[2 * wires.size()].revents == 0) continue;
    // What was under way when the order was given is part of it.
    switch (read_order(orders)) {
      case order::none: break;
      case order::keep: record.keep(now()); break;
      case order::end: orders = -1; break;
    }
  }
  record.finish(now());
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string_view> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  if (std::ranges::contains(words, "--help") || std::ranges::contains(words, "-h")) {
    std::fwrite(help_text.data(), 1, help_text.size(), stdout);
    return 0;
  }
  const auto given = read_options(words);
  if (!given) {
    std::fputs(std::format("aster-capture: {}\n", given.error()).c_str(), stderr);
    return exit_cannot_serve;
  }
  signal(SIGPIPE, SIG_IGN);
  confine();
  serve(*given);
  return 0;
}
