#include "host/run/boot_line.hpp"

#include <doctest/doctest.h>

#include "abi/boot_line.hpp"

namespace {

using namespace aster;
using namespace aster::host;

TEST_CASE("what is written can be read back by an image, whatever bytes it has") {
  std::string every_byte;
  for (int c = 1; c < 256; ++c) every_byte += static_cast<char>(c);
  boot_line line;
  line.argument("image");
  line.argument(every_byte);
  line.variable("A=b c");
  const auto text = line.finish();
  REQUIRE(text);

  std::string_view rest = *text;
  CHECK(abi::next_boot_token(rest)->value == "image");
  const auto token = abi::next_boot_token(rest);
  REQUIRE(token);
  CHECK(token->key == "arg");
  std::string decoded(512, '\0');
  const auto size = abi::percent_decode(token->value, decoded.data(), decoded.size());
  REQUIRE(size);
  CHECK(decoded.substr(0, *size) == every_byte);
  CHECK(abi::next_boot_token(rest)->value == "A=b%20c");
  CHECK(!abi::next_boot_token(rest));
}

TEST_CASE("a network device says what the target needs to find it") {
  attached_device device{.name = "service", .tap = {}, .configuration = "ip=10.0.2.15/24", .ports = {}};
  device.mac = {0x52, 0x54, 0, 0x12, 0x34, 0x56};
  boot_line sandbox, large;
  sandbox.network(device, 4, "checksum");
  CHECK(*sandbox.finish() == "net=service,mac=52:54:00:12:34:56,fd=4,offload=checksum,ip=10.0.2.15/24");
  device.mtu = 9000;
  large.network(device, 4, "");
  CHECK(*large.finish() == "net=service,mac=52:54:00:12:34:56,fd=4,mtu=9000,ip=10.0.2.15/24");
  device.mtu = 1500;
  device.configuration.clear();
  boot_line qemu;
  qemu.network(device, -1, "");
  qemu.flag("strace");
  qemu.number("control", 3);
  CHECK(*qemu.finish() == "net=service,mac=52:54:00:12:34:56 strace control=3");
}

TEST_CASE("a line that no image takes is an error with its size") {
  boot_line line;
  line.argument(std::string(3000, 'x'));
  const auto text = line.finish();
  REQUIRE(!text);
  CHECK(text.error().contains("3004 bytes"));
}

}  // namespace
