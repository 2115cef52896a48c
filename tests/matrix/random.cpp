// Random numbers by every door that programs use; the test compares two starts.
#include <sys/random.h>

#include <array>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <fcntl.h>
#include <unistd.h>

#include <random>
#include <set>
#include <system_error>

#include "abi/platform.hpp"

namespace {

using key = std::array<std::uint8_t, 32>;

void print(const char* door, const key& bytes) {
  std::printf("%s ", door);
  for (const std::uint8_t byte : bytes) std::printf("%02x", byte);
  std::printf("\n");
}

}  // namespace

int main() {
  key bytes{};
  std::random_device device;
  for (std::size_t i = 0; i < bytes.size(); i += 4) {
    const std::uint32_t word = device();
    for (std::size_t k = 0; k < 4; ++k) bytes[i + k] = static_cast<std::uint8_t>(word >> 8 * k);
  }
  print("random_device", bytes);
  try {
    std::random_device nowhere("/dev/nowhere");
    return 1;
  } catch (const std::system_error&) {
  }
  // Many more than are drawn at a time, from two devices in turn: none comes twice.
  std::random_device other("/dev/random");
  std::set<std::uint64_t> numbers;
  for (int i = 0; i < 1000; ++i) numbers.insert(std::uint64_t{device()} << 32 | other());
  if (numbers.size() != 1000) {
    std::printf("random_device repeats itself: %zu of 1000 differ\n", numbers.size());
    return 1;
  }

  bytes = {};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) return 1;
  print("getrandom", bytes);

  bytes = {};
  if (getentropy(bytes.data(), bytes.size()) != 0) return 1;
  print("getentropy", bytes);

  bytes = {};
  const int file = open("/dev/urandom", O_RDONLY);
  if (file < 0 || read(file, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) return 1;
  close(file);
  print("/dev/urandom", bytes);

  bytes = {};
  aster::abi::current_platform().fill_entropy(bytes.data(), bytes.size());
  print("platform", bytes);

  // A million bits: ones and zeros in balance to within six standard deviations.
  std::uint64_t ones = 0;
  std::array<std::uint64_t, 256> block;
  for (int i = 0; i < 62; ++i) {
    aster::abi::current_platform().fill_entropy(block.data(), sizeof block);
    for (const std::uint64_t word : block) ones += static_cast<std::uint64_t>(std::popcount(word));
  }
  const std::uint64_t bits = 62u * sizeof block * 8;
  std::printf("ones %llu of %llu\n", static_cast<unsigned long long>(ones), static_cast<unsigned long long>(bits));
}
