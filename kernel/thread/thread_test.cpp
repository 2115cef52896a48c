#include "kernel/thread/thread.hpp"

#include <doctest/doctest.h>
#include <errno.h>
#include <sys/wait.h>

#include <functional>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "kernel/memory/fake_memory.hpp"

using namespace aster::kernel;

namespace {

constexpr std::uint32_t any = ~0u;

/// A scheduler whose first thread is the test itself, and bodies for others.
class crew {
 public:
  explicit crew(std::uint64_t pages = 8192) : place_(pages) {
    fake::install();
    memory() = {};
    memory().start(place_.begin(), place_.end(), pages, place_.begin(), 16 * page_size);
    all->start();
  }
  scheduler* operator->() { return all.get(); }

  /// A new thread that runs `body` and then ends; null when the scheduler makes none.
  thread* spawn(std::function<void()> body) {
    jobs_.push_back(std::make_unique<job>(job{this, std::move(body), 1, {}}));
    job& one = *jobs_.back();
    one.stack.resize(32 * 1024);
    registers first{};
    first.rip = reinterpret_cast<std::uint64_t>(&enter);
    first.rdi = reinterpret_cast<std::uint64_t>(&one);
    first.rsp = (reinterpret_cast<std::uint64_t>(one.stack.data() + one.stack.size()) & ~15ull) - 8;
    std::uint64_t self = 0;
    asm volatile("movq %%fs:0, %0" : "=r"(self));
    thread* const made = all->spawn(first, self);
    if (made) made->clear_on_exit = &one.alive;
    return made;
  }

  /// Waits until every thread has ended.
  void join() {
    for (const auto& one : jobs_) {
      while (one->alive) all->futex_wait(&one->alive, 1, any, aster::abi::never);
    }
  }

  std::unique_ptr<scheduler> all = std::make_unique<scheduler>();

 private:
  struct job {
    crew* owner;
    std::function<void()> body;
    std::uint32_t alive;
    std::vector<char> stack;
  };
  static void enter(job* one) {
    one->body();
    one->owner->all->end_current(0);
  }

  fake::window place_;
  std::vector<std::unique_ptr<job>> jobs_;
};

}  // namespace

TEST_CASE("threads begin in the order of their birth, and each keeps the processor until it gives it up") {
  crew c;
  std::string log;
  for (const char name : {'a', 'b', 'c'}) {
    c.spawn([&, name] {
      for (int i = 0; i < 3; ++i) {
        log += name;
        log += static_cast<char>('0' + i);
        c->yield();
      }
    });
  }
  log += "main ";
  c->yield();
  log += " main ";
  c.join();
  CHECK(log == "main a0b0c0 main a1b1c1a2b2c2");
  CHECK(c->count() == 1);
}

TEST_CASE("a wake wakes who has waited longest, and as many as it says") {
  crew c;
  std::string log;
  std::uint32_t word = 7;
  for (const char name : {'a', 'b', 'c', 'd', 'e'}) {
    c.spawn([&, name] {
      CHECK(c->futex_wait(&word, 7, any, aster::abi::never) == 0);
      log += name;
    });
  }
  c->yield();
  CHECK(c->futex_wake(&word, 2, any) == 2);
  c->yield();
  CHECK(log == "ab");
  CHECK(c->futex_wake(&word, 0, any) == 0);
  CHECK(c->futex_wake(&word + 1, 9, any) == 0);
  CHECK(c->futex_wake(&word, 99, any) == 3);
  c.join();
  CHECK(log == "abcde");
  CHECK(c->futex_wake(&word, 99, any) == 0);
}

TEST_CASE("a wake with a mask passes over those who wait for other bits") {
  crew c;
  std::string log;
  std::uint32_t word = 0;
  for (const std::uint32_t bit : {1u, 2u, 4u}) {
    c.spawn([&, bit] {
      CHECK(c->futex_wait(&word, 0, bit, aster::abi::never) == 0);
      log += static_cast<char>('0' + bit);
    });
  }
  c->yield();
  CHECK(c->futex_wake(&word, 9, 2) == 1);
  CHECK(c->futex_wake(&word, 9, 8) == 0);
  CHECK(c->futex_wake(&word, 9, 5) == 2);
  c.join();
  CHECK(log == "214");
}

TEST_CASE("a value that has changed is not waited for") {
  crew c;
  std::uint32_t word = 1;
  CHECK(c->futex_wait(&word, 0, any, aster::abi::never) == -EAGAIN);
  CHECK(fake::sleeps.empty());
}

TEST_CASE("a wait ends at its deadline, and a wake that comes later finds nobody") {
  crew c;
  std::uint32_t word = 0;
  CHECK(c->futex_wait(&word, 0, any, 500) == -ETIMEDOUT);
  CHECK(fake::now == 500);
  CHECK(fake::sleeps == std::vector<std::uint64_t>{500});
  CHECK(c->futex_wake(&word, 1, any) == 0);
  CHECK(c->futex_wait(&word, 0, any, 400) == -ETIMEDOUT);  // in the past
  CHECK(fake::now == 500);
}

TEST_CASE("sleepers wake in the order of their deadlines, whoever was born first") {
  crew c;
  std::string log;
  for (const std::uint64_t at : {300u, 100u, 200u}) {
    c.spawn([&, at] {
      c->block(at);
      CHECK(fake::now == at);
      log += std::to_string(at) + " ";
    });
  }
  c.join();
  CHECK(log == "100 200 300 ");
  // Also when they have all come by the time that anybody looks.
  log.clear();
  for (const std::uint64_t at : {1300u, 1100u, 1200u}) {
    c.spawn([&, at] {
      c->block(at);
      log += std::to_string(at) + " ";
    });
  }
  c->yield();
  fake::now = 2000;
  c->yield();
  c.join();
  CHECK(log == "1100 1200 1300 ");
}

TEST_CASE("requeued waiters wait elsewhere, in their order, behind those who wait there") {
  crew c;
  std::string log;
  std::uint32_t from = 0, to = 0;
  const auto wait_at = [&](std::uint32_t* word, char name) {
    c.spawn([&, word, name] {
      CHECK(c->futex_wait(word, 0, any, aster::abi::never) == 0);
      log += name;
    });
  };
  for (const char name : {'a', 'b', 'c', 'd'}) wait_at(&from, name);
  wait_at(&to, 'x');
  c->yield();
  CHECK(c->futex_requeue(&from, 1, 2, &to) == 3);
  c->yield();
  CHECK(log == "a");
  CHECK(c->futex_wake(&to, 1, any) == 1);
  c->yield();
  CHECK(log == "ax");
  CHECK(c->futex_wake(&to, 1, any) == 1);
  c->yield();
  CHECK(log == "axb");
  CHECK(c->futex_wake(&to, 9, any) == 1);
  CHECK(c->futex_wake(&from, 9, any) == 1);
  c.join();
  CHECK(log == "axbcd");
}

TEST_CASE("a requeue to the same word ends") {
  crew c;
  std::uint32_t word = 0;
  for (int i = 0; i < 3; ++i) c.spawn([&] { CHECK(c->futex_wait(&word, 0, any, aster::abi::never) == 0); });
  c->yield();
  CHECK(c->futex_requeue(&word, 0, 1u << 30, &word) == 3);
  CHECK(c->futex_wake(&word, 9, any) == 3);
  c.join();
}

TEST_CASE("a thread's end is told where it asked, and its memory serves the next one") {
  crew c;
  thread* const first = c.spawn([] {});
  REQUIRE(first != nullptr);
  const int id = first->id;
  c.join();
  const std::uint64_t committed = memory().committed_pages();
  for (int i = 1; i < 50; ++i) {
    thread* const next = c.spawn([] {});
    CHECK(next == first);
    CHECK(next->id == id + i);
    c.join();
  }
  CHECK(memory().committed_pages() == committed);
}

TEST_CASE("without memory there is no thread, and those that are go on") {
  crew c(40);
  int made = 0, ran = 0;
  while (c.spawn([&] { ++ran; })) ++made;
  CHECK(made > 10);
  CHECK(c->count() == static_cast<std::size_t>(made) + 1);
  while (c->count() > 1) c->yield();
  CHECK(ran == made);
}

TEST_CASE("an event wakes those who wait for one, and nobody else") {
  crew c;
  std::string log;
  std::uint32_t word = 0;
  c.spawn([&] {
    c->block(aster::abi::never, true);
    log += "events ";
    c->futex_wake(&word, 9, any);
  });
  c.spawn([&] {
    c->block(aster::abi::never, false, true);
    log += "console ";
  });
  c.spawn([&] {
    c->futex_wait(&word, 0, any, aster::abi::never);
    log += "futex ";
  });
  c.join();
  CHECK(log == "console events futex ");
  CHECK(fake::sleeps.size() == 1);
}

TEST_CASE("a look at the devices never sleeps, and lets those go first who are ready") {
  crew c;
  std::string log;
  fake::now = 100;
  c.spawn([&] { log += "other "; });
  c->block(50, true);
  log += "back";
  CHECK(log == "other back");
  CHECK(fake::sleeps == std::vector<std::uint64_t>{0});
}

TEST_CASE("threads that are always ready do not starve those who wait for time or a device") {
  crew c;
  fake::on_idle = [](std::uint64_t deadline, bool) { fake::now += deadline == 0 ? 10 : 1000; };
  bool slept = false, heard = false;
  c.spawn([&] {
    c->block(30);
    slept = true;
  });
  c.spawn([&] {
    c->block(aster::abi::never, true);
    heard = true;
  });
  int turns = 0;
  for (int i = 0; i < 2; ++i) {
    c.spawn([&] {
      while (!slept || !heard) {
        ++turns;
        c->yield();
      }
    });
  }
  c.join();
  CHECK(turns < 1000);
  CHECK(fake::now < 100);
}

TEST_CASE("vector registers survive a look at the devices") {
  crew c;
  static int saved, loaded;
  saved = loaded = 0;
  target.save_vectors = [](std::uint8_t*) noexcept { ++saved; };
  target.load_vectors = [](const std::uint8_t*) noexcept { ++loaded; };
  fake::on_idle = [](std::uint64_t deadline, bool) {
    REQUIRE(deadline == 0);
    CHECK(saved > loaded);
  };
  bool done = false;
  c.spawn([&] {
    while (!done) c->yield();
  });
  for (int i = 0; i < 200; ++i) c->yield();
  done = true;
  while (c->count() > 1) c->yield();
  CHECK(fake::sleeps.size() >= 3);
  target.save_vectors = nullptr;
  target.load_vectors = nullptr;
}

TEST_CASE("a request to stop ends one wait of somebody who can be told") {
  crew c;
  fake::on_idle = [](std::uint64_t, bool) { ++fake::now; };
  c->shutdown_wanted = true;
  c->block(aster::abi::never, true);
  CHECK_FALSE(c->shutdown_wanted);
  CHECK(fake::now == 1);
  // A look that it comes in has told of it too.
  fake::on_idle = nullptr;
  c->shutdown_wanted = true;
  c->block(0, true);
  CHECK_FALSE(c->shutdown_wanted);
}

TEST_CASE("a request to stop that nobody can be told of ends the program as exit does") {
  std::cout.flush();
  const pid_t child = ::fork();
  if (child == 0) {
    crew c;
    static scheduler* stopped = c.all.get();
    fake::on_idle = [](std::uint64_t, bool) { stopped->shutdown_wanted = true; };
    std::uint32_t word = 0;
    c->futex_wait(&word, 0, any, aster::abi::never);
    ::_exit(1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == aster::abi::exit_shutdown);
}

TEST_CASE("threads that wait for each other are told of, once") {
  crew c;
  std::uint32_t word = 0;
  static scheduler* all = c.all.get();
  static std::uint32_t* waited = &word;
  fake::on_idle = [](std::uint64_t, bool) {
    if (fake::sleeps.size() % 3 == 0) all->futex_wake(waited, 1, any);
  };
  CHECK(c->futex_wait(&word, 0, any, aster::abi::never) == 0);
  CHECK(c->futex_wait(&word, 0, any, aster::abi::never) == 0);
  CHECK(fake::output.find("deadlock") != std::string::npos);
  CHECK(fake::output.find("deadlock") == fake::output.rfind("deadlock"));
}

TEST_CASE("what a thread does between two switches is its own") {
  crew c;
  // Integer and floating point state across many switches, in an order that a seed gives.
  int good = 0;
  for (unsigned seed = 0; seed < 20; ++seed) {
    c.spawn([&, seed] {
      std::mt19937 random(seed);
      double sum = seed;
      std::uint64_t hash = seed;
      for (int i = 0; i < 200; ++i) {
        sum = sum * 1.0000001 + i;
        hash = hash * 6364136223846793005u + seed;
        if (random() % 2) c->yield();
        else c->block(fake::now + random() % 5);
      }
      double expected = seed;
      std::uint64_t expected_hash = seed;
      for (int i = 0; i < 200; ++i) {
        expected = expected * 1.0000001 + i;
        expected_hash = expected_hash * 6364136223846793005u + seed;
      }
      good += sum == expected && hash == expected_hash;
    });
  }
  c.join();
  CHECK(good == 20);
}
