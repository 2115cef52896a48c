#include "kernel/pci/function.hpp"

#include <doctest/doctest.h>

#include <random>
#include <vector>

#include "kernel/pci/fake_functions.hpp"
#include "kernel/pci/msix.hpp"

using namespace aster::kernel::pci;
using testing::fake_function;
using testing::fake_functions;

namespace {

std::vector<address> walk(config_space& config) {
  std::vector<address> seen;
  for_each_function(config, [&](const function& f) {
    seen.push_back(f.at());
    return true;
  });
  return seen;
}

}  // namespace

TEST_CASE("functions are found on bus 0 and behind bridges, several to a device only where it says so") {
  fake_functions config;
  config.all = {fake_function({0, 0, 0}), fake_function({0, 3, 0}), fake_function({0, 3, 1}),
                fake_function({0, 31, 0}), fake_function({0, 31, 2}), fake_function({2, 1, 0})};
  config.all[3].put8(0x0e, 0x80);
  CHECK(walk(config) == std::vector<address>{{0, 0, 0}, {0, 3, 0}, {0, 31, 0}, {0, 31, 2}});
  config.all[1].put8(0x0e, 1);
  config.all[1].put8(0x19, 2);
  CHECK(walk(config) == std::vector<address>{{0, 0, 0}, {0, 3, 0}, {2, 1, 0}, {0, 31, 0}, {0, 31, 2}});
}

TEST_CASE("bridges that lead in a circle end the walk") {
  fake_functions config;
  config.all = {fake_function({0, 1, 0}), fake_function({1, 1, 0})};
  for (auto& f : config.all) f.put8(0x0e, 1);
  config.all[0].put8(0x19, 1);
  config.all[1].put8(0x19, 0);
  CHECK(walk(config).size() == 2);
  config.all[1].put8(0x19, 1);
  CHECK(walk(config).size() == 2);
}

TEST_CASE("a machine without PCI has no functions") {
  fake_functions config;
  CHECK(walk(config).empty());
}

TEST_CASE("a region is measured without the function answering meanwhile, and is where the firmware put it") {
  fake_functions config;
  config.all = {fake_function({0, 1, 0})};
  auto& f = config.all[0];
  f.put16(0x04, 0x103);
  f.memory(1, 0xfebc0000, 0x1000);
  f.wide_memory(4, 0x8'febf'c000, 0x4000);
  const auto before = f.bytes;
  free_window window;
  const function seen(config, {0, 1, 0});
  CHECK(seen.bar(1, window) == region{0xfebc0000, 0x1000});
  CHECK(seen.bar(4, window) == region{0x8'febf'c000, 0x4000});
  CHECK(f.bytes == before);
  CHECK(config.measured_while_decoding == 0);
  CHECK_FALSE(seen.bar(5, window));  // the upper half of 4
  CHECK_FALSE(seen.bar(0, window));  // absent
  CHECK_FALSE(seen.bar(6, window));
  CHECK_FALSE(seen.bar(200, window));
  CHECK(f.bytes == before);
  seen.enable_memory_and_mastering();
  CHECK(seen.read16(0x04) == (0x103 | 2 | 4 | 0x400));
}

TEST_CASE("a region that the firmware left out is placed, aligned to its size, above the one before") {
  fake_functions config;
  config.all = {fake_function({0, 1, 0})};
  config.all[0].memory(0, 0, 0x1000);
  config.all[0].wide_memory(2, 0, 0x10000);
  free_window window;
  const function f(config, {0, 1, 0});
  CHECK(f.bar(0, window) == region{0xc0000000, 0x1000});
  CHECK(f.bar(2, window) == region{0xc0010000, 0x10000});
  CHECK(f.bar(0, window) == region{0xc0000000, 0x1000});  // it stays there
  CHECK(config.all[0].get32(0x18) == 0xc001000c);

  free_window narrow({0xc0000000, 0x1000});
  config.all[0].memory(0, 0, 0x2000);
  CHECK_FALSE(f.bar(0, narrow));
}

TEST_CASE("ports are not memory") {
  fake_functions config;
  config.all = {fake_function({0, 1, 0})};
  config.all[0].put32(0x10, 0xc041);
  free_window window;
  CHECK_FALSE(function(config, {0, 1, 0}).bar(0, window));
}

TEST_CASE("capabilities are read in list order, and a list that bites its tail ends") {
  fake_functions config;
  config.all = {fake_function({0, 1, 0})};
  auto& f = config.all[0];
  int n = 0;
  const auto count = [&](capability) { return ++n, true; };
  function(config, {0, 1, 0}).for_each_capability(count);
  CHECK(n == 0);
  f.capability(0x50, 0x05);
  f.capability(0x40, 0x09);
  std::vector<int> ids;
  function(config, {0, 1, 0}).for_each_capability([&](capability c) { return ids.push_back(c.id), true; });
  CHECK(ids == std::vector<int>{9, 5});
  f.put8(0x51, 0x40);
  function(config, {0, 1, 0}).for_each_capability(count);
  CHECK(n == 48);
  f.put8(0x34, 0x08);  // into the header
  n = 0;
  function(config, {0, 1, 0}).for_each_capability(count);
  CHECK(n == 0);
}

TEST_CASE("an MSI-X table is used where it fits into its region") {
  const auto with_table_at = [](std::uint32_t place, std::uint16_t vectors) {
    fake_function f({0, 1, 0});
    f.memory(1, 0xfebc0000, 0x1000);
    f.capability(0x98, 0x11, {static_cast<std::uint8_t>(vectors - 1), static_cast<std::uint8_t>((vectors - 1) >> 8),
                              static_cast<std::uint8_t>(place), static_cast<std::uint8_t>(place >> 8),
                              static_cast<std::uint8_t>(place >> 16), static_cast<std::uint8_t>(place >> 24)});
    return f;
  };
  free_window window;
  fake_functions config;
  const function f(config, {0, 1, 0});
  config.all = {with_table_at(0x800 | 1, 4)};
  const auto found = msix::find(f, window);
  REQUIRE(found);
  CHECK(found->size() == 4);
  CHECK(found->table() == region{0xfebc0800, 64});
  found->enable();
  CHECK(f.read16(0x9a) == (0x8000 | 3));

  alignas(16) std::uint32_t table[16]{};
  msix::write(table, 2, 0xfee01000, 0x41);
  CHECK(table[8] == 0xfee01000);
  CHECK(table[9] == 0);
  CHECK(table[10] == 0x41);
  CHECK(table[11] == 0);
  CHECK(table[4] == 0);

  for (const std::uint32_t bad : {0x1000u | 1, 0xff8u | 1, 0xffff'fff8u | 1, 0u | 2, 0u | 7}) {
    CAPTURE(bad);
    config.all = {with_table_at(bad, 4)};
    CHECK_FALSE(msix::find(f, window));
  }
  config.all = {with_table_at(0 | 1, 2048)};  // 32 KiB in 4 KiB
  CHECK_FALSE(msix::find(f, window));
}

TEST_CASE("any bytes can be a configuration space") {
  for (unsigned seed = 0; seed < 3000; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    fake_functions config;
    config.all = {fake_function({0, 1, 0})};
    for (auto& b : config.all[0].bytes) b = static_cast<std::uint8_t>(random());
    for (auto& b : config.all[0].writable_bar_bits) b = static_cast<std::uint32_t>(random());
    free_window window;
    const function f(config, {0, 1, 0});
    (void)walk(config);
    for (unsigned i = 0; i < 8; ++i)
      if (const auto bar = f.bar(i, window)) {
        REQUIRE(bar->bytes != 0);
        REQUIRE(bar->base + bar->bytes > bar->base);
      }
    if (const auto found = msix::find(f, window)) REQUIRE(found->table().bytes == found->size() * 16);
  }
}
