// The served system calls, against Linux itself: an error that this machine's kernel gives for the same arguments is
// the error that an image's program gets.
#include <asm/prctl.h>
#include <doctest/doctest.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "kernel/memory/fake_memory.hpp"
#include "kernel/syscall/serve.hpp"
#include "kernel/thread/thread.hpp"

using namespace aster::kernel;

namespace {

template <class T>
std::uint64_t word(T a) {
  if constexpr (std::is_pointer_v<T>) return reinterpret_cast<std::uint64_t>(a);
  else if constexpr (std::is_null_pointer_v<T>) return 0;
  else return static_cast<std::uint64_t>(a);
}

using arguments = std::array<std::uint64_t, 6>;

template <class... T>
arguments words(T... all) {
  return {word(all)...};
}

long ours(std::uint64_t number, const arguments& a) {
  const registers at{};
  return serve({number, a[0], a[1], a[2], a[3], a[4], a[5], at});
}

template <class... T>
long ask(std::uint64_t number, T... all) {
  return ours(number, words(all...));
}

long linux_answer(std::uint64_t number, const arguments& a) {
  const long result = ::syscall(static_cast<long>(number), a[0], a[1], a[2], a[3], a[4], a[5]);
  return result == -1 ? -errno : result;
}

constexpr std::uint64_t closed = 77;  // no descriptor of anybody's
constexpr timespec no_time{-1, 0}, bad_nanoseconds{0, 1'000'000'000}, negative_nanoseconds{0, -1};

/// A program that runs in pages of its own.
struct program {
  program() : place(1024) {
    fake::install();
    memory() = {};
    memory().start(place.begin(), place.end(), 512, place.begin(), 16 * page_size);
    threads() = {};
    threads().start();
    real = static_cast<char*>(::mmap(nullptr, 4 * page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    ::munmap(real + 2 * page_size, 2 * page_size);
    mapped = reinterpret_cast<char*>(ask(SYS_mmap, nullptr, 2 * page_size, PROT_READ | PROT_WRITE,
                                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  }
  ~program() { ::munmap(real, 2 * page_size); }

  /// Both answers to a call that may name two pages, with a hole behind them: Linux's at `real`, ours at `mapped`.
  void same(const char* what, std::uint64_t number, arguments a, unsigned where = 0) {
    const std::string call = what;
    CAPTURE(call);
    arguments b = a;
    a[where] += word(real);
    b[where] += word(mapped);
    CHECK(ours(number, b) == linux_answer(number, a));
  }

  fake::window place;
  char* real = nullptr;
  char* mapped = nullptr;
};

struct one_call {
  const char* what;
  std::uint64_t number;
  arguments a;
};

}  // namespace

TEST_CASE_FIXTURE(program, "errors are Linux's") {
  char buffer[64]{};
  iovec pieces[2]{{buffer, 8}, {buffer, 8}};
  std::uint32_t futex_word = 5;
  timespec time{};
  timeval past_the_end{0x7fff'ffff'ffff'ffff, 1'000'000};
  const auto* const none = static_cast<const char*>(nullptr);
  const one_call calls[] = {
      // Descriptors
      {"read of nothing open", SYS_read, words(closed, buffer, 1)},
      {"write to nothing open", SYS_write, words(closed, buffer, 1)},
      {"readv of nothing open", SYS_readv, words(closed, pieces, 2)},
      {"writev to nothing open", SYS_writev, words(closed, pieces, 2)},
      {"readv of too many pieces", SYS_readv, words(0, pieces, 1025)},
      {"close of nothing open", SYS_close, words(closed)},
      {"close of a negative descriptor", SYS_close, words(-1)},
      {"fstat of nothing open", SYS_fstat, words(closed, buffer)},
      {"ioctl of nothing open", SYS_ioctl, words(closed, 0x5401, buffer)},
      {"lseek of nothing open", SYS_lseek, words(closed, 0, SEEK_SET)},
      {"fcntl of nothing open", SYS_fcntl, words(closed, F_GETFL)},
      {"fsync of nothing open", SYS_fsync, words(closed)},
      {"fdatasync of nothing open", SYS_fdatasync, words(closed)},
      {"open of no path", SYS_open, words(none, O_RDONLY)},
      {"openat of no path", SYS_openat, words(AT_FDCWD, none, O_RDONLY)},
      {"open of what is not there", SYS_open, words("/no/such/file", O_RDONLY)},
      {"open of an empty path", SYS_open, words("", O_RDONLY)},
      {"access of what is not there", SYS_access, words("/no/such/file", R_OK)},
      {"stat of what is not there", SYS_stat, words("/no/such/file", buffer)},
      {"readlink of what is not there", SYS_readlink, words("/no/such/file", buffer, 8)},
      {"chdir to what is not there", SYS_chdir, words("/no/such/folder")},
      {"getcwd without room", SYS_getcwd, words(buffer, 1)},
      {"getcwd without any room", SYS_getcwd, words(buffer, 0)},
      // Time
      {"clock_gettime of no clock", SYS_clock_gettime, words(99, &time)},
      {"clock_gettime of no clock of 2010", SYS_clock_gettime, words(10, &time)},
      {"clock_getres of no clock", SYS_clock_getres, words(99, &time)},
      {"clock_getres to nowhere", SYS_clock_getres, words(CLOCK_MONOTONIC, nullptr)},
      {"nanosleep of negative time", SYS_nanosleep, words(&no_time, nullptr)},
      {"nanosleep of a second of nanoseconds", SYS_nanosleep, words(&bad_nanoseconds, nullptr)},
      {"nanosleep of negative nanoseconds", SYS_nanosleep, words(&negative_nanoseconds, nullptr)},
      {"clock_nanosleep by no clock", SYS_clock_nanosleep, words(99, 0, &time, nullptr)},
      {"clock_nanosleep of bad time", SYS_clock_nanosleep, words(CLOCK_MONOTONIC, 0, &bad_nanoseconds, nullptr)},
      {"clock_nanosleep until long ago", SYS_clock_nanosleep, words(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nullptr)},
      {"clock_nanosleep until long ago by the wall clock", SYS_clock_nanosleep,
       words(CLOCK_REALTIME, TIMER_ABSTIME, &time, nullptr)},
      {"select for more than there is", SYS_select, words(0, nullptr, nullptr, nullptr, &past_the_end)},
      {"gettimeofday to nowhere", SYS_gettimeofday, words(nullptr, nullptr)},
      // Futexes
      {"wait for another value", SYS_futex, words(&futex_word, FUTEX_WAIT_PRIVATE, 4, nullptr)},
      {"wait for no time", SYS_futex, words(&futex_word, FUTEX_WAIT_PRIVATE, 5, &time)},
      {"wait for bad time", SYS_futex, words(&futex_word, FUTEX_WAIT_PRIVATE, 5, &bad_nanoseconds)},
      {"wait until long ago", SYS_futex, words(&futex_word, FUTEX_WAIT_BITSET_PRIVATE, 5, &time, nullptr, ~0u)},
      {"wait for no bit", SYS_futex, words(&futex_word, FUTEX_WAIT_BITSET_PRIVATE, 5, nullptr, nullptr, 0)},
      {"wake of nobody", SYS_futex, words(&futex_word, FUTEX_WAKE_PRIVATE, 9)},
      {"wake of no bit", SYS_futex, words(&futex_word, FUTEX_WAKE_BITSET_PRIVATE, 9, nullptr, nullptr, 0)},
      {"wait at an odd place", SYS_futex, words(reinterpret_cast<char*>(&futex_word) + 1, FUTEX_WAIT_PRIVATE, 5, nullptr)},
      {"wait at null", SYS_futex, words(nullptr, FUTEX_WAIT_PRIVATE, 5, nullptr)},
      {"requeue of another value", SYS_futex, words(&futex_word, FUTEX_CMP_REQUEUE_PRIVATE, 1, 1, &time, 4)},
      {"requeue of nobody", SYS_futex, words(&futex_word, FUTEX_CMP_REQUEUE_PRIVATE, 1, 1, &time, 5)},
      {"requeue of less than nobody", SYS_futex, words(&futex_word, FUTEX_CMP_REQUEUE_PRIVATE, 1, -1, &time, 5)},
      {"requeue of less than nobody, whatever the value", SYS_futex, words(&futex_word, FUTEX_REQUEUE_PRIVATE, 1, -1, &time)},
      {"requeue from null", SYS_futex, words(nullptr, FUTEX_CMP_REQUEUE_PRIVATE, 1, 1, &time, 5)},
      {"requeue to an odd place", SYS_futex,
       words(&futex_word, FUTEX_CMP_REQUEUE_PRIVATE, 1, 1, reinterpret_cast<char*>(&time) + 1, 5)},
      {"wait at null for no bit", SYS_futex, words(nullptr, FUTEX_WAIT_BITSET_PRIVATE, 5, nullptr, nullptr, 0)},
      {"no such operation", SYS_futex, words(&futex_word, 99, 0, nullptr)},
      // Identity
      {"getrandom with unknown flags", SYS_getrandom, words(buffer, 1, 0x100)},
      {"getrandom of nothing", SYS_getrandom, words(buffer, 0, 0)},
      {"a limit that is none", SYS_prlimit64, words(0, 99, nullptr, buffer)},
      {"usage of nobody", SYS_getrusage, words(99, buffer)},
      {"prctl of nothing", SYS_prctl, words(0x7fff, 0, 0, 0, 0)},
      {"arch_prctl of nothing", SYS_arch_prctl, words(0x7fff, 0)},
      {"affinity with a set too small", SYS_sched_getaffinity, words(0, 4, buffer)},
      {"a signal to nobody in particular", SYS_kill, words(::getpid(), 0)},
      // Signals, which are never delivered
      {"the action of no signal", SYS_rt_sigaction, words(0, nullptr, nullptr, 8)},
      {"the action of a signal past the last", SYS_rt_sigaction, words(65, nullptr, nullptr, 8)},
      {"an action for SIGKILL", SYS_rt_sigaction, words(SIGKILL, buffer, nullptr, 8)},
      {"an action with a mask of another size", SYS_rt_sigaction, words(SIGUSR1, nullptr, nullptr, 4)},
      {"a mask of another size", SYS_rt_sigprocmask, words(SIG_BLOCK, nullptr, nullptr, 4)},
  };
  for (const one_call& c : calls) {
    const std::string call = c.what;
    CAPTURE(call);
    CHECK(ours(c.number, c.a) == linux_answer(c.number, c.a));
  }
}

TEST_CASE_FIXTURE(program, "errors of memory are Linux's") {
  constexpr auto anonymous = MAP_PRIVATE | MAP_ANONYMOUS;
  constexpr std::uint64_t page = page_size;
  same("map of nothing", SYS_mmap, words(0, 0, PROT_READ, anonymous, -1, 0));
  same("map over everything", SYS_mmap, words(0, ~0ull - 4095, PROT_READ, anonymous, -1, 0));
  same("map at a fixed odd place", SYS_mmap, words(1, page, PROT_READ, anonymous | MAP_FIXED, -1, 0));
  same("map where something is", SYS_mmap, words(0, page, PROT_READ, anonymous | MAP_FIXED_NOREPLACE, -1, 0));
  same("map of a file that is not open", SYS_mmap, words(0, page, PROT_READ, MAP_PRIVATE, closed, 0));
  same("unmap at an odd place", SYS_munmap, words(1, page));
  same("unmap of nothing", SYS_munmap, words(0, 0));
  same("unmap over everything", SYS_munmap, words(0, ~0ull - 4095));
  same("unmap of a size that wraps", SYS_munmap, words(0, ~0ull));
  same("protect at an odd place", SYS_mprotect, words(1, page, PROT_READ));
  same("protect of nothing", SYS_mprotect, words(0, 0, PROT_READ));
  same("protect of a hole", SYS_mprotect, words(0, 3 * page, PROT_READ | PROT_WRITE));
  same("protect of a size that wraps", SYS_mprotect, words(0, ~0ull, PROT_READ));
  same("protect of one byte", SYS_mprotect, words(0, 1, PROT_READ | PROT_WRITE));
  same("advice at an odd place", SYS_madvise, words(1, page, MADV_DONTNEED));
  same("advice of no kind", SYS_madvise, words(0, page, 9999));
  same("advice of no kind for a hole", SYS_madvise, words(2 * page, page, 9999));
  same("advice for a hole", SYS_madvise, words(2 * page, page, MADV_DONTNEED));
  same("advice for nothing", SYS_madvise, words(0, 0, MADV_DONTNEED));
  same("advice for a size that wraps", SYS_madvise, words(0, ~0ull, MADV_DONTNEED));
  same("remap at an odd place", SYS_mremap, words(1, page, 2 * page, 0));
  same("remap to nothing", SYS_mremap, words(0, page, 0, 0));
  same("remap of a hole", SYS_mremap, words(2 * page, page, 2 * page, MREMAP_MAYMOVE));
  same("remap of more than there is", SYS_mremap, words(0, 3 * page, 4 * page, MREMAP_MAYMOVE));
  same("remap with unknown flags", SYS_mremap, words(0, page, 2 * page, 0x100));
}

TEST_CASE_FIXTURE(program, "the image's own pages cannot be thrown away") {
  memory().add_image(0x10000, 0x20000, PROT_READ | PROT_WRITE);
  CHECK(ask(SYS_madvise, 0x10000, page_size, MADV_DONTNEED) == -EINVAL);
  CHECK(ask(SYS_madvise, 0x10000, page_size, MADV_FREE) == -EINVAL);
  CHECK(ask(SYS_madvise, 0x10000, page_size, MADV_WILLNEED) == 0);
}

TEST_CASE_FIXTURE(program, "clocks") {
  timespec t{};
  fake::now = 5'000'000'007;
  for (const auto clock : {CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME}) {
    CHECK(ask(SYS_clock_gettime, clock, &t) == 0);
    CHECK((t.tv_sec == 5 && t.tv_nsec == 7));
  }
  for (const auto clock : {CLOCK_REALTIME, CLOCK_REALTIME_COARSE, CLOCK_TAI}) {
    CHECK(ask(SYS_clock_gettime, clock, &t) == 0);
    CHECK((t.tv_sec == 1005 && t.tv_nsec == 7));
  }
  CHECK(ask(SYS_time, nullptr) == 1005);
  timeval v{};
  CHECK(ask(SYS_gettimeofday, &v, nullptr) == 0);
  CHECK((v.tv_sec == 1005 && v.tv_usec == 0));

  timespec wait{1, 5};
  CHECK(ask(SYS_nanosleep, &wait, nullptr) == 0);
  CHECK(fake::now == 6'000'000'012);
  timespec until{7, 0};
  CHECK(ask(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) == 0);
  CHECK(fake::now == 7'000'000'000);
  until = {1009, 5};
  CHECK(ask(SYS_clock_nanosleep, CLOCK_REALTIME, TIMER_ABSTIME, &until, nullptr) == 0);
  CHECK(fake::now == 9'000'000'005);
}

TEST_CASE_FIXTURE(program, "a sleep that would outlast time itself is no short one") {
  timespec forever{0x7fff'ffff'ffff'ffff, 999'999'999};
  fake::now = 50;
  static bool asked;
  asked = false;
  fake::on_idle = [](std::uint64_t deadline, bool) {
    asked = true;
    CHECK(deadline >= aster::abi::never - 1);
    fake::now = aster::abi::never - 1;
  };
  CHECK(ask(SYS_nanosleep, &forever, nullptr) == 0);
  CHECK(asked);
}

TEST_CASE_FIXTURE(program, "a moment of the wall clock that never comes is not long ago, whatever the clocks show") {
  for (const auto wall : {+[]() noexcept -> std::int64_t { return 1'000; }, +[]() noexcept -> std::int64_t { return -5; }}) {
    target.wall = wall;
    fake::now = 5'000'000'000;  // more than the wall clock has: the difference goes past the end of time
    const timespec forever{0x7fff'ffff'ffff'ffff, 999'999'999};
    static std::uint64_t asked;
    asked = 0;
    fake::on_idle = [](std::uint64_t deadline, bool) {
      asked = deadline;
      fake::now = aster::abi::never - 1;
    };
    std::uint32_t value = 0;
    CHECK(ask(SYS_futex, &value, FUTEX_WAIT_BITSET_PRIVATE | FUTEX_CLOCK_REALTIME, 0, &forever, nullptr, ~0u) == -ETIMEDOUT);
    CHECK(asked >= aster::abi::never - 1);
    fake::now = 5'000'000'000;
    asked = 0;
    CHECK(ask(SYS_clock_nanosleep, CLOCK_REALTIME, TIMER_ABSTIME, &forever, nullptr) == 0);
    CHECK(asked >= aster::abi::never - 1);
  }
}

TEST_CASE_FIXTURE(program, "a futex times out by the clock that the call names") {
  std::uint32_t value = 0;
  fake::now = 100;
  timespec relative{0, 50};
  CHECK(ask(SYS_futex, &value, FUTEX_WAIT_PRIVATE, 0, &relative) == -ETIMEDOUT);
  CHECK(fake::now == 150);
  timespec absolute{0, 500};
  CHECK(ask(SYS_futex, &value, FUTEX_WAIT_BITSET_PRIVATE, 0, &absolute, nullptr, ~0u) == -ETIMEDOUT);
  CHECK(fake::now == 500);
  timespec wall{1000, 900};
  CHECK(ask(SYS_futex, &value, FUTEX_WAIT_BITSET_PRIVATE | FUTEX_CLOCK_REALTIME, 0, &wall, nullptr, ~0u) == -ETIMEDOUT);
  CHECK(fake::now == 900);
}

TEST_CASE_FIXTURE(program, "device files") {
  char buffer[600]{};
  const long null = ask(SYS_open, "/dev/null", O_RDWR), zero = ask(SYS_open, "/dev/zero", O_RDONLY);
  const int real = ::open("/dev/null", O_RDWR);
  REQUIRE((null > 2 && zero > 2 && null != zero && real >= 0));
  CHECK(ask(SYS_read, null, buffer, 5) == 0);
  CHECK(ask(SYS_write, null, buffer, 5) == 5);
  std::memset(buffer, 1, sizeof buffer);
  CHECK(ask(SYS_read, zero, buffer, sizeof buffer) == sizeof buffer);
  for (const char c : buffer) REQUIRE(c == 0);
  const auto both = [&](std::uint64_t number, auto... rest) {
    CHECK(ask(number, null, rest...) == linux_answer(number, words(real, rest...)));
  };
  both(SYS_lseek, 7, SEEK_SET);
  both(SYS_ioctl, 0x5401, buffer);  // TCGETS: is it a terminal?
  both(SYS_fsync);
  both(SYS_fcntl, F_GETFD);
  iovec pieces[2]{{buffer, 8}, {buffer, 8}};
  both(SYS_readv, pieces, 2);
  both(SYS_writev, pieces, 2);
  both(SYS_writev, pieces, 0);
  struct stat status{};
  CHECK(ask(SYS_fstat, null, &status) == 0);
  CHECK(S_ISCHR(status.st_mode));
  CHECK(ask(SYS_newfstatat, null, "", &status, AT_EMPTY_PATH) == 0);
  CHECK(ask(SYS_close, null) == 0);
  CHECK(ask(SYS_close, null) == -EBADF);
  CHECK(ask(SYS_open, "/dev/null", O_RDWR) == null);  // its number is used again
  CHECK(ask(SYS_close, null) == 0);
  CHECK(ask(SYS_close, zero) == 0);
  ::close(real);
  std::vector<long> opened;
  for (long one = 0; (one = ask(SYS_open, "/dev/urandom", O_RDONLY)) >= 0;) opened.push_back(one);
  CHECK(ask(SYS_open, "/dev/urandom", O_RDONLY) == -EMFILE);
  for (const long one : opened) CHECK(ask(SYS_close, one) == 0);
}

TEST_CASE_FIXTURE(program, "the console") {
  CHECK(ask(SYS_write, 1, "out ", 4) == 4);
  iovec pieces[3]{{const_cast<char*>("a"), 1}, {nullptr, 0}, {const_cast<char*>("bc"), 2}};
  CHECK(ask(SYS_writev, 2, pieces, 3) == 3);
  CHECK(fake::output == "out abc");
  CHECK(ask(SYS_write, 0, "x", 1) == -EBADF);

  fake::input = "hello";
  char first[3]{}, second[8]{};
  iovec into[3]{{nullptr, 0}, {first, 3}, {second, 8}};
  CHECK(ask(SYS_readv, 0, into, 3) == 5);
  CHECK(std::string(first, 3) + second == "hello");
  CHECK(ask(SYS_read, 0, first, 0) == 0);
  // What has filled a piece to its end is an answer: no wait for more.
  fake::input = "abc";
  CHECK(ask(SYS_readv, 0, into, 3) == 3);
  CHECK(fake::sleeps.empty());
  fake::input_ended = true;
  CHECK(ask(SYS_read, 0, first, 3) == 0);
  CHECK(ask(SYS_readv, 0, into, 3) == 0);
}

TEST_CASE_FIXTURE(program, "who the program is") {
  utsname name{};
  CHECK(ask(SYS_uname, &name) == 0);
  CHECK(std::string(name.sysname) == "Linux");
  CHECK(std::string(name.machine) == "x86_64");
  CHECK(ask(SYS_getpid) == 1);
  CHECK(ask(SYS_gettid) == 1);
  rlimit stack{};
  CHECK(ask(SYS_prlimit64, 0, RLIMIT_STACK, nullptr, &stack) == 0);
  CHECK(stack.rlim_cur == 1 << 20);
  unsigned char random[100]{};
  CHECK(ask(SYS_getrandom, random, sizeof random, GRND_NONBLOCK) == sizeof random);
  for (const unsigned char byte : random) REQUIRE(byte == 0xa5);
  unsigned cpu = 9, node = 9;
  CHECK(ask(SYS_getcpu, &cpu, &node, nullptr) == 0);
  CHECK((cpu == 0 && node == 0));
  cpu_set_t set;
  std::memset(&set, 0xff, sizeof set);
  CHECK(ask(SYS_sched_getaffinity, 0, sizeof set, &set) == 8);
  CHECK(CPU_ISSET(0, &set));
  CHECK(!CPU_ISSET(1, &set));
  CHECK(ask(SYS_sched_getscheduler, 0) == SCHED_OTHER);
  CHECK(ask(SYS_getpriority, PRIO_PROCESS, 0) == 20);  // nice 0, as Linux's system call says it
}

TEST_CASE_FIXTURE(program, "what a program asks of signals is answered whole: nothing caught, nothing blocked") {
  std::uint64_t action[4], mask = ~0ull;
  std::memset(action, 0xff, sizeof action);
  CHECK(ask(SYS_rt_sigaction, SIGUSR1, nullptr, action, 8) == 0);
  for (const std::uint64_t word : action) CHECK(word == 0);
  CHECK(ask(SYS_rt_sigprocmask, SIG_BLOCK, nullptr, &mask, 8) == 0);
  CHECK(mask == 0);
  stack_t stack;
  std::memset(&stack, 0xff, sizeof stack);
  CHECK(ask(SYS_sigaltstack, nullptr, &stack) == 0);
  CHECK((stack.ss_sp == nullptr && stack.ss_flags == SS_DISABLE && stack.ss_size == 0));
  sched_param parameters{.sched_priority = 9};
  CHECK(ask(SYS_sched_getparam, 0, &parameters) == 0);
  CHECK(parameters.sched_priority == 0);
}

TEST_CASE_FIXTURE(program, "a call that is not served says so once") {
  CHECK(ask(SYS_socket, 2, 1, 0) == -ENOSYS);
  CHECK(ask(SYS_socket, 2, 1, 0) == -ENOSYS);
  const std::string line = "asterism: system call " + std::to_string(SYS_socket) + " is not served (ENOSYS)\n";
  CHECK(fake::output.find(line) != std::string::npos);
  CHECK(fake::output.find(line) == fake::output.rfind(line));
  const std::string before = fake::output;
  CHECK(ask(SYS_rseq, 0, 0, 0, 0) == -ENOSYS);  // libc goes on without it
  CHECK(ask(SYS_clone3, 0, 0) == -ENOSYS);
  CHECK(fake::output == before);
}

TEST_CASE_FIXTURE(program, "the heap grows by brk, and gives back") {
  const auto begin = word(ask(SYS_brk, 0));
  CHECK(begin == place.begin());
  CHECK(word(ask(SYS_brk, begin + 3 * page_size + 5)) == begin + 3 * page_size + 5);
  *reinterpret_cast<char*>(begin + 3 * page_size) = 1;
  CHECK(word(ask(SYS_brk, begin + 17 * page_size)) == begin + 3 * page_size + 5);  // past its limit
  CHECK(word(ask(SYS_brk, begin - 1)) == begin + 3 * page_size + 5);
  CHECK(word(ask(SYS_brk, begin)) == begin);
  CHECK(word(ask(SYS_brk, begin + 4 * page_size)) == begin + 4 * page_size);
  CHECK(*reinterpret_cast<char*>(begin + 3 * page_size) == 0);
}
