// Runs a fuzz target on some thousand mutations of its seeds, the same each time: what `make test` does where
// a fuzzer would take hours. On failure it says which round it was. The target has the seeds itself:
//
//   const std::initializer_list<std::string_view> fuzz_seeds = {…}, fuzz_pieces = {…};
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
/// Inputs that are good, and text that changes their meaning.
extern const std::initializer_list<std::string_view> fuzz_seeds, fuzz_pieces;

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 20'000;
  std::uint64_t state = 1;
  const auto random = [&state](std::size_t below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::size_t>((state >> 33) % below);
  };
  const auto any = [&random](const std::initializer_list<std::string_view>& of) {
    return of.begin()[random(of.size())];
  };
  static int round = 0;  // static, for the handler
  std::signal(SIGABRT, [](int) {
    std::fprintf(stderr, "in round %d\n", round);
    std::_Exit(1);
  });
  for (; round < rounds; ++round) {
    std::string input{any(fuzz_seeds)};
    if (random(6) == 0) input += any(fuzz_seeds);
    for (std::size_t edits = random(5); edits > 0; --edits) {
      const std::size_t at = random(input.size() + 1);
      switch (random(4)) {
        case 0: input.insert(at, any(fuzz_pieces)); break;
        case 1: input.erase(at, 1 + random(4)); break;
        case 2:
          if (at < input.size()) input[at] = static_cast<char>(random(256));
          break;
        case 3:
          if (!input.empty()) input.insert(at, input.substr(random(input.size()), random(20)));
          break;
      }
    }
    if (LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size()) != 0) {
      std::printf("round %d failed\n", round);
      return 1;
    }
  }
  std::printf("%d mutated inputs\n", rounds);
}
