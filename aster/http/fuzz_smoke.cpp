// Runs a fuzz target on some thousand mutations of known inputs, the same each time: what `make test` does
// where a fuzzer would take hours. On failure it says which round it was.
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

// In ..._seeds.cpp: inputs to begin with, and what is put into them.
extern const std::span<const std::string_view> seeds, pieces;

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 20'000;
  std::uint64_t state = 1;
  auto random = [&state](std::uint64_t below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::size_t>((state >> 33) % below);
  };
  static int round = 0;  // static, for the handler
  std::signal(SIGABRT, [](int) {
    std::fprintf(stderr, "in round %d\n", round);
    std::_Exit(1);
  });
  for (; round < rounds; ++round) {
    std::string input;
    input += static_cast<char>(random(256));
    input += static_cast<char>(random(256));
    input += seeds[random(seeds.size())];
    if (random(3) == 0) input += seeds[random(seeds.size())];
    for (std::size_t edits = random(4); edits > 0; --edits) {
      const std::size_t at = random(input.size() + 1);
      switch (random(4)) {
        case 0: input.insert(at, pieces[random(pieces.size())]); break;
        case 1: input.erase(at, 1 + random(4)); break;
        case 2:
          if (at < input.size()) input[at] = static_cast<char>(random(256));
          break;
        case 3: input.insert(at, input.substr(random(input.size() + 1), random(20))); break;
      }
    }
    if (input.empty()) continue;
    if (LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size()) != 0) {
      std::printf("round %d failed\n", round);
      return 1;
    }
  }
  std::printf("%d mutated inputs\n", rounds);
}
