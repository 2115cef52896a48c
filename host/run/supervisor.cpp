#include "host/run/supervisor.hpp"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <print>
#include <span>
#include <tuple>

#include "abi/control.hpp"
#include "abi/manifest.hpp"

namespace aster::host {
namespace {

using clock = std::chrono::steady_clock;

constexpr auto grace = std::chrono::seconds(10);
constexpr auto ask_again_after = std::chrono::milliseconds(200);
// An image that talks without end must not keep us from hearing Ctrl-C.
constexpr int turn = 8;
constexpr int last_words = 1000;

/// Reads what is there, up to `limit` times; false at the end of the stream.
template <class Take>
bool drain(int from, int limit, Take take) {
  std::array<char, 16384> bytes;
  for (; limit > 0; --limit) {
    const ssize_t got = read(from, bytes.data(), bytes.size());
    if (got > 0) {
      take(std::string_view(bytes.data(), static_cast<std::size_t>(got)));
      continue;
    }
    if (got < 0 && errno == EINTR) continue;
    return got < 0 && errno == EAGAIN;
  }
  return true;
}

void make_nonblocking(int descriptor) { fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK); }

/// A helper ended while the image still runs.
void report_lost(const helper& lost, bool stopping) {
  if (!lost.process->poll() || stopping) return;
  std::println(stderr, "aster: {}", lost.loss);
}

}  // namespace

stop_signals::stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int s : {SIGINT, SIGTERM, SIGHUP, SIGCONT}) {
    struct sigaction now{};
    sigaction(s, nullptr, &now);
    // Ignored by whoever started us (nohup, a script's background job): so be it.
    if (now.sa_handler != SIG_IGN) sigaddset(&set, s);
  }
  sigprocmask(SIG_BLOCK, &set, nullptr);
  handle_ = descriptor(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

struct console_guard::saved {
  std::array<int, 3> flags{};
  std::optional<termios> mode;
};

console_guard::console_guard() : saved_(new saved) {
  for (int i = 0; i < 3; ++i) {
    // One that is missing would be taken by the next file opened, and the image would read or write that.
    if (fcntl(i, F_GETFD) < 0) std::ignore = open("/dev/null", O_RDWR);
    saved_->flags[static_cast<std::size_t>(i)] = fcntl(i, F_GETFL);
  }
  if (termios mode{}; tcgetattr(0, &mode) == 0) saved_->mode = mode;
}

console_guard::~console_guard() {
  for (int i = 0; i < 3; ++i) {
    const int flags = saved_->flags[static_cast<std::size_t>(i)];
    if (flags >= 0 && fcntl(i, F_GETFL) != flags) fcntl(i, F_SETFL, flags);
  }
  // In the background the terminal is the shell's, which has set it as it needs it.
  if (saved_->mode && tcgetpgrp(0) == getpgrp()) tcsetattr(0, TCSANOW, &*saved_->mode);
  delete saved_;
}

void input_relay::read_more() {
  // A read from the background would stop the whole of aster, image and all.
  if (isatty(0) != 0 && tcgetpgrp(0) != getpgrp()) {
    paused_ = true;
    return;
  }
  std::array<char, 4096> bytes;
  const ssize_t got = read(0, bytes.data(), bytes.size());
  if (got > 0) {
    for (const char c : std::string_view(bytes.data(), static_cast<std::size_t>(got))) {
      if (c == abi::console_end || c == abi::console_literal) pending_ += abi::console_literal;
      pending_ += c;
    }
  } else if (got == 0 || (errno != EINTR && errno != EAGAIN)) {
    pending_.assign(1, abi::console_end);
    ended_ = true;
  }
}

void input_relay::write_more() {
  const ssize_t put = write(to_.get(), pending_.data(), pending_.size());
  if (put > 0) pending_.erase(0, static_cast<std::size_t>(put));
  if (put < 0 && errno == EPIPE) {
    pending_.clear();
    ended_ = true;
  }
}

ending supervise(supervised& what, const stop_signals& signals, control_listener& listener) {
  ending result;
  std::optional<clock::time_point> deadline;
  bool control_open = static_cast<bool>(what.control);
  if (control_open) make_nonblocking(what.control.get());
  bool monitor_open = static_cast<bool>(what.monitor);
  if (monitor_open) make_nonblocking(what.monitor.get());

  const auto on_signal = [&](int signal) {
    if (signal == SIGCONT) {
      if (what.input) what.input->resume();
      return;
    }
    // The second Ctrl-C is meant.
    if (result.stopped_by != 0 && signal == SIGINT) {
      result.forced = true;
      what.image.send(SIGKILL);
      return;
    }
    if (result.stopped_by != 0) return;
    result.stopped_by = signal;
    deadline = clock::now() + grace;
    what.ask_to_stop();
  };

  while (!what.image.poll()) {
    const auto now = clock::now();
    std::array<pollfd, 6 + 2 * abi::device_limit + instance::descriptor_limit> watched{};
    std::size_t count = 0;
    const auto watch = [&](int descriptor, short events) -> const pollfd& {
      return watched[count++] = {.fd = descriptor, .events = events, .revents = 0}, watched[count - 1];
    };
    watch(what.image.handle(), POLLIN);  // only to wake up
    const pollfd& signal = watch(signals.handle(), POLLIN);
    const pollfd& control = watch(control_open ? what.control.get() : -1, POLLIN);
    const pollfd& source = watch(what.input && listener.wants_input() ? what.input->source() : -1, POLLIN);
    const pollfd& sink = watch(what.input ? what.input->sink() : -1, POLLOUT);
    const pollfd& monitor = watch(monitor_open ? what.monitor.get() : -1, POLLIN);
    const std::size_t first_helper = count;
    for (const helper& h : what.helpers) watch(h.process->handle(), POLLIN);

    const std::size_t first_asker = count;
    const std::size_t askers =
        what.questions != nullptr ? what.questions->watch(std::span(watched).subspan(count)) : 0;
    count += askers;

    std::optional<clock::time_point> wake;
    if (deadline)
      wake = what.ask_again ? std::min<clock::time_point>(*deadline, now + ask_again_after) : *deadline;
    if (what.questions != nullptr) {
      if (const auto until = what.questions->deadline()) wake = wake ? std::min(*wake, *until) : *until;
    }
    timespec left{};
    if (wake) {
      const auto rest = std::max<std::chrono::nanoseconds>(*wake - now, std::chrono::nanoseconds(0));
      left.tv_sec = rest / std::chrono::seconds(1);
      left.tv_nsec = (rest % std::chrono::seconds(1)).count();
    }
    const int ready = ppoll(watched.data(), count, wake ? &left : nullptr, nullptr);
    if (what.questions != nullptr && ready == 0) what.questions->expired(clock::now());
    if (ready == 0 && deadline && clock::now() >= *deadline) {
      result.forced = result.timed_out = true;
      what.image.send(SIGKILL);
      deadline.reset();
    } else if (ready == 0 && deadline && what.ask_again) {
      what.ask_to_stop();
    }
    if (ready <= 0) continue;
    if (signal.revents != 0) {
      signalfd_siginfo arrived;
      while (read(signals.handle(), &arrived, sizeof arrived) == sizeof arrived) {
        on_signal(static_cast<int>(arrived.ssi_signo));
      }
    }
    if (control.revents != 0) {
      control_open = drain(what.control.get(), turn, [&](std::string_view bytes) { listener.feed(bytes); });
    }
    if (source.revents != 0) what.input->read_more();
    if (sink.revents != 0) what.input->write_more();
    if (monitor.revents != 0) monitor_open = drain(what.monitor.get(), turn, [](std::string_view) {});
    if (askers != 0) {
      what.questions->serve(std::span(watched).subspan(first_asker, askers), clock::now());
      what.questions->expired(clock::now());
    }
    for (std::size_t i = 0; i < what.helpers.size(); ++i) {
      if (watched[first_helper + i].revents != 0) report_lost(what.helpers[i], result.stopped_by != 0);
    }
    std::erase_if(what.helpers, [](const helper& h) { return h.process->poll().has_value(); });
  }
  result.status = what.image.wait();
  // What the image said last is still in the channel.
  if (control_open)
    drain(what.control.get(), last_words, [&](std::string_view bytes) { listener.feed(bytes); });
  listener.finish();
  return result;
}

}  // namespace aster::host
