// A path that somebody asks for in development: whatever its bytes, the answer is a file of the directory
// that may be shown, and never the secret beside it.
#include <stdlib.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "aster/crunch/file_name.hpp"
#include "aster/crunch/folder.hpp"

namespace {

namespace fs = std::filesystem;

/// site/ with links out of it, and files with secrets in and beside it; served from now on.
struct tree {
  fs::path outside;
  tree() {
    std::string pattern = (fs::temp_directory_path() / "aster-live-fuzz-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    outside = pattern;
    fs::create_directories(outside / "site/a/.b");
    for (const char* name : {"secret", "site2", "site/.c", "site/a/.b/c", "site/a/c~"})
      std::ofstream{outside / name} << "secret";
    for (const char* name : {"site/c", "site/a/c", "site/index.html"})
      std::ofstream{outside / name} << "public";
    fs::create_symlink("..", outside / "site/u");
    fs::create_symlink("../../secret", outside / "site/a/s");
    fs::create_symlink(".b", outside / "site/a/b");
    ::setenv("ASTER_LIVE", (outside / "site").c_str(), 1);
  }
  ~tree() { fs::remove_all(outside); }
};

}  // namespace

int paths_found = 0;  // for the smoke test: a target that finds nothing shows nothing

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const tree disk;
  static constexpr aster::crunch::folder site{"site", {}, {}};
  const auto found = site.find({reinterpret_cast<const char*>(data), size});
  if (!found) return 0;
  if (found->content != "public" || found.is_immutable || !aster::crunch::is_servable(found->path))
    std::abort();
  ++paths_found;
  return 0;
}
