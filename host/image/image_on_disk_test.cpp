// What the other tests show on images made by hand, on real ones: argv gives their paths.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "host/image/image.hpp"
#include "host/image/symbolize.hpp"
#include "host/image/weight.hpp"

using namespace aster::host;

namespace {

std::vector<std::filesystem::path> paths;

std::vector<std::byte> content_of(const std::filesystem::path& path) {
  const auto file = file_source::open(path);
  REQUIRE(file.has_value());
  std::vector<std::byte> bytes(file->size());
  REQUIRE(file->read(0, bytes));
  return bytes;
}

}  // namespace

TEST_CASE("a built image is whole, sealed and hardened") {
  for (const auto& path : paths) {
    CAPTURE(path);
    const auto result = read_image(path);
    REQUIRE_MESSAGE(result.has_value(), result.error().text);
    CHECK(result->sealed);
    CHECK(result->hardening.relro);
    CHECK(result->hardening.bind_now);
    CHECK(result->hardening.no_execute_stack);
    CHECK(result->debug_file.has_value());
    CHECK(result->build_id.size() == 40);
  }
}

TEST_CASE("cut short at any byte of its headers, or any 512th, it is recognised as such") {
  for (const auto& path : paths) {
    const auto whole = content_of(path);
    for (std::size_t size = 1; size < whole.size(); size += size < 4096 ? 1 : 512) {
      CAPTURE(path);
      CAPTURE(size);
      const auto result = read_image(memory_source{std::span{whole}.first(size)}, path);
      REQUIRE_FALSE(result.has_value());
      CHECK(result.error().fault == image_fault::cut_short);
    }
    CHECK_FALSE(read_image(memory_source{std::span{whole}.first(whole.size() - 1)}, path).has_value());
    CHECK(read_image(memory_source{whole}, path).has_value());
  }
}

TEST_CASE("every byte of its file is accounted for, by library and by symbol") {
  for (const auto& path : paths) {
    CAPTURE(path);
    const auto image = read_image(path);
    REQUIRE(image.has_value());
    const auto w = weigh(*image);
    REQUIRE_MESSAGE(w.has_value(), w.error());
    std::uint64_t libraries = w->padding, in_memory = 0, symbols = 0;
    for (const auto& l : w->libraries) {
      libraries += l.bytes.in_file();
      in_memory += l.bytes.in_file() + l.bytes.zeroed;
    }
    for (const auto& s : w->symbols) symbols += s.size;
    CHECK(libraries == image->file_size);
    CHECK(symbols == in_memory);
    // Gaps between segments are less than a page each; headers and section names are small.
    CHECK(w->padding < 32 * 1024);
    CHECK(std::ranges::contains(w->libraries, "libc", &library_weight::name));
    CHECK(std::ranges::contains(w->libraries, "kernel", &library_weight::name));
    CHECK(std::ranges::contains(w->libraries, "program", &library_weight::name));
  }
}

TEST_CASE("its entries have names") {
  for (const auto& path : paths) {
    CAPTURE(path);
    const auto image = read_image(path);
    REQUIRE(image.has_value());
    const std::uint64_t offsets[] = {image->entries.process, image->entries.sandbox, image->entries.pvh};
    const auto frames = symbolize(path, offsets);
    REQUIRE(frames.size() == 3);
    CHECK(frames[0].function == "_start");
    CHECK(frames[1].function == "aster_sandbox_entry");
    CHECK(frames[2].function == "aster_pvh_entry");
  }
}

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (argv[i][0] != '-') paths.emplace_back(argv[i]);
  }
  doctest::Context context{argc, argv};
  const int code = context.run();
  return paths.empty() ? 2 : code;
}
