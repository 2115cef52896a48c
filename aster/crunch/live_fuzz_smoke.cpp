// Runs the fuzz target on some thousand paths, the same each time, and sees that some of them found
// something.
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <string>
#include <string_view>

extern int paths_found;
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main() {
  constexpr std::string_view pieces[] = {
      "/",   "/a", "/c",      "/..", "/.",   "/u", "/s",          "/b",
      "/.b", "/",  "/secret", "..",  "/.c",  "~",  "/site",       "/site2",
      "c",   "a",  "%2e",     "\\",  "\xff", "//", "/index.html", std::string_view{"\0", 1}};
  std::uint64_t state = 1;
  const auto random = [&state](std::uint64_t below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::size_t>((state >> 33) % below);
  };
  for (int round = 0; round < 20'000; ++round) {
    std::string path;
    for (std::size_t parts = random(6); parts > 0; --parts) path += pieces[random(std::size(pieces))];
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(path.data()), path.size());
  }
  std::printf("%d of 20000 paths found a file\n", paths_found);
  return paths_found > 100 ? 0 : 1;
}
