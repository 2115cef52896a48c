// Random programs: fibers that start fibers, sleep, cancel, fail, set deadlines, lock, and talk over
// channels, under every order of the seed. Whatever they do, nothing is lost, doubled, held or left.
#include <doctest/doctest.h>

#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "aster/task.hpp"

using namespace aster;
using namespace std::chrono_literals;

namespace {

struct trouble {};

class random_program {
 public:
  explicit random_program(std::uint64_t seed) : world_{seed, task::simulation::order::shuffled} {}

  void run() {
    world_.run([&] {
      task::scope consumers{"consumers"};
      for (int i = 0; i < 2; ++i) {
        consumers.spawn("consumer", [&] {
          while (const auto value = channel_.receive()) REQUIRE(received_.insert(*value).second);
        });
      }
      {
        task::scope all{"all"};
        for (int i = 0; i < 4; ++i) {
          all.spawn("top", [this] {
            try {
              act(4);
            } catch (const trouble&) {
            }
          });
        }
        all.join();
      }
      channel_.close();
      consumers.join();
      REQUIRE(task::fibers().size() == 1);
    });
    REQUIRE(alive_ == 0);
    REQUIRE(inside_mutex_ == 0);
    REQUIRE(units_.available() == 2);
    REQUIRE(mutex_.try_lock());
    mutex_.unlock();
    REQUIRE(received_ == sent_);
  }

 private:
  std::uint64_t pick(std::uint64_t n) { return world_.random() % n; }
  task::duration some_time() { return static_cast<int>(pick(20)) * 1ms; }

  struct counted {
    int& n;
    explicit counted(int& c) : n{c} { ++n; }
    ~counted() { --n; }
  };

  void act(int depth) {
    const counted alive{alive_};
    const auto steps = pick(6);
    for (std::uint64_t i = 0; i < steps; ++i) step(depth);
  }

  void step(int depth) {
    switch (pick(12)) {
      case 0: task::yield(); return;
      case 1: task::sleep(some_time()); return;
      case 2: send(); return;
      case 3: lock(); return;
      case 4: acquire(); return;
      case 5:
        if (pick(6) == 0) throw trouble{};
        return;
      case 6:
        if (depth > 0) static_cast<void>(task::within(some_time(), [&] { act(depth - 1); }));
        return;
      case 7:
        if (depth > 0) static_cast<void>(task::first_of([&] { act(depth - 1); }, [&] { act(depth - 1); }));
        return;
      case 8: farewell(); return;
      case 9: {
        const task::shield undisturbed;
        task::sleep(some_time());
        return;
      }
      default:
        if (depth > 0) family(depth);
    }
  }

  void send() {
    const int value = next_value_++;
    // Sent or not, never both: a cancellation says not.
    if (channel_.send(value)) sent_.insert(value);
  }

  void lock() {
    const std::lock_guard alone{mutex_};
    const counted inside{inside_mutex_};
    REQUIRE(inside_mutex_ == 1);
    task::sleep(some_time());
  }

  void acquire() {
    const auto n = 1 + pick(2);
    units_.acquire(n);
    struct gives_back {
      task::semaphore& units;
      std::size_t n;
      ~gives_back() { units.release(n); }
    } const held{units_, n};
    task::sleep(some_time());
  }

  // A destructor that blocks, on the normal path (shielded) or while something unwinds.
  void farewell() {
    struct blocks {
      random_program& program;
      ~blocks() {
        const task::shield undisturbed;
        task::sleep(program.some_time());
        static_cast<void>(task::within(1ms, [] { task::sleep(1h); }));
      }
    } const last{*this};
    task::sleep(some_time());
  }

  void family(int depth) {
    task::scope s{"family"};
    const auto children = pick(4);
    for (std::uint64_t i = 0; i < children; ++i) s.spawn("child", [this, depth] { act(depth - 1); });
    if (pick(2) == 0) task::sleep(some_time());
    if (pick(4) == 0) s.cancel();
    if (pick(5) != 0) s.join();
  }

  task::simulation world_;
  task::channel<int> channel_{2};
  task::mutex mutex_;
  task::semaphore units_{2};
  std::set<int> sent_, received_;
  int next_value_ = 0;
  int alive_ = 0;
  int inside_mutex_ = 0;
};

}  // namespace

TEST_CASE("random programs lose, double, hold and leave nothing") {
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    CAPTURE(seed);
    try {
      random_program{seed}.run();
    } catch (const std::exception& e) {
      FAIL("seed " << seed << ": " << e.what());
    }
  }
}
