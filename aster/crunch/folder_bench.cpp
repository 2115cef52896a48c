// Nanoseconds to find a file among so many; not a test.
#include <chrono>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "aster/crunch/folder.hpp"

int main() {
  using namespace aster::crunch;
  for (const int count : {10, 100, 1'000, 10'000}) {
    static constexpr file one{};
    std::mt19937 random{1};
    std::vector<std::string> paths;
    for (int i = 0; i < count; ++i) {
      const std::string path = "/assets/" + std::to_string(i) + std::string(random() % 20, 'x');
      paths.push_back(path + ".css");
      paths.push_back(path + ".12345678.css");
    }
    std::vector<entry> entries;
    for (const std::string& path : paths) entries.push_back({path, &one, false});
    std::ranges::sort(entries, precedes, &entry::path);
    const folder all{"all", entries, {}};
    std::vector<std::string_view> asked;
    for (int i = 0; i < 100'000; ++i) asked.push_back(paths[random() % paths.size()]);

    const auto begin = std::chrono::steady_clock::now();
    std::size_t found = 0;
    for (const std::string_view path : asked) found += static_cast<bool>(all.find(path));
    const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - begin;
    if (found != asked.size()) return 1;
    std::printf("%5d files: %3.0f ns\n", count, taken.count() / static_cast<double>(asked.size()));
  }
}
