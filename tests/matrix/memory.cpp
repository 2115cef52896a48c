// Uses memory until there is none, in the way that the first argument names.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>
#include <vector>

namespace {

constexpr std::size_t mebibyte = 1 << 20;

/// Hides a value from the optimizer, which may leave out an allocation that it sees through.
template <class T>
T opaque(T value) {
  asm volatile("" : "+r"(value));
  return value;
}

/// Takes and touches blocks until there are no more; how many there were.
std::size_t take_everything(std::vector<std::unique_ptr<char[]>>& blocks, std::size_t size) {
  try {
    for (;;) {
      blocks.push_back(std::make_unique_for_overwrite<char[]>(size));
      std::memset(blocks.back().get(), 0x5a, size);
    }
  } catch (const std::bad_alloc&) {
  }
  return blocks.size();
}

int caught() {
  std::vector<std::unique_ptr<char[]>> blocks;
  blocks.reserve(100'000);
  const std::size_t first = take_everything(blocks, mebibyte);
  std::printf("bad_alloc after %zu MiB\n", first);
  bool intact = true;
  for (const auto& block : blocks)
    for (std::size_t i = 0; i < mebibyte; i += 4096) intact = intact && block[i] == 0x5a;
  blocks.clear();
  std::printf("%s\n", intact ? "every byte was where it belongs" : "FAILED: a block was overwritten");
  const std::size_t second = take_everything(blocks, mebibyte);
  std::printf("and again after %zu MiB\n", second);
  blocks.clear();
  const std::size_t small = take_everything(blocks, 512);
  blocks.clear();
  std::printf("%s\n", small * 512 > first * mebibyte / 2 ? "small ones too" : "FAILED: few small ones");
  std::vector<int> goes_on(1000, 1);
  std::printf("goes on with %zu\n", goes_on.size());
  return 0;
}

int c_style() {
  std::size_t total = 0;
  while (void* const block = opaque(std::malloc(mebibyte))) {
    std::memset(block, 1, mebibyte);
    ++total;
  }
  std::printf("malloc gave 0 after %zu MiB\n", total);
  return 0;
}

int at_once() {
  try {
    delete[] opaque(new char[opaque(std::size_t{1} << 45)]);
  } catch (const std::bad_alloc&) {
    std::puts("32 TiB at once: bad_alloc");
  }
  std::puts(opaque(new (std::nothrow) char[opaque(std::size_t{1} << 45)]) ? "FAILED" : "nothrow: null");
  return 0;
}

[[gnu::noinline]] int nobody_catches() {
  std::puts("taking");
  std::fflush(stdout);
  std::vector<std::unique_ptr<char[]>> blocks;
  for (;;) {
    blocks.push_back(std::make_unique<char[]>(mebibyte));  // FAULT out-of-memory
    std::memset(blocks.back().get(), 1, mebibyte);
  }
}

}  // namespace

int main(int count, char** words) {
  const std::string_view what = count > 1 ? words[1] : "";
  if (what == "caught") return caught();
  if (what == "malloc") return c_style();
  if (what == "at-once") return at_once();
  return nobody_catches();
}
