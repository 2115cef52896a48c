#include "host/image/image.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <random>
#include <string>

#include "host/image/sample_image.hpp"

using namespace aster;
using namespace aster::host;

namespace {

std::expected<image, image_error> read(std::span<const std::byte> bytes) {
  return read_image(memory_source{bytes}, "sample");
}

image_error error_of(std::span<const std::byte> bytes) {
  auto result = read(bytes);
  REQUIRE_FALSE(result.has_value());
  // Every message is one line that begins with the file's name.
  CHECK(result.error().text.starts_with("sample: "));
  CHECK_FALSE(result.error().text.contains('\n'));
  return result.error();
}

image_error error_of(const sample::plan& plan) { return error_of(sample::build(plan)); }

std::span<const std::byte> text(std::string_view s) { return std::as_bytes(std::span{s}); }

template <class Change>
sample::plan changed(Change change) {
  sample::plan plan = sample::good();
  change(plan);
  return plan;
}

}  // namespace

TEST_CASE("a good image is read with its entries, devices and hardening") {
  const auto result = read(sample::build(sample::good()));
  REQUIRE_MESSAGE(result.has_value(), result.error().text);
  CHECK(result->abi_version == abi::abi_version);
  CHECK(result->devices == std::vector<device>{{abi::device_kind::net, "service"}});
  CHECK(result->entries.process == 0x1000);
  CHECK(result->entries.sandbox == 0x1000);
  CHECK(result->entries.sandbox_restorer == 0x1000);
  CHECK(result->entries.pvh == 0x1000);
  CHECK(result->sealed);
  CHECK(result->span == 0x3000);
  CHECK(result->build_id == "abcdef");
  CHECK(result->hardening.static_pie);
  CHECK(result->hardening.write_xor_execute);
  CHECK(result->hardening.relro);
  CHECK(result->hardening.bind_now);
  CHECK(result->hardening.no_execute_stack);
  CHECK_FALSE(result->debug_file.has_value());
}

TEST_CASE("a file that is no ELF file is named as such") {
  for (const char* content : {"", "hello", "#!/bin/sh\n",
                              "\x7f"
                              "ELK"}) {
    const image_error error = error_of(text(content));
    CHECK(error.fault == image_fault::not_elf);
  }
  CHECK(error_of(text("plain text")).text ==
        "sample: not an ELF file; give the image that 'aster build' made");
}

TEST_CASE("an image cut short at any byte is recognised") {
  const auto whole = sample::build(sample::good());
  for (std::size_t size = 1; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK(error_of(std::span{whole}.first(size)).fault == image_fault::cut_short);
  }
}

TEST_CASE("another machine's program is refused") {
  CHECK(error_of(changed([](auto& p) { p.machine = 183; })).text ==
        "sample: built for another machine (ELF machine 183); images are built for 64-bit x86");
  auto narrow = sample::build(sample::good());
  narrow[4] = std::byte{1};
  CHECK(error_of(narrow).fault == image_fault::wrong_machine);
}

TEST_CASE("what is no image of ours is told apart") {
  SUBCASE("a Linux program") {
    const auto error = error_of(changed([](auto& p) { p.notes.clear(); }));
    CHECK(error.fault == image_fault::no_note);
    CHECK(error.text.contains("built for Linux, not with asterism_image()"));
  }
  SUBCASE("an object file") {
    const auto error = error_of(changed([](auto& p) { p.notes.clear(), p.type = 1; }));
    CHECK(error.text.contains("an object file"));
  }
  SUBCASE("a Solo5 image") {
    const auto error = error_of(changed([](auto& p) {
      const std::uint32_t abi[] = {2, 2, 0, 0};
      p.notes = {{"Solo5", 0x31494241, sample::bytes_of(abi)}};
    }));
    CHECK(error.fault == image_fault::solo5);
    CHECK(error.text.contains("a Solo5 image for spt; run it with solo5-spt"));
  }
  SUBCASE("the side file with debug information") {
    const auto error = error_of(changed([](auto& p) { p.text_without_bytes = true; }));
    CHECK(error.text.contains("debug information only"));
  }
}

TEST_CASE("only a static position-independent executable is an image") {
  CHECK(error_of(changed([](auto& p) { p.type = 2; })).fault == image_fault::not_static_pie);
  CHECK(error_of(changed([](auto& p) { p.interpreter = true; })).fault == image_fault::not_static_pie);
  CHECK(error_of(changed([](auto& p) { p.needs_library = true; })).fault == image_fault::not_static_pie);
}

TEST_CASE("memory that is writable and executable is refused") {
  CHECK(error_of(changed([](auto& p) { p.code_flags = 7; })).text.contains("both writable and executable"));
}

TEST_CASE("another version of the interface is refused with the mend") {
  const auto newer = error_of(changed([](auto& p) { p.notes[0] = sample::image_note(2); }));
  CHECK(newer.fault == image_fault::other_version);
  CHECK(newer.text.contains("install a newer Asterism"));
  const auto older = error_of(changed([](auto& p) { p.notes[0] = sample::image_note(0); }));
  CHECK(older.fault == image_fault::other_version);
  CHECK(older.text.contains("build the image again"));
}

TEST_CASE("a corrupt manifest is refused, whatever is wrong with it") {
  struct {
    const char* cause;
    void (*change)(sample::plan&);
  } const cases[] = {
      {"more than one image note", [](auto& p) { p.notes.push_back(sample::image_note()); }},
      {"the image note has 16 bytes", [](auto& p) { p.notes[0].description.resize(16); }},
      {"the image note is too short", [](auto& p) { p.notes[0].description.resize(2); }},
      {"the sandbox entry lies outside of the code",
       [](auto& p) { std::memset(p.notes[0].description.data() + 4, 0, 4); }},
      {"the sandbox restorer lies outside of the code",
       [](auto& p) { std::memset(p.notes[0].description.data() + 16, 0x80, 4); }},
      {"a device note has 35 bytes", [](auto& p) { p.notes[1].description.pop_back(); }},
      {"a device note has 40 bytes", [](auto& p) { p.notes[1].description.resize(40); }},
      {"a device name", [](auto& p) { p.notes[1] = sample::device(""); }},
      {"a device name", [](auto& p) { p.notes[1] = sample::device("Service"); }},
      {"a device name", [](auto& p) { p.notes[1] = sample::device("a b"); }},
      {"a device name", [](auto& p) { p.notes[1] = sample::device(std::string(32, 'a')); }},
      {"a device name", [](auto& p) { p.notes[1] = sample::device(std::string{"a\0b", 3}); }},
      {"device 'service' is of unknown kind 7",
       [](auto& p) { p.notes[1] = sample::device("service", static_cast<abi::device_kind>(7)); }},
      {"device 'service' is named twice", [](auto& p) { p.notes.push_back(sample::device("service")); }},
      {"more than 12 devices",
       [](auto& p) {
         for (int i = 0; i < 12; ++i) p.notes.push_back(sample::device("d" + std::to_string(i)));
       }},
      {"the PVH entry lies outside of the code", [](auto& p) { p.pvh_entry = 0x2000; }},
      {"the PVH entry lies outside of the code", [](auto& p) { p.pvh_entry = ~std::uint64_t{0}; }},
      {"a segment's physical address", [](auto& p) { p.physical_base = 0x10'0000; }},
  };
  for (const auto& c : cases) {
    CAPTURE(c.cause);
    const auto error = error_of(changed(c.change));
    CHECK(error.fault == image_fault::bad_manifest);
    CHECK_MESSAGE(error.text.contains(c.cause), error.text);
  }
}

TEST_CASE("twelve devices are read, sorted by name") {
  const auto result = read(sample::build(changed([](auto& p) {
    for (int i = 0; i < 11; ++i) p.notes.push_back(sample::device("d" + std::to_string(i)));
  })));
  REQUIRE(result.has_value());
  CHECK(result->devices.size() == 12);
  CHECK(result->devices.front().name == "d0");
  CHECK(result->find_device("d10") != nullptr);
  CHECK(result->find_device("absent") == nullptr);
}

TEST_CASE("an image that is not sealed is refused where it is to be started") {
  const auto bytes = sample::build(changed([](auto& p) { p.physical_base = 0; }));
  CHECK(error_of(bytes).fault == image_fault::not_sealed);
  const auto result = read_image(memory_source{bytes}, "sample", seal_state::either);
  REQUIRE(result.has_value());
  CHECK_FALSE(result->sealed);
  CHECK(result->entries.pvh == 0x1000);
}

TEST_CASE("a side file elsewhere is never followed") {
  for (const char* name : {"/etc/passwd", "../passwd", "..", "."}) {
    const auto bytes = sample::build(changed([name](auto& p) { p.debug_link = name; }));
    const auto result = read_image(memory_source{bytes}, "/etc/sample");
    REQUIRE(result.has_value());
    CHECK_FALSE(result->debug_file.has_value());
  }
}

TEST_CASE("what cannot be opened says why") {
  CHECK(read_image("/nonexistent/image").error().text ==
        "/nonexistent/image: no such file; build the image first with 'aster build'");
  CHECK(read_image("/").error().text == "/: a directory; give the image itself");
  CHECK(read_image("/dev/null").error().text == "/dev/null: not a regular file; give an image");
}

// The fuzz target (image_fuzz.cpp) explores further; this holds the floor in every run of the tests.
TEST_CASE("ten thousand mutations of an image never crash the reader") {
  constexpr unsigned seed = 20'26;
  CAPTURE(seed);
  std::mt19937 random{seed};
  const auto whole = sample::build(sample::good());
  for (int round = 0; round < 10'000; ++round) {
    auto bytes = whole;
    const unsigned changes = 1 + random() % 4;
    for (unsigned i = 0; i < changes; ++i) {
      // Headers and tables are where a change means something.
      const std::size_t places[] = {random() % 0x300, 0x400 + random() % 0x100, 0x2000 + random() % 0x300,
                                    random() % bytes.size()};
      const std::size_t at = places[random() % 4] % bytes.size();
      constexpr unsigned char values[] = {0, 1, 0x7f, 0x80, 0xff};
      bytes[at] = random() % 2 == 0 ? std::byte{values[random() % 5]} : static_cast<std::byte>(random());
    }
    if (random() % 8 == 0) bytes.resize(random() % bytes.size());
    const auto result = read(bytes);
    if (!result) CHECK(result.error().text.starts_with("sample: "));
  }
}
