// What a switch keeps for each fiber.
#include "aster/task/context.hpp"

#include <doctest/doctest.h>
#include <unwind.h>
#include <xmmintrin.h>

#include <cerrno>
#include <cfenv>
#include <cstdint>
#include <exception>
#include <stdexcept>
#include <string>

#include "aster/task.hpp"

using namespace aster;

TEST_CASE("errno belongs to the fiber") {
  task::simulation{}.run([] {
    task::scope s;
    for (const int mine : {EINTR, EAGAIN, ENOENT}) {
      s.spawn("fails", [mine] {
        errno = mine;
        task::yield();
        CHECK(errno == mine);
      });
    }
    errno = 0;
    s.join();
    CHECK(errno == 0);
  });
}

TEST_CASE("a handled exception stays the fiber's own across switches inside its handler") {
  task::simulation{}.run([] {
    task::scope s;
    for (const char* const mine : {"first", "second", "third"}) {
      s.spawn(mine, [mine] {
        try {
          throw std::runtime_error(mine);
        } catch (const std::runtime_error& e) {
          task::yield();  // others throw and catch meanwhile
          CHECK(e.what() == std::string{mine});
          try {
            throw;
          } catch (const std::runtime_error& again) {
            task::yield();
            CHECK(again.what() == std::string{mine});
          }
          CHECK(std::current_exception() != nullptr);
        }
        CHECK(std::current_exception() == nullptr);
      });
    }
    s.join();
  });
}

TEST_CASE("exceptions in flight are counted for each fiber alone") {
  struct pauses_in_destructor {
    ~pauses_in_destructor() {
      CHECK(std::uncaught_exceptions() == 1);
      task::yield();
      CHECK(std::uncaught_exceptions() == 1);
    }
  };
  task::simulation{}.run([] {
    task::scope s;
    s.spawn("unwinds", [] {
      try {
        const pauses_in_destructor pause;
        throw 1;
      } catch (int) {
      }
      CHECK(std::uncaught_exceptions() == 0);
    });
    s.spawn("calm", [] {
      CHECK(std::uncaught_exceptions() == 0);
      task::yield();
      CHECK(std::uncaught_exceptions() == 0);
    });
    s.join();
  });
}

TEST_CASE("floating-point modes belong to the fiber, and a child begins with those of its parent") {
  const auto x87 = [] {
    std::uint16_t word;
    asm volatile("fnstcw %0" : "=m"(word));
    return word;
  };
  task::simulation{}.run([&] {
    const unsigned before_sse = _MM_GET_ROUNDING_MODE();
    const std::uint16_t before_x87 = x87();
    task::scope s;
    s.spawn("rounds up", [&] {
      std::fesetround(FE_UPWARD);  // sets both units
      const std::uint16_t mine = x87();
      CHECK(mine != before_x87);
      task::scope inner;
      inner.spawn("child", [&] {
        CHECK(_MM_GET_ROUNDING_MODE() == _MM_ROUND_UP);
        CHECK(x87() == mine);
      });
      inner.join();
      task::yield();
      CHECK(_MM_GET_ROUNDING_MODE() == _MM_ROUND_UP);
      CHECK(x87() == mine);
    });
    s.spawn("does not care", [&] {
      for (int i = 0; i < 3; ++i) {
        CHECK(_MM_GET_ROUNDING_MODE() == before_sse);
        CHECK(x87() == before_x87);
        task::yield();
      }
    });
    s.join();
    CHECK(_MM_GET_ROUNDING_MODE() == before_sse);
    CHECK(x87() == before_x87);
  });
}

TEST_CASE("a backtrace in a fiber ends at the fiber's first frame") {
  task::simulation{}.run([] {
    task::scope s;
    s.spawn("traced", [] {
      int frames = 0;
      const auto result = _Unwind_Backtrace(
          [](_Unwind_Context*, void* count) {
            return ++*static_cast<int*>(count) < 100 ? _URC_NO_REASON : _URC_NORMAL_STOP;
          },
          &frames);
      CHECK(result == _URC_END_OF_STACK);
      CHECK(frames >= 3);
      CHECK(frames < 20);
    });
    s.join();
  });
}
