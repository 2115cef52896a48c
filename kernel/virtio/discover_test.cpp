#include "kernel/virtio/discover.hpp"

#include <doctest/doctest.h>

#include <random>

#include "kernel/pci/fake_functions.hpp"
#include "kernel/virtio/fake_network.hpp"
#include "kernel/virtio/pci_transport.hpp"

using namespace aster::kernel;
using namespace aster::kernel::virtio;
using pci::testing::fake_function;
using pci::testing::fake_functions;

namespace {

constexpr mac_address ours{0x52, 0x54, 0x00, 0x00, 0x00, 0x07};

std::vector<std::uint8_t> structure(std::uint8_t kind, std::uint8_t bar, std::uint32_t offset, std::uint32_t length,
                                    std::uint32_t multiplier = 0) {
  std::vector<std::uint8_t> bytes{20, kind, bar, 0, 0, 0};
  for (const auto v : {offset, length, multiplier})
    for (int i = 0; i < 4; ++i) bytes.push_back(static_cast<std::uint8_t>(v >> 8 * i));
  return bytes;
}

// As QEMU's q35 shows a virtio-net-pci after SeaBIOS.
fake_function network_function(pci::address at, std::uint64_t memory, std::uint16_t id = 0x1041) {
  fake_function f(at, 0x1af4, id);
  f.put16(0x2e, 1);
  f.memory(1, static_cast<std::uint32_t>(memory + 0x10000), 0x1000);
  f.wide_memory(4, memory, 0x4000);
  f.capability(0x40, 9, structure(1, 4, 0, 0x1000));
  f.capability(0x50, 9, structure(3, 4, 0x1000, 0x1000));
  f.capability(0x60, 9, structure(4, 4, 0x2000, 0x1000));
  f.capability(0x70, 9, structure(2, 4, 0x3000, 0x1000, 4));
  f.capability(0x98, 0x11, {3, 0, 1, 0, 0, 0});
  return f;
}

struct pci_machine {
  virtio::testing::test_environment env;
  fake_functions config;
  pci::free_window window;
  std::array<found_network, 4> out{};

  // A network function whose registers are there, `mac` in its configuration.
  std::vector<std::byte>& add(const fake_function& f, std::uint64_t memory, const mac_address& mac) {
    config.all.push_back(f);
    env.registers.emplace_back(memory + 0x10000, std::vector<std::byte>(0x1000));
    env.registers.emplace_back(memory, std::vector<std::byte>(0x4000));
    std::memcpy(env.registers.back().second.data() + 0x2000, mac.data(), 6);
    return env.registers.back().second;
  }
  std::span<const found_network> find() { return std::span(out).first(find_networks(env, config, window, out)); }
};

}  // namespace

TEST_CASE("mmio: network devices are found from the last slot down, by their address") {
  virtio::testing::test_environment env;
  env.registers.emplace_back(0xfeb00000, std::vector<std::byte>(24 * 0x200));
  const auto put = [&](unsigned slot, std::uint32_t kind, std::uint32_t version, std::uint8_t last) {
    auto* at = env.registers[0].second.data() + slot * 0x200;
    const std::uint32_t head[3] = {0x74726976, version, kind};
    std::memcpy(at, head, sizeof head);
    const mac_address mac{0x52, 0x54, 0, 0, 0, last};
    std::memcpy(at + 0x100, mac.data(), 6);
  };
  for (unsigned i = 0; i < 24; ++i) put(i, 0, 2, 0);
  put(23, 1, 2, 7);
  put(22, 4, 2, 0);  // an entropy source
  put(21, 1, 1, 8);  // legacy
  put(3, 1, 2, 9);
  std::vector<mmio_slot> slots;
  for (unsigned i = 0; i < 24; ++i) slots.push_back(microvm_slot(i, 24));
  slots.push_back({0xdead0000, 1});  // not mapped

  std::array<found_network, 4> out{};
  const auto n = find_networks(env, slots, out);
  REQUIRE(n == 3);
  CHECK(out[0].slot == microvm_slot(23, 24));
  CHECK(out[0].mac == ours);
  CHECK(out[0].obstacle == nullptr);
  CHECK(out[1].slot == microvm_slot(21, 24));
  REQUIRE(out[1].obstacle != nullptr);
  CHECK(std::string_view(out[1].obstacle).contains("force-legacy=false"));
  CHECK(out[2].slot == microvm_slot(3, 24));
  const std::span<const found_network> found(out.data(), n);
  CHECK(with_mac(found, ours) == &out[0]);
  CHECK(with_mac(found, {1, 2, 3, 4, 5, 6}) == nullptr);
  CHECK(find_networks(env, slots, std::span(out).first(1)) == 1);  // no more than there is room for

  const auto refused = start_network(env, out[1], {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == out[1].obstacle);
}

TEST_CASE("pci: modern and transitional functions are found, others are left alone") {
  pci_machine m;
  m.add(network_function({0, 1, 0}, 0xfebf0000), 0xfebf0000, ours);
  m.add(network_function({0, 2, 0}, 0xfeb00000, 0x1000), 0xfeb00000, {0x52, 0x54, 0, 0, 0, 8});
  auto entropy = network_function({0, 3, 0}, 0xfea00000, 0x1044);
  m.add(entropy, 0xfea00000, {});
  m.config.all.push_back(fake_function({0, 31, 0}, 0x8086, 0x2918));
  const auto found = m.find();
  REQUIRE(found.size() == 2);
  CHECK(found[0].mac == ours);
  CHECK(found[0].obstacle == nullptr);
  CHECK(found[0].function == pci::address{0, 1, 0});
  CHECK(found[1].mac[5] == 8);
  CHECK(found[1].obstacle == nullptr);
  CHECK(m.config.read({0, 31, 0}, 4) == 0);
}

TEST_CASE("pci: the doorbell, the queue and the interrupt are where the function says") {
  pci_machine m;
  const auto place = m.env.registers.size();
  m.add(network_function({0, 1, 0}, 0xfebf0000), 0xfebf0000, ours);
  auto opened = pci_transport::open(m.env, pci::function(m.config, {0, 1, 0}), m.window);
  REQUIRE(opened);
  auto* table = m.env.registers[place].second.data();
  auto* memory = m.env.registers[place + 1].second.data();
  const auto get16 = [&](std::size_t at) {
    std::uint16_t v;
    std::memcpy(&v, memory + at, 2);
    return v;
  };
  REQUIRE(opened->connect_interrupt([](void*) {}, nullptr));
  std::uint32_t entry[4];
  std::memcpy(entry, table, sizeof entry);
  CHECK(entry[0] == 0xfee00000);
  CHECK(entry[2] == 0x31);
  CHECK(entry[3] == 0);
  CHECK(get16(0x10) == 0xffff);

  const std::uint16_t size = 512, notify_offset = 3;
  std::memcpy(memory + 0x18, &size, 2);
  std::memcpy(memory + 0x1e, &notify_offset, 2);
  CHECK(opened->largest_queue(1) == 512);
  CHECK(opened->largest_queue(4) == 0);
  REQUIRE(opened->enable_queue(1, 64, {.descriptors = 0x1'0000'2000, .available = 0x3000, .used = 0x4000}));
  CHECK(get16(0x16) == 1);
  CHECK(get16(0x18) == 64);
  CHECK(get16(0x1c) == 1);
  CHECK(get16(0x20) == 0x2000);
  CHECK(get16(0x24) == 1);
  CHECK(get16(0x28) == 0x3000);
  CHECK(get16(0x30) == 0x4000);
  opened->notify(1);
  CHECK(get16(0x3000 + 12) == 1);

  const std::uint16_t outside = 0x400;  // times four is the end of the structure
  std::memcpy(memory + 0x1e, &outside, 2);
  CHECK_FALSE(opened->enable_queue(1, 64, {}));
}

TEST_CASE("pci: structures that lie outside their region do not exist") {
  using error = pci_transport::open_error;
  const auto open_with = [](auto&& change) {
    pci_machine m;
    auto f = network_function({0, 1, 0}, 0xfebf0000);
    change(f);
    m.add(f, 0xfebf0000, ours);
    return pci_transport::open(m.env, pci::function(m.config, {0, 1, 0}), m.window);
  };
  const auto fails_with = [&](error e, auto&& change) {
    const auto opened = open_with(change);
    REQUIRE_FALSE(opened);
    CHECK(opened.error() == e);
  };
  CHECK(open_with([](fake_function&) {}));
  fails_with(error::legacy, [](fake_function& f) { f.put8(0x34, 0x98), f.put8(0x99, 0); });
  fails_with(error::bad_capabilities, [](fake_function& f) { f.put8(0x44, 6); });           // no such region
  fails_with(error::bad_capabilities, [](fake_function& f) { f.put8(0x44, 5); });           // half of one
  fails_with(error::bad_capabilities, [](fake_function& f) { f.put32(0x48, 0x4000); });     // begins at its end
  fails_with(error::bad_capabilities, [](fake_function& f) { f.put32(0x48, 0xffff'fff0); });
  fails_with(error::bad_capabilities, [](fake_function& f) { f.put32(0x4c, 0xffff'ffff); });  // longer than it
  fails_with(error::bad_capabilities, [](fake_function& f) { f.put32(0x4c, 0x37); });       // shorter than needed
  fails_with(error::bad_capabilities, [](fake_function& f) { f.put32(0x78, 0x3001); });     // notifications
  fails_with(error::no_message_interrupts, [](fake_function& f) { f.put8(0x98, 5); });
  fails_with(error::not_mapped, [](fake_function& f) { f.put32(0x20, 0x7000'000c); });      // RAM, say
}

TEST_CASE("pci: a configuration structure that is too short reads as zero beyond its end") {
  pci_machine m;
  auto f = network_function({0, 1, 0}, 0xfebf0000);
  f.put32(0x6c, 5);
  m.add(f, 0xfebf0000, {1, 2, 3, 4, 5, 6});
  auto opened = pci_transport::open(m.env, pci::function(m.config, {0, 1, 0}), m.window);
  REQUIRE(opened);
  CHECK(opened->configuration8(4) == 5);
  CHECK(opened->configuration8(5) == 0);
  CHECK(opened->configuration16(4) == 0);
}

TEST_CASE("pci: whatever the capabilities say, nothing outside the regions is touched") {
  for (unsigned seed = 0; seed < 3000; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    pci_machine m;
    auto f = network_function({0, 1, 0}, 0xfebf0000);
    for (int n = 1 + static_cast<int>(random() % 6); n > 0; --n)
      f.put8(0x34 + static_cast<unsigned>(random() % 0xcc), static_cast<std::uint8_t>(random()));
    auto& memory = m.add(f, 0xfebf0000, ours);
    for (std::size_t i = 0; i < 0x38; ++i) memory[i] = static_cast<std::byte>(random());
    auto opened = pci_transport::open(m.env, pci::function(m.config, {0, 1, 0}), m.window);
    if (!opened) continue;
    (void)opened->offered_features();
    for (std::size_t i = 0; i < 300; ++i) (void)opened->configuration8(i);
    if (!opened->connect_interrupt([](void*) {}, nullptr)) continue;
    for (std::uint16_t q = 0; q < 2; ++q)
      if (opened->enable_queue(q, 64, {})) opened->notify(q);
  }
}
