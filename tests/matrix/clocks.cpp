// The clocks: that they advance, agree, and that sleeps are as long as they were meant to be. Prints
// "KEY VALUE" lines in nanoseconds; the test judges them against the host's clocks.
#include <ctime>

#include <chrono>
#include <cstdio>
#include <thread>

#include "aster/task.hpp"

using namespace std::chrono_literals;

namespace {

using steady = std::chrono::steady_clock;

void print(const char* key, std::chrono::nanoseconds value) {
  std::printf("%s %lld\n", key, static_cast<long long>(value.count()));
}

}  // namespace

int main() {
  print("wall", std::chrono::system_clock::now().time_since_epoch());
  std::fflush(stdout);

  bool monotonic = true;
  steady::duration finest = 1s;
  for (auto last = steady::now(), end = last + 50ms; last < end;) {
    const auto now = steady::now();
    if (now < last) monotonic = false;
    if (now > last && now - last < finest) finest = now - last;
    last = now;
  }
  std::printf("monotonic %d\n", monotonic);
  print("finest", finest);

  const auto steady_begin = steady::now();
  const auto wall_begin = std::chrono::system_clock::now();
  const auto task_begin = aster::task::now();
  timespec raw_begin{};
  clock_gettime(CLOCK_MONOTONIC, &raw_begin);
  std::this_thread::sleep_for(200ms);
  print("slept_thread", steady::now() - steady_begin);
  aster::task::sleep(200ms);
  print("slept_both", steady::now() - steady_begin);
  timespec raw_end{};
  clock_gettime(CLOCK_MONOTONIC, &raw_end);
  print("slept_raw", std::chrono::seconds{raw_end.tv_sec - raw_begin.tv_sec} +
                         std::chrono::nanoseconds{raw_end.tv_nsec - raw_begin.tv_nsec});
  print("slept_task", aster::task::now() - task_begin);
  print("slept_wall", std::chrono::system_clock::now() - wall_begin);

  // Short sleeps: never less than asked for.
  bool long_enough = true;
  steady::duration all{};
  for (int i = 0; i < 50; ++i) {
    const auto begin = steady::now();
    aster::task::sleep(1ms);
    const auto took = steady::now() - begin;
    long_enough = long_enough && took >= 1ms;
    all += took;
  }
  std::printf("long_enough %d\n", long_enough);
  print("fifty_milliseconds", all);
}
