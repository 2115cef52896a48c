#include "host/sandbox/options.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace {

using namespace aster;
using namespace aster::host::sandbox;

/// The outcome of a command line: the options, or "WORD CAUSE".
struct outcome {
  options given;
  std::string image;
  std::string error;
};

outcome read(std::vector<std::string> words, std::vector<std::string> environment = {}) {
  words.insert(words.begin(), "aster-sandbox");
  std::vector<char*> arguments, variables;
  for (auto& w : words) arguments.push_back(w.data());
  for (auto& e : environment) variables.push_back(e.data());
  variables.push_back(nullptr);
  outcome result;
  if (const auto done = read_options(arguments, variables.data(), result.given); !done) {
    result.error = std::string(done.error().word) + " " + std::string(done.error().reason.cause);
  }
  if (result.given.image != nullptr) result.image = result.given.image;
  return result;
}

std::string boot_line(const outcome& o) { return {o.given.boot_line.data(), o.given.boot_line_size}; }

TEST_CASE("an image alone gets the defaults") {
  const auto o = read({"hello"});
  CHECK(o.error.empty());
  CHECK(o.image == "hello");
  CHECK(o.given.budget == 64u << 20);
  CHECK(o.given.control == -1);
  CHECK(o.given.device_count == 0);
  CHECK(!o.given.debug);
}

TEST_CASE("options end at the image, and its arguments go into the boot line") {
  const auto o = read(
      {"-m", "8M", "--control", "7", "--device", "9", "--device", "8", "--debug", "hello", "-m", "a b,%"});
  CHECK(o.error.empty());
  CHECK(o.given.budget == 8u << 20);
  CHECK(o.given.control == 7);
  REQUIRE(o.given.device_count == 2);
  CHECK(o.given.devices[0] == 9);
  CHECK(o.given.devices[1] == 8);
  CHECK(o.given.debug);
  CHECK(boot_line(o) == "arg=hello arg=-m arg=a%20b%2C%25");
}

TEST_CASE("ASTER_BOOT is the boot line when it is there") {
  CHECK(boot_line(read({"hello", "ignored"}, {"HOME=/", "ASTER_BOOTS=x", "ASTER_BOOT=arg=a strace"})) ==
        "arg=a strace");
}

TEST_CASE("bad command lines name the word") {
  CHECK(read({}).error == "IMAGE is missing");
  CHECK(read({"-x", "hello"}).error == "-x is not an option");
  CHECK(read({"-m"}).error == "-m needs a value");
  CHECK(read({"-m", "much", "hello"}).error == "much is not an amount of memory");
  CHECK(read({"--control", "3x", "hello"}).error == "3x is not a descriptor");
  CHECK(read({"--device", "99999999999", "hello"}).error == "99999999999 is not a descriptor");
  std::vector<std::string> many;
  for (int i = 0; i < 13; ++i) many.insert(many.end(), {"--device", "5"});
  CHECK(read(many).error == "5 is one device too many");
  CHECK(read({"hello"}, {"ASTER_BOOT=" + std::string(3000, 'x')}).error ==
        "the boot line is longer than 2048 bytes");
}

TEST_CASE("amounts of memory") {
  CHECK(read_bytes("4096") == 4096u);
  CHECK(read_bytes("16k") == 16u << 10);
  CHECK(read_bytes("64M") == 64u << 20);
  CHECK(read_bytes("2G") == 2ull << 30);
  for (const char* bad : {"", "M", "1MB", "-1", "1.5G", "99999999999999999999", "99999999G", " 1"}) {
    CAPTURE(bad);
    CHECK(!read_bytes(bad));
  }
}

}  // namespace
