// Runs a fuzz target on its seeds, on mutations of them and on made-up inputs, the same each time: what `make
// test` does where a fuzzer would take hours. On failure it says which input it was;
// `PROGRAM FOLDER FIRST COUNT` runs those of the made-up ones alone.
#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "aster/net/siphash.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using input = std::vector<std::uint8_t>;

// For the handler of signals.
const char* seed_name = "";
std::uint64_t round_number = 0;

void announce_failures() {
  for (const int signal : {SIGABRT, SIGILL, SIGSEGV}) {
    std::signal(signal, [](int) {
      std::fprintf(stderr, "in round %llu %s\n", static_cast<unsigned long long>(round_number), seed_name);
      std::_Exit(1);
    });
  }
}

void run(const input& bytes) { LLVMFuzzerTestOneInput(bytes.data(), bytes.size()); }

// Each seed as it is, and some times with a few bytes changed, lost or doubled.
void run_seeds(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& file : std::filesystem::directory_iterator{folder}) files.push_back(file.path());
  std::ranges::sort(files);
  for (const auto& file : files) {
    const std::string name = file.string();
    seed_name = name.c_str();
    std::ifstream in{file, std::ios::binary};
    const input seed{std::istreambuf_iterator<char>{in}, {}};
    for (round_number = 0; round_number < 20; ++round_number) {
      aster::net::random_source random{{round_number, seed.size()}};
      input bytes = seed;
      for (std::uint64_t edits = round_number; edits > 0 && !bytes.empty(); edits /= 2) {
        const std::uint32_t at = random.below(static_cast<std::uint32_t>(bytes.size()));
        switch (random.below(3)) {
          case 0: bytes[at] = static_cast<std::uint8_t>(random.below(256)); break;
          case 1: bytes.erase(bytes.begin() + at); break;
          case 2: bytes.insert(bytes.begin() + at, bytes[at]); break;
        }
      }
      run(bytes);
    }
  }
  seed_name = "";
  std::printf("%zu seeds\n", files.size());
}

}  // namespace

int main(int argc, char** argv) {
  announce_failures();
  if (argc > 1 && argc < 4) run_seeds(argv[1]);
  const std::uint64_t first = argc > 3 ? std::strtoull(argv[2], nullptr, 10) : 0;
  const std::uint64_t count = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 4000;
  for (round_number = first; round_number < first + count; ++round_number) {
    aster::net::random_source random{{round_number, 99}};
    input bytes(random.below(random.below(4) == 0 ? 5000 : 600));
    // Small numbers are what lengths, flags and kinds are made of.
    for (auto& b : bytes)
      b = static_cast<std::uint8_t>(random.below(3) == 0 ? random.below(8) : random.below(256));
    run(bytes);
  }
}
