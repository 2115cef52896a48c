#include "kernel/virtio/mmio.hpp"

#include <doctest/doctest.h>

#include <cstring>

#include "kernel/virtio/fake_network.hpp"

using namespace aster::kernel::virtio;

TEST_CASE("a slot is read as Linux writes it on its command line") {
  struct {
    const char* text;
    std::optional<mmio_slot> slot;
  } const cases[] = {
      {"512@0xfeb00e00:12", mmio_slot{0xfeb00e00, 12}},
      {"0x200@0xfeb00000:5", mmio_slot{0xfeb00000, 5}},
      {"4K@0xd0000000:5", mmio_slot{0xd0000000, 5}},  // Firecracker
      {"1M@4096:0", mmio_slot{4096, 0}},
      {"", {}},
      {"512", {}},
      {"512@", {}},
      {"512@0xfeb00e00", {}},
      {"512@0xfeb00e00:", {}},
      {"512@0xfeb00e00:5:6", {}},
      {"512@0xfeb00e00:-5", {}},
      {"511@0xfeb00e00:5", {}},                // no room for the registers
      {"512@0xfeb00e01:5", {}},                // not aligned
      {"512@0xfeb00e00:256", {}},              // no such line
      {"512@0x10000000000000000:5", {}},       // more than 64 bits
      {"18446744073709551615M@0x1000:5", {}},
      {"G@0x1000:5", {}},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    CHECK(mmio_slot::parse(c.text) == c.slot);
  }
}

TEST_CASE("the slots of microvm lie one after the other") {
  CHECK(microvm_slot(0, 24) == mmio_slot{0xfeb00000, 24});
  CHECK(microvm_slot(23, 24) == mmio_slot{0xfeb02e00, 47});
  CHECK(microvm_slot(7, 5) == mmio_slot::parse("512@0xfeb00e00:12"));
}

TEST_CASE("a probe tells an empty slot, a legacy and a modern device apart") {
  alignas(8) std::uint32_t registers[128]{};
  using presence = mmio_transport::presence;
  CHECK(mmio_transport::probe(registers).what == presence::nothing);
  registers[0] = 0x74726976;
  registers[1] = 2;
  CHECK(mmio_transport::probe(registers).what == presence::nothing);  // no device in it
  registers[2] = 4;
  CHECK(mmio_transport::probe(registers).what == presence::modern);
  CHECK(mmio_transport::probe(registers).device == 4);
  registers[1] = 1;
  CHECK(mmio_transport::probe(registers).what == presence::legacy);
  registers[1] = 3;
  CHECK(mmio_transport::probe(registers).what == presence::nothing);
}

TEST_CASE("registers are where the specification puts them") {
  alignas(8) std::uint32_t registers[128]{};
  testing::test_environment env;
  mmio_transport device(env, {0xfeb00000, 24}, registers);

  device.set_status(7);
  CHECK(registers[0x70 / 4] == 7);
  device.notify(1);
  CHECK(registers[0x50 / 4] == 1);
  device.accept_features(0x12345678'9abcdef0);
  CHECK(registers[0x24 / 4] == 1);
  CHECK(registers[0x20 / 4] == 0x12345678);
  registers[0x34 / 4] = 1024;
  CHECK(device.largest_queue(1) == 1024);
  registers[0x34 / 4] = 0xffff'ffff;
  CHECK(device.largest_queue(1) == 32768);
  CHECK(device.enable_queue(1, 64, {.descriptors = 0x1'0000'2000, .available = 0x1'0000'3000, .used = 0x1'0000'4000}));
  CHECK(registers[0x30 / 4] == 1);
  CHECK(registers[0x38 / 4] == 64);
  CHECK(registers[0x80 / 4] == 0x2000);
  CHECK(registers[0x84 / 4] == 1);
  CHECK(registers[0x90 / 4] == 0x3000);
  CHECK(registers[0xa0 / 4] == 0x4000);
  CHECK(registers[0x44 / 4] == 1);
  CHECK(device.largest_queue(1) == 0);  // in use
  registers[0x100 / 4] = 0x04030201;
  CHECK(device.configuration8(2) == 3);
  CHECK(device.configuration16(2) == 0x0403);
  CHECK(device.configuration8(0x1000) == 0);
  CHECK(device.configuration16(0xff) == 0);
}

TEST_CASE("an interrupt is acknowledged to the device before the driver hears of it") {
  alignas(8) std::uint32_t registers[128]{};
  testing::test_environment env;
  mmio_transport device(env, {0xfeb00000, 31}, registers);
  struct {
    const std::uint32_t* acknowledged;
    std::uint32_t seen = 0;
  } heard{&registers[0x64 / 4]};
  REQUIRE(device.connect_interrupt(
      [](void* argument) {
        auto& h = *static_cast<decltype(heard)*>(argument);
        h.seen = *h.acknowledged;
      },
      &heard));
  CHECK(env.line == 31);
  env.raise();
  CHECK(heard.seen == 3);
}
