#include "host/capture/recording.hpp"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <format>
#include <print>

#include "host/network/frame_checksum.hpp"

namespace aster::host {
namespace {

// A pipe that poll calls writable takes so much at once without waiting (POSIX's PIPE_BUF on Linux).
constexpr std::size_t piece = 4096;

bool is_regular(int descriptor) {
  struct stat status{};
  return fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

}  // namespace

recording::recording(std::vector<pcapng::interface> interfaces, recording_limits limits, int output,
                     std::filesystem::path path, std::int64_t now)
    : interfaces_(std::move(interfaces)),
      limits_(limits),
      output_(output),
      is_file_(is_regular(output)),
      path_(std::move(path)),
      start_(now),
      counts_(interfaces_.size()) {
  for (pcapng::interface& i : interfaces_) i.snap = limits_.snap;
  if (limits_.ring == 0) begin(pending_);
  written_ = pending_.size();
}

void recording::begin(std::string& out) const {
  pcapng::put_section(out);
  for (const pcapng::interface& i : interfaces_) pcapng::put_interface(out, i);
}

void recording::take(unsigned interface, pcapng::direction way, const abi::net_header& header,
                     std::span<const std::byte> frame, std::int64_t now) {
  ++counts_[interface].seen;
  if (over_) {
    ++counts_[interface].missed;
    return;
  }
  const std::size_t size = frame.size();
  if ((header.flags & abi::net_header::needs_checksum) != 0) {
    whole_.assign(frame.begin(), frame.end());
    // One whose header makes no sense is shown as it is.
    complete_checksum(header, whole_);
    frame = whole_;
  }
  if (limits_.snap != 0) frame = frame.first(std::min<std::size_t>(size, limits_.snap));
  const bool offloaded = (header.gso_type & ~abi::net_header::gso_ecn) != abi::net_header::gso_none;
  std::string block;
  pcapng::put_frame(block, {.interface = interface,
                            .way = way,
                            .time = now,
                            .bytes = frame,
                            .size = size,
                            .segment_size = offloaded ? header.segment_size : std::uint16_t{0}});
  add(std::move(block), interface);
}

void recording::add(std::string block, unsigned interface) {
  if (limits_.ring != 0) {
    ring_bytes_ += block.size();
    ring_.push_back({interface, std::move(block)});
    while (ring_.size() > limits_.ring || ring_bytes_ > ring_limit) {
      ring_bytes_ -= ring_.front().block.size();
      ++counts_[ring_.front().interface].missed;
      ring_.pop_front();
    }
    return;
  }
  if (limits_.size != 0 && written_ + block.size() > limits_.size) {
    ++counts_[interface].missed;
    std::println(stderr, "aster: --pcap: the limit of {} bytes is reached; what follows is not recorded",
                 limits_.size);
    over_ = true;
    return;
  }
  if (pending_.size() - sent_ + block.size() > backlog_limit) {
    ++counts_[interface].missed;
    return;
  }
  written_ += block.size();
  pending_ += block;
}

void recording::write_some() {
  while (sent_ < pending_.size()) {
    if (!is_file_) {
      pollfd room{.fd = output_, .events = POLLOUT, .revents = 0};
      if (poll(&room, 1, 0) <= 0) return;
    }
    const std::size_t left = pending_.size() - sent_;
    const ssize_t put = write(output_, pending_.data() + sent_, is_file_ ? left : std::min(left, piece));
    if (put < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (put <= 0) return give_up(errno == EPIPE ? "its reader has gone" : std::strerror(errno));
    sent_ += static_cast<std::size_t>(put);
    if (sent_ > pending_.size() / 2) {
      pending_.erase(0, sent_);
      sent_ = 0;
    }
  }
}

void recording::give_up(std::string_view why) {
  std::println(stderr, "aster: --pcap: {}; nothing more is recorded", why);
  pending_.clear();
  sent_ = 0;
  output_ = -1;
  over_ = true;
}

bool recording::write_all(int to, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = write(to, bytes.data(), bytes.size());
    if (put < 0 && errno == EAGAIN) {
      pollfd room{.fd = to, .events = POLLOUT, .revents = 0};
      poll(&room, 1, -1);
      continue;
    }
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

void recording::put_statistics(std::string& out, std::int64_t now) const {
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    pcapng::put_statistics(out, {.interface = static_cast<unsigned>(i),
                                 .start = start_,
                                 .end = now,
                                 .seen = counts_[i].seen,
                                 .missed = counts_[i].missed});
  }
}

void recording::keep(std::int64_t now) {
  if (limits_.ring == 0) return;
  std::string file;
  begin(file);
  for (const kept& k : ring_) file += k.block;
  put_statistics(file, now);
  const int to = open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (to < 0 || !write_all(to, file)) {
    std::println(stderr, "aster: --pcap {}: {}", path_.string(), std::strerror(errno));
  } else {
    std::println(stderr, "aster: the last {} frames before that are in {}", ring_.size(), path_.string());
  }
  if (to >= 0) close(to);
}

void recording::finish(std::int64_t now) {
  if (limits_.ring != 0 || output_ < 0) return;
  put_statistics(pending_, now);
  if (!write_all(output_, std::string_view(pending_).substr(sent_))) give_up(std::strerror(errno));
}

}  // namespace aster::host
