// Threads as third-party code uses them. Prints one line per thing that held; ends with 1 at the first that
// did not.
#include <atomic>
#include <barrier>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <latch>
#include <mutex>
#include <numeric>
#include <semaphore>
#include <shared_mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <pthread.h>

using namespace std::chrono_literals;

namespace {

using clock_type = std::chrono::steady_clock;

void expect(bool holds, const char* what) {
  std::printf("%s: %s\n", holds ? "ok" : "FAILED", what);
  if (!holds) std::exit(1);
}

void a_mutex_excludes() {
  std::mutex one_at_a_time;
  long counter = 0;
  std::vector<std::thread> workers;
  for (int i = 0; i < 100; ++i) {
    workers.emplace_back([&] {
      for (int k = 0; k < 100; ++k) {
        const std::lock_guard lock{one_at_a_time};
        const long seen = counter;
        if (k % 10 == 0) std::this_thread::yield();
        counter = seen + 1;
      }
    });
  }
  for (auto& worker : workers) worker.join();
  expect(counter == 10'000, "100 threads count to 10,000 under a mutex");
}

void a_condition_passes_values() {
  std::mutex guard;
  std::condition_variable changed;
  std::vector<int> queue;
  bool done = false;
  long sum = 0;
  std::thread consumer{[&] {
    std::unique_lock lock{guard};
    for (;;) {
      changed.wait(lock, [&] { return !queue.empty() || done; });
      if (queue.empty()) return;
      sum = std::accumulate(queue.begin(), queue.end(), sum);
      queue.clear();
    }
  }};
  for (int i = 1; i <= 1000; ++i) {
    const std::lock_guard lock{guard};
    queue.push_back(i);
    changed.notify_one();
  }
  {
    const std::lock_guard lock{guard};
    done = true;
  }
  changed.notify_all();
  consumer.join();
  expect(sum == 500'500, "a condition variable passes 1,000 values");
}

void timed_waits_end_in_time() {
  std::mutex guard;
  std::condition_variable never;
  std::unique_lock lock{guard};
  auto begin = clock_type::now();
  const bool woken = never.wait_for(lock, 50ms, [] { return false; });
  auto took = clock_type::now() - begin;
  expect(!woken && took >= 50ms && took < 5s, "wait_for ends after its time");

  begin = clock_type::now();
  const auto status = never.wait_until(lock, std::chrono::system_clock::now() + 50ms);
  took = clock_type::now() - begin;
  expect(status == std::cv_status::timeout && took >= 45ms && took < 5s, "wait_until ends at a time of day");
  lock.unlock();

  std::timed_mutex held;
  held.lock();
  bool got = true;
  std::thread{[&] { got = held.try_lock_for(20ms); }}.join();
  expect(!got, "try_lock_for gives up");
  held.unlock();

  std::binary_semaphore nobody{0};
  expect(!nobody.try_acquire_for(20ms), "a semaphore's timed wait gives up");

  begin = clock_type::now();
  std::this_thread::sleep_for(30ms);
  took = clock_type::now() - begin;
  expect(took >= 30ms && took < 5s, "sleep_for sleeps");
}

thread_local std::string own = "initial";
std::atomic<int> destroyed = 0;
struct counts_its_end {
  int number = 0;
  ~counts_its_end() { ++destroyed; }
};
thread_local counts_its_end at_the_end;

void each_thread_has_its_own() {
  own = "main's";
  std::atomic<int> right_ones = 0;
  std::vector<std::thread> workers;
  for (int i = 0; i < 20; ++i) {
    workers.emplace_back([&, i] {
      const bool was_fresh = own == "initial" && at_the_end.number == 0;
      own = std::to_string(i);
      at_the_end.number = i + 1;
      std::this_thread::yield();
      right_ones += was_fresh && own == std::to_string(i) && at_the_end.number == i + 1;
    });
  }
  for (auto& worker : workers) worker.join();
  expect(right_ones == 20 && own == "main's", "thread_local: each thread has its own, and main keeps its");
  expect(destroyed == 20, "thread_local objects are destroyed at their thread's end");
}

void errors_and_results_come_back() {
  auto number = std::async(std::launch::async, [] { return 6 * 7; });
  auto failure = std::async(std::launch::async, []() -> int { throw std::runtime_error("in a thread"); });
  auto later = std::async(std::launch::deferred, [] { return std::this_thread::get_id(); });
  std::string heard;
  try {
    static_cast<void>(failure.get());
  } catch (const std::runtime_error& e) {
    heard = e.what();
  }
  expect(number.get() == 42 && heard == "in a thread", "std::async returns results and exceptions");
  expect(later.get() == std::this_thread::get_id(), "std::async deferred runs here");

  std::promise<int> promise;
  auto future = promise.get_future();
  expect(future.wait_for(10ms) == std::future_status::timeout, "a future's timed wait gives up");
  std::thread{[&] { promise.set_value(3); }}.detach();
  expect(future.get() == 3, "a promise kept by a detached thread");

  bool broken = false;
  try {
    std::future<int> orphan;
    {
      std::promise<int> dies;
      orphan = dies.get_future();
    }
    static_cast<void>(orphan.get());
  } catch (const std::future_error&) {
    broken = true;
  }
  expect(broken, "a broken promise throws");
}

void once_is_once() {
  std::once_flag flag;
  std::atomic<int> calls = 0, passed = 0;
  std::vector<std::thread> workers;
  for (int i = 0; i < 20; ++i) {
    workers.emplace_back([&] {
      try {
        std::call_once(flag, [&] {
          std::this_thread::sleep_for(1ms);
          if (++calls == 1) throw std::runtime_error("the first fails");
        });
        ++passed;
      } catch (const std::runtime_error&) {
      }
    });
  }
  for (auto& worker : workers) worker.join();
  expect(calls == 2 && passed == 19, "call_once: again after a failure, then never");

  static std::atomic<int> made = 0;
  struct slow {
    slow() {
      std::this_thread::sleep_for(5ms);
      ++made;
    }
  };
  std::vector<std::thread> users;
  for (int i = 0; i < 10; ++i) {
    users.emplace_back([] {
      static slow one;
      static_cast<void>(one);
    });
  }
  for (auto& user : users) user.join();
  expect(made == 1, "a static local of ten threads is made once");
}

void readers_share() {
  std::shared_mutex guard;
  std::atomic<int> together = 0, most = 0;
  int value = 0;
  std::vector<std::thread> all;
  std::latch everybody{11};
  for (int i = 0; i < 10; ++i) {
    all.emplace_back([&] {
      const std::shared_lock lock{guard};
      const int now = ++together;
      int before = most;
      while (before < now && !most.compare_exchange_weak(before, now)) {}
      everybody.arrive_and_wait();  // parks all ten while they hold the lock
      --together;
    });
  }
  std::thread writer{[&] {
    everybody.arrive_and_wait();
    const std::unique_lock lock{guard};
    value = together == 0 ? 1 : -1;
  }};
  for (auto& reader : all) reader.join();
  writer.join();
  expect(most == 10 && value == 1, "shared_mutex: ten readers at once, a writer alone");
}

void the_newer_tools_work() {
  std::atomic<int> rounds = 0;
  std::barrier sync{5, [&]() noexcept { ++rounds; }};
  std::vector<std::thread> workers;
  for (int i = 0; i < 5; ++i) {
    workers.emplace_back([&] {
      for (int k = 0; k < 10; ++k) sync.arrive_and_wait();
    });
  }
  for (auto& worker : workers) worker.join();
  expect(rounds == 10, "a barrier of five, ten times");

  std::atomic<int> word = 0;
  std::thread waker{[&] {
    std::this_thread::sleep_for(5ms);
    word = 1;
    word.notify_all();
  }};
  word.wait(0);
  waker.join();
  expect(word == 1, "atomic wait and notify");
}

void a_hundred_at_once() {
  std::latch all_there{101};
  std::latch go{1};
  std::atomic<int> ran = 0;
  std::vector<std::thread> crowd;
  for (int i = 0; i < 100; ++i) {
    crowd.emplace_back([&] {
      all_there.count_down();
      go.wait();
      volatile char deep[32 * 1024];
      deep[0] = 1;
      ran += deep[0];
    });
  }
  all_there.arrive_and_wait();
  go.count_down();
  for (auto& one : crowd) one.join();
  expect(ran == 100, "100 threads alive at once");

  for (int i = 0; i < 1000; ++i) std::thread{[&] { ++ran; }}.join();
  expect(ran == 1100, "1,000 threads one after another");
}

void posix_attributes_are_kept() {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 256 * 1024);
  pthread_t id;
  const auto body = [](void* seen) -> void* {
    pthread_attr_t mine;
    std::size_t size = 0;
    pthread_getattr_np(pthread_self(), &mine);
    pthread_attr_getstacksize(&mine, &size);
    pthread_attr_destroy(&mine);
    *static_cast<std::size_t*>(seen) = size;
    return seen;
  };
  std::size_t size = 0;
  void* result = nullptr;
  const bool made = pthread_create(&id, &attributes, body, &size) == 0 && pthread_join(id, &result) == 0;
  pthread_attr_destroy(&attributes);
  expect(made && result == &size && size >= 256 * 1024, "a pthread with a stack of 256 KiB or more");
}

}  // namespace

int main() {
  a_mutex_excludes();
  a_condition_passes_values();
  timed_waits_end_in_time();
  each_thread_has_its_own();
  errors_and_results_come_back();
  once_is_once();
  readers_share();
  the_newer_tools_work();
  a_hundred_at_once();
  posix_attributes_are_kept();
  std::puts("all");
}
