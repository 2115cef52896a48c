// Waits to be stopped, in the way that the first argument names, and says what still runs then.
//
//   stops fibers      main and two fibers asleep
//   stops threads     two threads asleep, main joins them; no fiber
//   stops slowly      a fiber whose destructor takes half a second
//   stops never       main goes on whatever happens
//   stops busily      main computes and never blocks
//   stops by-itself   ends after a moment
#include <chrono>
#include <cstdio>
#include <string_view>
#include <thread>

#include "aster/task.hpp"

using namespace aster;
using namespace std::chrono_literals;

namespace {

struct announced {
  const char* name;
  ~announced() {
    std::printf("%s ended\n", name);
    std::fflush(stdout);
  }
};
announced global{"global"};

void ready() {
  std::puts("ready");
  std::fflush(stdout);
}

int with_fibers() {
  announced local{"main"};
  task::scope scope{"sleepers"};
  for (const char* name : {"first", "second"}) {
    scope.spawn(name, [name] {
      announced inside{name};
      task::sleep(1h);
    });
  }
  scope.spawn("ready", ready);
  scope.join();
  return 1;
}

int with_threads() {
  announced local{"main"};
  std::thread first{[] { std::this_thread::sleep_for(1h); }};
  std::thread second{ready};
  second.join();
  first.join();
  return 1;
}

int slowly() {
  struct farewell {
    ~farewell() {
      task::shield undisturbed;
      task::sleep(500ms);
      std::puts("farewell");
    }
  };
  task::scope scope{"slow"};
  scope.spawn("slow", [] {
    farewell one;
    ready();
    task::sleep(1h);
  });
  scope.join();
  return 1;
}

int never() {
  task::shield from_everything;
  ready();
  for (;;) task::sleep(1h);
}

int busily() {
  ready();
  for (volatile unsigned turns = 0;;) turns = turns + 1;
}

}  // namespace

int main(int count, char** words) {
  const std::string_view how = count > 1 ? words[1] : "";
  if (how == "fibers") return with_fibers();
  if (how == "threads") return with_threads();
  if (how == "slowly") return slowly();
  if (how == "never") return never();
  if (how == "busily") return busily();
  if (how == "by-itself") {
    ready();
    task::sleep(10ms);
    return 5;
  }
  return 2;
}
