#include "host/run/capture.hpp"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <format>
#include <print>

#include "host/run/boot_line.hpp"

namespace aster::host {
namespace {

constexpr int finish_limit_ms = 10'000;

using failure = std::unexpected<std::string>;

/// A connected pair on which each message is one frame.
std::expected<std::pair<descriptor, descriptor>, std::string> frame_pair() {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0)
    return failure(std::format("--pcap: no socket: {}", std::strerror(errno)));
  // As far as the machine allows: a window's worth of frames.
  constexpr int room = 4 << 20;
  for (const int end : pair) setsockopt(end, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
  return std::pair{descriptor(pair[0]), descriptor(pair[1])};
}

std::expected<descriptor, std::string> open_output(const capture_request& request) {
  if (request.file == "-") {
    if (isatty(1) != 0) {
      return failure(
          "--pcap -: standard output is a terminal; pipe it, as in aster run --pcap - IMAGE | wireshark -k "
          "-i -");
    }
    return descriptor(fcntl(1, F_DUPFD_CLOEXEC, 3));
  }
  descriptor file(open(request.file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!file) {
    return failure(
        std::format("--pcap {}: {}; name a file that you may write", request.file, std::strerror(errno)));
  }
  return file;
}

std::string network_of(const attached_device& device) {
  if (!device.tap.empty()) return "tap " + device.tap;
  return device.plug.empty() ? "user-mode network" : "switch";
}

/// A ring's file is made when the image falls; that this will be possible is to be known before.
std::expected<void, std::string> check_place(const std::filesystem::path& file) {
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  if (access(folder.c_str(), W_OK | X_OK) == 0 && !std::filesystem::is_directory(file)) return {};
  return failure(std::format("--pcap {}: no file can be made there; name another place", file.string()));
}

}  // namespace

std::expected<capture_request, std::string> parse_capture(std::string_view text) {
  capture_request result;
  const std::size_t equals = text.find('=');
  if (equals != text.npos && text.substr(0, equals).find('/') == text.npos) {
    result.device = text.substr(0, equals);
    text.remove_prefix(equals + 1);
    if (result.device.empty()) return failure("--pcap: no device is named in front of '='");
  }
  if (text.empty()) return failure("--pcap: no file is named; write --pcap FILE, or - for standard output");
  result.file = text;
  return result;
}

std::expected<std::vector<int>, std::string> match_captures(std::span<const capture_request> requests,
                                                            std::span<const attached_device> devices) {
  std::vector<int> result(devices.size(), -1);
  const auto give = [&](std::size_t device, std::size_t request) -> std::expected<void, std::string> {
    if (result[device] >= 0)
      return failure(std::format("--pcap {}: the frames of {} go to two files; leave one out",
                                 requests[request].file, devices[device].name));
    result[device] = static_cast<int>(request);
    return {};
  };
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (requests[i].device.empty()) continue;
    const auto found = std::ranges::find(devices, requests[i].device, &attached_device::name);
    if (found == devices.end()) {
      return failure(
          std::format("--pcap {}={}: the image has no network device of that name; correct it, or leave it "
                      "out to record all",
                      requests[i].device, requests[i].file));
    }
    if (const auto given = give(static_cast<std::size_t>(found - devices.begin()), i); !given)
      return failure(given.error());
  }
  const std::vector<int> named = result;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (!requests[i].device.empty()) continue;
    for (std::size_t d = 0; d < devices.size(); ++d) {
      if (named[d] >= 0) continue;
      if (const auto given = give(d, i); !given) return failure(given.error());
    }
    if (!std::ranges::contains(result, static_cast<int>(i))) {
      return failure(std::format("--pcap {}: the image has no network device {}to record; leave it out",
                                 requests[i].file, devices.empty() ? "" : "left "));
    }
  }
  return result;
}

std::expected<capture, std::string> capture::start(const capture_request& request,
                                                   const capture_settings& settings,
                                                   std::span<tapped_wire> wires) {
  const auto path = find_own_program("aster-capture");
  if (!path) return failure(path.error());
  program what{
      .path = *path, .arguments = {"aster-capture"}, .environment = {}, .descriptors = {}, .own_group = true};
  int next = 3;
  const auto give = [&](int ours) {
    what.descriptors.emplace_back(ours, next);
    return next++;
  };
  const auto say = [&](std::string_view option, std::string value) {
    what.arguments.emplace_back(option);
    what.arguments.push_back(std::move(value));
  };

  std::vector<descriptor> ends;
  for (tapped_wire& w : wires) {
    auto pair = frame_pair();
    if (!pair) return failure(pair.error());
    w.image = std::move(pair->first);
    ends.push_back(std::move(pair->second));
    const int image = give(ends.back().get());
    const int network = give(w.network);
    say("--wire", std::format("{},{},{},{},{}{}", w.device->name, to_string(w.device->mac), image, network,
                              w.bare ? "bare," : "", network_of(*w.device)));
  }
  int orders[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, orders) != 0)
    return failure("--pcap: no socket");
  descriptor ours(orders[0]);
  const descriptor theirs(orders[1]);
  say("--orders", std::to_string(give(theirs.get())));

  std::expected<descriptor, std::string> output;
  if (settings.ring != 0) {
    if (request.file == "-") return failure("--pcap-ring: a ring goes to a file and not to standard output");
    if (const auto good = check_place(request.file); !good) return failure(good.error());
    say("--ring", std::format("{},{}", settings.ring, request.file));
  } else {
    output = open_output(request);
    if (!output) return failure(output.error());
    say("--output", std::to_string(give(output->get())));
  }
  if (settings.snap != 0) say("--snap", std::to_string(settings.snap));
  if (settings.limit != 0) say("--limit", std::to_string(settings.limit));
  auto process = host::start(what);
  if (!process) return failure(process.error());
  return capture(std::move(*process), std::move(ours));
}

void capture::finish(bool fell) {
  constexpr char keep = 'k';
  if (fell) std::ignore = send(orders_.get(), &keep, 1, MSG_NOSIGNAL);
  orders_.close();
  pollfd ended{.fd = process_.handle(), .events = POLLIN, .revents = 0};
  if (!process_.poll() && ::poll(&ended, 1, finish_limit_ms) == 0)
    std::println(stderr, "aster: --pcap: what reads the frames takes none; the last ones are lost");
}

}  // namespace aster::host
