// For entropy_test.py: prints where the image lies and some random numbers.
#include <sys/random.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <random>
#include <vector>

#include "abi/platform.hpp"

int main() {
  std::printf("place %p\n", reinterpret_cast<void*>(&main));
  std::array<std::uint64_t, 4> key{};
  aster::abi::current_platform().fill_entropy(key.data(), sizeof key);
  std::printf("key");
  for (const std::uint64_t word : key) std::printf(" %016llx", static_cast<unsigned long long>(word));
  std::printf("\nword %08x\n", std::random_device{}());

  // More than an entropy device gives at once, and of no even size: no two pieces are the same, none is missing.
  std::vector<std::uint32_t> much(5000);
  if (getrandom(much.data(), much.size() * 4 - 1, 0) != static_cast<ssize_t>(much.size() * 4 - 1)) return 1;
  std::size_t repeated = 0, zero = 0;
  for (std::size_t i = 64; i < much.size(); ++i) repeated += much[i] == much[i - 64];
  for (const std::uint32_t word : much) zero += word == 0;
  std::printf("repeated %zu zero %zu last %d\n", repeated, zero, much.back() >> 24 == 0 ? 0 : 1);
  return repeated < 3 && zero < 3 && much.back() >> 24 == 0 ? 0 : 1;
}
