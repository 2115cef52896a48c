// The client of every server that is measured, over the kernel's TCP:
//
//   bench_stream_client receive ADDRESS SECONDS       bytes a second from the generator of characters
//   bench_stream_client send ADDRESS SECONDS          … to discard
//   bench_stream_client round-trip ADDRESS ROUNDS     one byte and its echo: median and 99th percentile in ns
//   bench_stream_client connect ADDRESS SECONDS       HTTP requests, each on a connection of its own, 32 at
//   once: a second bench_stream_client hold ADDRESS PORT NUMBER      opens so many, says "open" and waits for
//   the end of its input; with
//                                                     port 80 each has had one answer
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace {

using clock_type = std::chrono::steady_clock;
constexpr std::string_view request = "GET / HTTP/1.1\r\nHost: image\r\n\r\n";
constexpr std::string_view last_request = "GET / HTTP/1.1\r\nHost: image\r\nConnection: close\r\n\r\n";

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

sockaddr_in to_address(const char* text, std::uint16_t port) {
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_port = htons(port);
  if (inet_pton(AF_INET, text, &a.sin_addr) != 1) fail(text);
  return a;
}

int connected(const sockaddr_in& to) {
  const int s = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  if (s < 0 || connect(s, reinterpret_cast<const sockaddr*>(&to), sizeof to) < 0) fail("connect");
  setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return s;
}

int bulk(const char* address, int seconds, bool sending) {
  const int s = connected(to_address(address, sending ? 9 : 19));
  std::vector<char> bytes(256 * 1024, 'a');
  std::uint64_t moved = 0;
  const auto warm = clock_type::now() + std::chrono::milliseconds{200};
  auto begin = warm;
  const auto end = warm + std::chrono::seconds{seconds};
  bool counting = false;
  for (;;) {
    const ssize_t n = sending ? write(s, bytes.data(), bytes.size()) : read(s, bytes.data(), bytes.size());
    if (n <= 0) fail("bulk");
    const auto now = clock_type::now();
    if (!counting && now >= warm) {
      counting = true;
      begin = now;
      continue;
    }
    if (counting) moved += static_cast<std::uint64_t>(n);
    if (now >= end) {
      std::printf("%.0f\n", static_cast<double>(moved) / std::chrono::duration<double>(now - begin).count());
      return 0;
    }
  }
}

int round_trip(const char* address, int rounds) {
  const int s = connected(to_address(address, 7));
  std::vector<std::int64_t> times;
  char byte = 'a';
  for (int i = 0; i < rounds + 100; ++i) {
    const auto begin = clock_type::now();
    if (write(s, &byte, 1) != 1 || read(s, &byte, 1) != 1) fail("round trip");
    if (i >= 100) times.push_back((clock_type::now() - begin).count());
  }
  std::ranges::sort(times);
  std::printf("%lld %lld\n", static_cast<long long>(times[times.size() / 2]),
              static_cast<long long>(times[times.size() * 99 / 100]));
  return 0;
}

int start_connection(int poll, const sockaddr_in& to) {
  const int s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (s < 0) fail("socket");
  connect(s, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  epoll_event event{.events = EPOLLOUT, .data = {.fd = s}};
  epoll_ctl(poll, EPOLL_CTL_ADD, s, &event);
  return s;
}

int connect_again_and_again(const char* address, int seconds) {
  const sockaddr_in to = to_address(address, 80);
  const int poll = epoll_create1(0);
  for (int i = 0; i < 32; ++i) start_connection(poll, to);
  std::uint64_t answered = 0;
  const auto begin = clock_type::now(), end = begin + std::chrono::seconds{seconds};
  std::array<epoll_event, 64> events;
  std::array<char, 4096> answer;
  while (clock_type::now() < end) {
    const int count = epoll_wait(poll, events.data(), events.size(), 1000);
    if (count == 0) {
      std::fputs("a second without an answer\n", stderr);
      return 1;
    }
    for (int i = 0; i < count; ++i) {
      epoll_event& event = events[static_cast<std::size_t>(i)];
      const int s = event.data.fd;
      if (event.events & EPOLLOUT) {
        if (write(s, last_request.data(), last_request.size()) < 0) fail("connect");
        event.events = EPOLLIN;
        epoll_ctl(poll, EPOLL_CTL_MOD, s, &event);
        continue;
      }
      const ssize_t n = read(s, answer.data(), answer.size());
      if (n < 0) fail("read");
      if (n > 0) continue;  // until the server closes: it is the one that keeps TIME-WAIT
      ++answered;
      close(s);
      start_connection(poll, to);
    }
  }
  std::printf("%.0f\n", static_cast<double>(answered) /
                            std::chrono::duration<double>(clock_type::now() - begin).count());
  return 0;
}

int hold(const char* address, std::uint16_t port, int number) {
  const sockaddr_in to = to_address(address, port);
  std::array<char, 4096> answer;
  for (int i = 0; i < number; ++i) {
    const int s = connected(to);
    // Ended by a reset: a port in TIME-WAIT for each would slow this side's next connections down.
    constexpr linger at_once{.l_onoff = 1, .l_linger = 0};
    setsockopt(s, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    if (port == 80 &&
        (write(s, request.data(), request.size()) < 0 || read(s, answer.data(), answer.size()) <= 0))
      fail("hold");
  }
  std::puts("open");
  std::fflush(stdout);
  while (read(0, answer.data(), answer.size()) > 0) {
  }
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  rlimit descriptors;
  getrlimit(RLIMIT_NOFILE, &descriptors);
  descriptors.rlim_cur = descriptors.rlim_max;
  setrlimit(RLIMIT_NOFILE, &descriptors);
  const std::string_view what = count > 3 ? arguments[1] : "";
  const int number = count > 3 ? std::atoi(arguments[3]) : 0;
  if (what == "receive" || what == "send") return bulk(arguments[2], number, what == "send");
  if (what == "round-trip") return round_trip(arguments[2], number);
  if (what == "connect") return connect_again_and_again(arguments[2], number);
  if (what == "hold" && count == 5)
    return hold(arguments[2], static_cast<std::uint16_t>(number), std::atoi(arguments[4]));
  std::fputs("see the head of stream_client.cpp\n", stderr);
  return 2;
}
