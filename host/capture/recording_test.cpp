#include "host/capture/recording.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace {

using namespace aster;
using namespace aster::host;
using pcapng::direction;

std::uint32_t word(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  if (at + sizeof value <= bytes.size()) std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

/// The blocks of one type, in their order; walking along their lengths is checked to arrive at the end.
std::vector<std::string> blocks(std::string_view file, std::uint32_t type) {
  std::vector<std::string> found;
  std::size_t at = 0;
  while (at < file.size()) {
    const std::uint32_t size = word(file, at + 4);
    REQUIRE(size >= 12);
    REQUIRE(at + size <= file.size());
    if (word(file, at) == type) found.emplace_back(file.substr(at, size));
    at += size;
  }
  CHECK(at == file.size());
  return found;
}

constexpr std::uint32_t interface_block = 1, statistics_block = 5, frame_block = 6;

/// A regular file without a name.
struct nameless_file {
  int descriptor = memfd_create("capture", MFD_CLOEXEC);
  ~nameless_file() { close(descriptor); }
  std::string content() const {
    std::string all(static_cast<std::size_t>(lseek(descriptor, 0, SEEK_END)), '\0');
    REQUIRE(pread(descriptor, all.data(), all.size(), 0) == static_cast<ssize_t>(all.size()));
    return all;
  }
};

std::vector<std::byte> frame_of(std::size_t size, int fill = 1) {
  return std::vector<std::byte>(size, static_cast<std::byte>(fill));
}

std::vector<pcapng::interface> two() {
  return {{.name = "inside", .description = {}}, {.name = "outside", .description = {}}};
}

TEST_CASE("all frames go to the file, and at its end stands how many passed each interface") {
  const nameless_file file;
  recording r(two(), {}, file.descriptor, {}, 1000);
  r.take(0, direction::inbound, {}, frame_of(60), 1001);
  r.take(1, direction::outbound, {}, frame_of(70), 1002);
  r.take(1, direction::outbound, {}, frame_of(80), 1003);
  r.write_some();
  CHECK(blocks(file.content(), frame_block).size() == 3);
  CHECK(r.wants_room() == -1);
  r.finish(2000);
  const std::string all = file.content();
  CHECK(blocks(all, interface_block).size() == 2);
  const auto statistics = blocks(all, statistics_block);
  REQUIRE(statistics.size() == 2);
  CHECK(statistics[0].contains(std::string("\x04\0\x08\0\x01\0\0\0", 8)));
  CHECK(statistics[1].contains(std::string("\x04\0\x08\0\x02\0\0\0", 8)));
}

TEST_CASE("of a long frame only its beginning is kept, and its size") {
  const nameless_file file;
  recording r(two(), {.snap = 100}, file.descriptor, {}, 0);
  r.take(0, direction::inbound, {}, frame_of(1514), 1);
  r.finish(2);
  const auto frames = blocks(file.content(), frame_block);
  REQUIRE(frames.size() == 1);
  CHECK(word(frames[0], 20) == 100);
  CHECK(word(frames[0], 24) == 1514);
}

TEST_CASE("a checksum left to the device is complete in the file, and the frame itself is not touched") {
  const nameless_file file;
  recording r(two(), {}, file.descriptor, {}, 0);
  auto frame = frame_of(64, 0);
  frame[40] = std::byte{0x12};
  const abi::net_header header{
      .flags = abi::net_header::needs_checksum, .checksum_start = 34, .checksum_offset = 16};
  r.take(0, direction::outbound, header, frame, 1);
  r.finish(2);
  CHECK(frame[50] == std::byte{0});
  const auto frames = blocks(file.content(), frame_block);
  REQUIRE(frames.size() == 1);
  // The sum of the rest is 0x1200; its complement 0xedff.
  CHECK(frames[0].substr(28 + 50, 2) == "\xed\xff");
}

TEST_CASE("the file ends where its limit is, and tells how much is missing") {
  const nameless_file file;
  recording r(two(), {.size = 1000}, file.descriptor, {}, 0);
  for (int i = 0; i < 100; ++i) r.take(0, direction::inbound, {}, frame_of(60), i);
  r.write_some();
  const std::string before = file.content();
  CHECK(before.size() <= 1000);
  const std::size_t kept = blocks(before, frame_block).size();
  CHECK(kept > 3);
  r.finish(200);
  const auto statistics = blocks(file.content(), statistics_block);
  CHECK(statistics.at(0).contains(std::string("\x05\0\x08\0", 4) + static_cast<char>(100 - kept)));
}

TEST_CASE("a pipe that nobody reads holds nothing up") {
  int pipe_ends[2];
  REQUIRE(pipe2(pipe_ends, O_CLOEXEC) == 0);
  recording r(two(), {}, pipe_ends[1], {}, 0);
  // More than a pipe and the backlog hold together.
  const auto frame = frame_of(60'000);
  for (int i = 0; i < 400; ++i) {
    r.take(0, direction::inbound, {}, frame, i);
    r.write_some();
  }
  CHECK(r.wants_room() == pipe_ends[1]);
  close(pipe_ends[0]);
  const auto before = signal(SIGPIPE, SIG_IGN);
  r.write_some();
  CHECK(r.wants_room() == -1);  // its reader has gone
  r.take(0, direction::inbound, {}, frame, 1000);
  r.finish(1001);
  signal(SIGPIPE, before);
  close(pipe_ends[1]);
}

TEST_CASE("a ring is the last frames, and becomes a file only when it is asked for") {
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("aster-ring-" + std::to_string(getpid()));
  recording r(two(), {.ring = 5}, -1, path, 0);
  for (int i = 0; i < 20; ++i) r.take(0, direction::inbound, {}, frame_of(60, i), i);
  r.write_some();
  CHECK(!std::filesystem::exists(path));
  r.keep(100);
  std::ifstream in(path, std::ios::binary);
  const std::string all{std::istreambuf_iterator<char>(in), {}};
  std::filesystem::remove(path);
  const auto frames = blocks(all, frame_block);
  REQUIRE(frames.size() == 5);
  CHECK(frames.front()[28] == 15);
  CHECK(frames.back()[28] == 19);
  r.finish(101);
}

}  // namespace
