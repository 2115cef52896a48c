// Exceptions in every place where a runtime without an operating system tends to lose them. Prints one line
// per thing that held; ends with 1 at the first that did not.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <system_error>
#include <typeinfo>
#include <vector>

#include "aster/task.hpp"

using namespace aster;

namespace {

void expect(bool holds, const char* what) {
  std::printf("%s: %s\n", holds ? "ok" : "FAILED", what);
  if (!holds) std::exit(1);
}

struct base_error {
  virtual ~base_error() = default;
};
struct left : virtual base_error {};
struct right : virtual base_error {};
struct bottom : left, right {
  int value = 7;
};

[[gnu::noinline]] void climb(int steps) {
  std::string on_the_way(static_cast<std::size_t>(steps % 50), 'x');  // something to destroy in each frame
  if (steps == 0) throw std::runtime_error("the top");
  climb(steps - 1);
  if (on_the_way.size() == 1000) std::puts("never");
}

void thrown_through_many_frames() {
  try {
    climb(500);
  } catch (const std::runtime_error& e) {
    expect(std::string{e.what()} == "the top", "thrown through 500 frames with destructors");
  }
}

void caught_by_a_base_among_several() {
  int seen = 0;
  try {
    throw bottom{};
  } catch (const std::exception&) {
    seen = -1;
  } catch (const base_error& e) {
    seen = dynamic_cast<const bottom&>(e).value;
  }
  expect(seen == 7, "caught by a virtual base, then cast down");
  try {
    static_cast<void>(dynamic_cast<const right&>(*std::unique_ptr<base_error>{new left}));
    seen = 0;
  } catch (const std::bad_cast&) {
    seen = 1;
  }
  expect(seen == 1, "a wrong dynamic_cast throws std::bad_cast");
}

void rethrown_and_nested() {
  std::string heard;
  try {
    try {
      try {
        throw std::runtime_error("inner");
      } catch (...) {
        std::throw_with_nested(std::logic_error("outer"));
      }
    } catch (const std::logic_error&) {
      throw;
    }
  } catch (const std::exception& e) {
    heard = e.what();
    try {
      std::rethrow_if_nested(e);
    } catch (const std::exception& cause) {
      heard += std::string{" because of "} + cause.what();
    }
  }
  expect(heard == "outer because of inner", "nested, rethrown, and asked for their cause");
}

struct throws_when_destroyed {
  ~throws_when_destroyed() noexcept(false) {
    if (std::uncaught_exceptions() == 0) throw std::runtime_error("from a destructor");
  }
};
struct works_when_destroyed {
  int* uncaught;
  std::string* heard;
  ~works_when_destroyed() {
    *uncaught = std::uncaught_exceptions();
    try {
      throw std::runtime_error("inside of a destructor");
    } catch (const std::exception& e) {
      *heard = e.what();
    }
  }
};

void thrown_by_destructors() {
  std::string heard;
  try {
    throws_when_destroyed now;
  } catch (const std::exception& e) {
    heard = e.what();
  }
  expect(heard == "from a destructor", "thrown by a destructor on the normal path");

  int uncaught = 0;
  std::string inside;
  try {
    works_when_destroyed now{&uncaught, &inside};
    throw std::logic_error("unwinding");
  } catch (const std::exception& e) {
    heard = e.what();
  }
  expect(uncaught == 1, "std::uncaught_exceptions() is 1 while one unwinds");
  expect(inside == "inside of a destructor" && heard == "unwinding", "thrown and caught in a destructor that unwinds");
  expect(std::uncaught_exceptions() == 0, "std::uncaught_exceptions() is 0 after that");
}

struct counted {
  static inline int alive = 0;
  counted() {
    if (alive == 3) throw std::runtime_error("the fourth");
    ++alive;
  }
  ~counted() { --alive; }
};

void thrown_by_constructors() {
  bool thrown = false;
  try {
    std::unique_ptr<counted[]> five{new counted[5]};
  } catch (const std::runtime_error&) {
    thrown = true;
  }
  expect(thrown && counted::alive == 0, "an array half constructed is destroyed");

  const auto function_try = [] {
    struct holder {
      counted one, two, three, four;
    };
    try {
      holder h;
    } catch (const std::runtime_error&) {
      return true;
    }
    return false;
  };
  expect(function_try() && counted::alive == 0, "an object half constructed is destroyed");
}

void of_the_library() {
  int caught = 0;
  try {
    static_cast<void>(std::vector<int>{}.at(0));
  } catch (const std::out_of_range&) {
    ++caught;
  }
  try {
    static_cast<void>(std::stoi("not a number"));
  } catch (const std::invalid_argument&) {
    ++caught;
  }
  try {
    std::function<void()>{}();
  } catch (const std::bad_function_call&) {
    ++caught;
  }
  try {
    throw std::system_error(ENOENT, std::generic_category(), "a file");
  } catch (const std::system_error& e) {
    caught += std::string{e.what()} == "a file: No such file or directory";
  }
  expect(caught == 4, "the library's own: out_of_range, invalid_argument, bad_function_call, system_error");
}

void carried_elsewhere() {
  std::exception_ptr kept;
  try {
    climb(3);
  } catch (...) {
    kept = std::current_exception();
  }
  int times = 0;
  for (int i = 0; i < 3; ++i) {
    try {
      std::rethrow_exception(kept);
    } catch (const std::runtime_error&) {
      ++times;
    }
  }
  expect(times == 3, "kept in an exception_ptr and thrown again three times");
}

void of_fibers() {
  std::string heard;
  try {
    task::scope children{"children"};
    children.spawn("fails", [] {
      task::yield();
      climb(20);
    });
    children.spawn("is cancelled", [] { task::sleep(std::chrono::hours{1}); });
    children.join();
  } catch (const std::runtime_error& e) {
    heard = e.what();
  }
  expect(heard == "the top", "thrown in a fiber, caught where its scope is joined");

  // Each fiber parks inside its catch block while others throw and catch: every one must find its own again.
  int right_ones = 0;
  {
    task::scope many{"many"};
    for (int i = 0; i < 100; ++i) {
      many.spawn("one of many", [i, &right_ones] {
        try {
          throw std::runtime_error(std::to_string(i));
        } catch (const std::runtime_error& mine) {
          for (int round = 0; round < 3; ++round) {
            task::yield();
            try {
              throw i * 1000 + round;
            } catch (int inner) {
              task::yield();
              if (inner != i * 1000 + round) return;
            }
          }
          try {
            throw;
          } catch (const std::runtime_error& again) {
            right_ones += again.what() == std::to_string(i) && &again == &mine && std::uncaught_exceptions() == 0;
          }
        }
      });
    }
    many.join();
  }
  expect(right_ones == 100, "100 fibers that park inside catch blocks, each with its own exception");

  struct parks_when_destroyed {
    int& good;
    ~parks_when_destroyed() {
      const bool before = std::uncaught_exceptions() == 1;
      task::yield();
      good += before && std::uncaught_exceptions() == 1;
    }
  };
  int good = 0;
  {
    task::scope unwinding{"unwinding"};
    for (int i = 0; i < 10; ++i) {
      unwinding.spawn("unwinds", [&good] {
        try {
          parks_when_destroyed parks{good};
          throw 1;
        } catch (int) {
        }
      });
    }
    unwinding.join();
  }
  expect(good == 10, "10 fibers that park in destructors while they unwind");
}

}  // namespace

int main() {
  thrown_through_many_frames();
  caught_by_a_base_among_several();
  rethrown_and_nested();
  thrown_by_destructors();
  thrown_by_constructors();
  of_the_library();
  carried_elsewhere();
  of_fibers();
  std::puts("all");
}
