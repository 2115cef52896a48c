// Runs a fuzz target on some thousand made-up inputs, the same each time: what `make test` does where a
// fuzzer would take hours. On failure it says which round it was; `PROGRAM FIRST COUNT` runs those alone.
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "aster/net/siphash.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
  static std::uint64_t round = 0;  // static, for the handler
  const std::uint64_t first = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 0;
  const std::uint64_t count = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 4000;
  for (const int signal : {SIGABRT, SIGILL, SIGSEGV}) {
    std::signal(signal, [](int) {
      std::fprintf(stderr, "in round %llu\n", static_cast<unsigned long long>(round));
      std::_Exit(1);
    });
  }
  for (round = first; round < first + count; ++round) {
    aster::net::random_source random{{round, 99}};
    std::vector<std::uint8_t> bytes(random.below(random.below(4) == 0 ? 5000 : 600));
    // Small numbers are what lengths, flags and kinds are made of.
    for (auto& b : bytes)
      b = static_cast<std::uint8_t>(random.below(3) == 0 ? random.below(8) : random.below(256));
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  }
}
