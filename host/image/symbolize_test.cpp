#include "host/image/symbolize.hpp"

#include <doctest/doctest.h>

// The test program is its own subject: built with debug information, at a random address.
extern "C" const char __ehdr_start;

namespace {

std::uint64_t offset_of(const void* address) {
  return static_cast<std::uint64_t>(static_cast<const char*>(address) - &__ehdr_start);
}

}  // namespace

namespace constellation {

const unsigned first_line = __LINE__ + 1;
[[gnu::noinline]] const void* lyra() {
  asm volatile("");
  return __builtin_return_address(0);
}
[[gnu::noinline]] const void* vega() {
  const void* address = lyra();
  asm volatile("" : "+r"(address));  // no tail call
  return address;
}

}  // namespace constellation

TEST_CASE("an address inside a namespace gets its function, file and line") {
  const std::uint64_t offsets[] = {offset_of(reinterpret_cast<const void*>(&constellation::lyra))};
  const auto frames = aster::host::symbolize("/proc/self/exe", offsets);
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].offset == offsets[0]);
  CHECK(frames[0].function == "constellation::lyra()");
  CHECK(frames[0].file.ends_with("host/image/symbolize_test.cpp"));
  CHECK(frames[0].line >= constellation::first_line);  // with optimization, of its first statement
  CHECK(frames[0].line <= constellation::first_line + 2);
  CHECK_FALSE(frames[0].inlined);
}

TEST_CASE("a return address less one lies in the call's line") {
  const std::uint64_t offsets[] = {offset_of(constellation::vega()) - 1};
  const auto frames = aster::host::symbolize("/proc/self/exe", offsets);
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].function == "constellation::vega()");
  CHECK(frames[0].line == constellation::first_line + 5);
}

TEST_CASE("what is unknown stays an offset, in its place") {
  const std::uint64_t offsets[] = {0, offset_of(reinterpret_cast<const void*>(&constellation::lyra)), ~0ull};
  const auto frames = aster::host::symbolize("/proc/self/exe", offsets);
  REQUIRE(frames.size() == 3);
  CHECK(to_string(frames[0]) == "image+0x0");
  CHECK(frames[1].function == "constellation::lyra()");
  CHECK(to_string(frames[2]) == "image+0xffffffffffffffff");
}

TEST_CASE("an image that is not there leaves offsets") {
  const std::uint64_t offsets[] = {0x1234};
  const auto frames = aster::host::symbolize("/nonexistent", offsets);
  REQUIRE(frames.size() == 1);
  CHECK(to_string(frames[0]) == "image+0x1234");
}

TEST_CASE("names read as in the source") {
  using aster::host::demangle;
  CHECK(demangle("_ZN13constellation4lyraEv") == "constellation::lyra()");
  CHECK(demangle("_ZNSt3__16vectorIiNS_9allocatorIiEEE9push_backB8ne190107EOi") ==
        "std::vector<int, std::allocator<int>>::push_back(int&&)");
  CHECK(demangle("printf") == "printf");
  CHECK(demangle("_Znonsense") == "_Znonsense");
}

TEST_CASE("types read as in the source") {
  using aster::host::demangle_type;
  CHECK(demangle_type("i") == "int");
  CHECK(demangle_type("PKc") == "char const*");
  CHECK(demangle_type("St13runtime_error") == "std::runtime_error");
  CHECK(demangle_type("NSt3__112system_errorE") == "std::system_error");
  CHECK(demangle_type("N12_GLOBAL__N_14oopsE") == "(anonymous namespace)::oops");
  CHECK(demangle_type("") == "");
  CHECK(demangle_type("no type") == "no type");
}

TEST_CASE("a type's name that doubles itself again and again is left alone") {
  std::string name = "1aI1bIiE";  // b<int> is S1_; each step is a b<> of the one before, twice
  for (const char step : std::string_view{"123456789ABCDEFGHIJKLMNOP"}) {
    name += std::string{"S0_IS"} + step + "_S" + step + "_E";
  }
  name += "E";
  CHECK(aster::host::demangle_type(name) == name);
}

TEST_CASE("what looks like an ABI tag without end stays") {
  CHECK(aster::host::demangle("[abi:") == "[abi:");
  CHECK(aster::host::demangle("f[abi:ne1]x[abi:") == "fx[abi:");
}
