#include "kernel/fault.hpp"

#include <doctest/doctest.h>

#include <string>

#include "kernel/platform.hpp"
#include "kernel/target.hpp"

using namespace aster::kernel;

namespace {

constexpr std::uint64_t stack = 0x7f0000100000;  // where a context's stack pointer is
constexpr std::uint64_t code = 0x550000000000;   // where the image lies

std::string described(std::uint64_t address, access kind, bool mapped = false, std::uint64_t rsp = stack) {
  text_line line;
  describe_fault(line, address, rsp, kind, mapped);
  return {line.data(), line.size()};
}

/// The names that a fiber library and a target would give, for one test.
struct setting {
  setting() { image = {code, 0x10000}; }
  ~setting() {
    image = {};
    fibers = {};
    target = {};
  }
};

}  // namespace

TEST_CASE_FIXTURE(setting, "the first page is the null pointer's") {
  CHECK(described(0, access::read) == "null pointer: read from 0x0");
  CHECK(described(0xfff, access::write) == "null pointer: write to 0xfff");
  CHECK(described(0x10, access::execute) == "null pointer: execution of 0x10");
  CHECK(described(0x1000, access::read) == "read from unmapped memory at 0x1000");
  // Also for a stack that lies as low as a stack cannot.
  CHECK(described(0x10, access::write, false, 0x100) == "null pointer: write to 0x10");
}

TEST_CASE_FIXTURE(setting, "just below the stack pointer the stack has overflowed, of whoever runs") {
  CHECK(described(stack - 8, access::write) == "stack overflow of the main thread: write to 0x7f00000ffff8");
  CHECK(described(stack - 16 * 4096, access::read) == "stack overflow of the main thread: read from 0x7f00000f0000");
  CHECK(described(stack - 17 * 4096, access::write) == "write to unmapped memory at 0x7f00000ef000");
  CHECK(described(stack + 2 * 4096, access::write) == "write to unmapped memory at 0x7f0000102000");
  target.thread_number = []() noexcept { return 7u; };
  CHECK(described(stack - 8, access::write) == "stack overflow of thread 7: write to 0x7f00000ffff8");
  target.thread_number = []() noexcept { return 1u; };
  CHECK(described(stack - 8, access::write) == "stack overflow of the main thread: write to 0x7f00000ffff8");
}

TEST_CASE_FIXTURE(setting, "a fiber's guard page is known by the fiber library, wherever the stack pointer is") {
  fibers.guard_owner = [](const void* address) noexcept -> const char* {
    return address == reinterpret_cast<const void*>(0x5000) ? "wor\nker" : nullptr;
  };
  CHECK(described(0x5000, access::write) == "stack overflow of fiber wor?ker: write to 0x5000");
  CHECK(described(0x6000, access::write) == "write to unmapped memory at 0x6000");
}

TEST_CASE_FIXTURE(setting, "what is there and may not be used so") {
  CHECK(described(code + 0x1234, access::write, true) == "write to read-only memory at 0x550000001234 (image+0x1234)");
  CHECK(described(code + 0x10000, access::write, true) == "write to read-only memory at 0x550000010000");
  CHECK(described(0x5000, access::execute, true) == "execution of data at 0x5000");
  CHECK(described(stack - 8, access::execute, false) == "execution of data at 0x7f00000ffff8");
  CHECK(described(0x5000, access::execute, false) == "execution of unmapped memory at 0x5000");
}
