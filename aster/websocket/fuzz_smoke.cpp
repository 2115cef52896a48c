// Runs a fuzz target on some thousand mutations of known frames, the same each time: what `make test` does
// where a fuzzer would take hours. On failure it says which round it was.
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using namespace std::string_view_literals;

// Masked with zeros, so that mutations reach what is below the mask.
const std::string_view seeds[] = {
    "\x81\x85\0\0\0\0Hello"sv,
    "\x01\x83\0\0\0\0Hel\x80\x82\0\0\0\0lo"sv,
    "\x02\x81\0\0\0\0a\x89\x81\0\0\0\0!\x80\x81\0\0\0\0b"sv,
    "\x81\xfe\x00\x80\0\0\0\0\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5"sv,
    "\x88\x85\0\0\0\0\x03\xe8"
    "bye"sv,
    "\xc1\x87\0\0\0\0\xf2\x48\xcd\xc9\xc9\x07\0"sv,
    "\x41\x83\0\0\0\0\xf2\x48\xcd\x80\x84\0\0\0\0\xc9\xc9\x07\0"sv,
    "\xc1\x87\0\0\0\0\xf2\x48\xcd\xc9\xc9\x07\0\xc1\x85\0\0\0\0\xf2\0\x11\0\0"sv,
    "\xc2\x88\0\0\0\0\xf3\x48\xcd\xc9\xc9\x07\0\0"sv,
    "\xc1\x8b\0\0\0\0\0\x05\0\xfa\xffHello\0"sv,
    "\x81\x02hi\x89\x00"sv,
    // 2000 times the same.
    "\xc2\x92\0\0\0\0\xaa\xa8\x18\x05\xa3\x60\x14\x8c\x82\x51\x30\x0a\x46\xc1\x50\x07\0\0"sv,
};
const std::string_view pieces[] = {
    "\0"sv,
    "\xff"sv,
    "\x80"sv,
    "\x81\x80\0\0\0\0"sv,
    "\x80\x80\0\0\0\0"sv,
    "\x89\x80\0\0\0\0"sv,
    "\xfe\x00\x7e"sv,
    "\xff\0\0\0\0\0\1\0\0"sv,
    "\xf0\x9f\x98\x80"sv,
    "\xed\xa0\x80"sv,
    "\0\0\0\xff\xff"sv,
    "\x03\0"sv,
    "\xf3"sv,
    "\xc1"sv,
    "\xe2\x82"sv,
    "\x11\0\0"sv,
};

}  // namespace

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
    for (int i = 0; i < 3; ++i) input += static_cast<char>(random(256));
    for (std::size_t count = 1 + random(3); count > 0; --count) input += seeds[random(std::size(seeds))];
    for (std::size_t edits = random(4); edits > 0; --edits) {
      const std::size_t at = random(input.size() + 1);
      switch (random(4)) {
        case 0: input.insert(at, pieces[random(std::size(pieces))]); break;
        case 1: input.erase(at, 1 + random(4)); break;
        case 2:
          if (at < input.size()) input[at] = static_cast<char>(random(256));
          break;
        case 3: input.insert(at, input.substr(random(input.size()), random(20))); break;
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
