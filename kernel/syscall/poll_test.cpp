#include <doctest/doctest.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <time.h>

#include <initializer_list>

#include "kernel/memory/fake_memory.hpp"
#include "kernel/syscall/serve.hpp"
#include "kernel/thread/thread.hpp"

using namespace aster::kernel;

namespace {

template <class... T>
long ask(std::uint64_t number, T... arguments) {
  const auto word = [](auto a) {
    if constexpr (std::is_pointer_v<decltype(a)>) return reinterpret_cast<std::uint64_t>(a);
    else if constexpr (std::is_null_pointer_v<decltype(a)>) return std::uint64_t{0};
    else return static_cast<std::uint64_t>(a);
  };
  std::uint64_t a[6]{};
  std::size_t n = 0;
  ((a[n++] = word(arguments)), ...);
  const registers at{};
  return serve({number, a[0], a[1], a[2], a[3], a[4], a[5], at});
}

void start() {
  fake::install();
  threads().start();
}

constexpr std::uint64_t millisecond = 1'000'000;

/// The console says `text` while the program sleeps.
void type_later() {
  fake::on_idle = [](std::uint64_t, bool console) {
    fake::now += millisecond;
    if (console && fake::now == 3 * millisecond) fake::input = "typed";
  };
}

}  // namespace

TEST_CASE("without descriptors, poll and select are clocks") {
  start();
  CHECK(ask(SYS_poll, nullptr, 0, 20) == 0);
  CHECK(fake::now == 20 * millisecond);
  timespec wait{1, 500};
  CHECK(ask(SYS_ppoll, nullptr, 0, &wait, nullptr, 0) == 0);
  CHECK(fake::now == 1'020'000'500);
  CHECK((wait.tv_sec == 0 && wait.tv_nsec == 0));
  timeval old{0, 2'000'000};
  CHECK(ask(SYS_select, 0, nullptr, nullptr, nullptr, &old) == 0);
  CHECK(fake::now == 3'020'000'500);
  timespec again{0, 7};
  CHECK(ask(SYS_pselect6, 0, nullptr, nullptr, nullptr, &again, nullptr) == 0);
  CHECK(fake::now == 3'020'000'507);
  CHECK(ask(SYS_poll, nullptr, 0, 0) == 0);
}

TEST_CASE("poll and select wait for console input, and leave it there to be read") {
  for (const bool by_poll : {true, false}) {
    start();
    type_later();
    if (by_poll) {
      pollfd list{0, POLLIN, 0};
      CHECK(ask(SYS_poll, &list, 1, -1) == 1);
      CHECK(list.revents == POLLIN);
    } else {
      fd_set set;
      FD_ZERO(&set);
      FD_SET(0, &set);
      timespec wait{1, 0};
      CHECK(ask(SYS_pselect6, 1, &set, nullptr, nullptr, &wait, nullptr) == 1);
      CHECK(FD_ISSET(0, &set));
      CHECK(wait.tv_nsec == 997'000'000);  // what is left
    }
    CHECK(fake::now == 3 * millisecond);
    char text[8]{};
    CHECK(ask(SYS_read, 0, text, 8) == 5);
    CHECK(std::strcmp(text, "typed") == 0);
  }
}

TEST_CASE("a byte that was looked at is read once, also alone, and the end of input is readable") {
  start();
  fake::input = "ab";
  fake::input_ended = true;
  pollfd list{0, POLLIN, 0};
  char c = 0;
  for (const char expected : {'a', 'b'}) {
    CHECK(ask(SYS_poll, &list, 1, 0) == 1);
    CHECK(ask(SYS_poll, &list, 1, 0) == 1);
    CHECK(ask(SYS_read, 0, &c, 1) == 1);
    CHECK(c == expected);
  }
  CHECK(ask(SYS_poll, &list, 1, -1) == 1);
  CHECK(ask(SYS_read, 0, &c, 1) == 0);
}

TEST_CASE("what is not ready is waited for until the timeout, and answered as Linux does") {
  start();
  pollfd list[3]{{0, POLLIN, 1}, {-1, POLLIN, 1}, {1, POLLIN, 1}};
  CHECK(ask(SYS_poll, list, 3, 5) == 0);
  CHECK(fake::now == 5 * millisecond);
  for (const pollfd& one : list) CHECK(one.revents == 0);
  pollfd closed{77, POLLIN, 0};
  CHECK(ask(SYS_poll, &closed, 1, -1) == 1);
  CHECK(closed.revents == POLLNVAL);
  pollfd out{1, POLLIN | POLLOUT, 0};
  CHECK(ask(SYS_poll, &out, 1, -1) == 1);
  CHECK(out.revents == POLLOUT);
  fd_set in, to, odd;
  FD_ZERO(&in);
  FD_ZERO(&to);
  FD_ZERO(&odd);
  FD_SET(0, &in);
  FD_SET(1, &to);
  FD_SET(1, &odd);
  CHECK(ask(SYS_select, 2, &in, &to, &odd, nullptr) == 1);
  CHECK(!FD_ISSET(0, &in));
  CHECK(FD_ISSET(1, &to));
  CHECK(!FD_ISSET(1, &odd));
  FD_SET(77, &in);
  CHECK(ask(SYS_select, 78, &in, nullptr, nullptr, nullptr) == -EBADF);
  CHECK(ask(SYS_select, -1, nullptr, nullptr, nullptr, nullptr) == -EINVAL);
  timespec bad{0, 1'000'000'000};
  CHECK(ask(SYS_ppoll, nullptr, 0, &bad, nullptr, 0) == -EINVAL);
  CHECK(ask(SYS_pselect6, 0, nullptr, nullptr, nullptr, &bad, nullptr) == -EINVAL);
  timeval negative{-1, 0};
  CHECK(ask(SYS_select, 0, nullptr, nullptr, nullptr, &negative) == -EINVAL);
}

TEST_CASE("device files are always ready") {
  start();
  const long random = ask(SYS_openat, AT_FDCWD, "/dev/urandom", 0);
  REQUIRE(random > 2);
  pollfd list{static_cast<int>(random), POLLIN, 0};
  CHECK(ask(SYS_poll, &list, 1, -1) == 1);
  unsigned char c = 0;
  CHECK(ask(SYS_read, random, &c, 1) == 1);
  CHECK(c == 0xa5);
  CHECK(ask(SYS_close, random) == 0);
  CHECK(ask(SYS_read, random, &c, 1) == -EBADF);
  CHECK(ask(SYS_openat, AT_FDCWD, "/etc/passwd", 0) == -ENOENT);
}
