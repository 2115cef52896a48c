#include "kernel/boot_options.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>

using namespace aster::kernel;

namespace {

constexpr const char* a_network = "net=service,mac=52:54:00:12:34:56";

std::unique_ptr<boot_options> parsed(std::string_view line) {
  auto all = std::make_unique<boot_options>();
  INFO(line);
  const bool good = all->parse(line);
  if (!good) INFO(all->error);
  REQUIRE(good);
  return all;
}

/// "error: token" of a line that is refused.
std::string refused(std::string_view line) {
  auto all = std::make_unique<boot_options>();
  if (all->parse(line)) return "accepted";
  return std::string(all->error) + ": " + std::string(all->error_token);
}

std::string repeated(std::string_view token, std::size_t times) {
  std::string line;
  for (std::size_t i = 0; i < times; ++i) line.append(token).append(" ");
  return line;
}

}  // namespace

TEST_CASE("an empty line asks for nothing") {
  for (const char* line : {"", " ", "     "}) {
    const auto all = parsed(line);
    CHECK(all->argument_count == 0);
    CHECK(all->arguments[0] == nullptr);
    CHECK(all->environment_count == 0);
    CHECK(all->network_count == 0);
    CHECK_FALSE(all->has_control);
    CHECK_FALSE(all->strace);
  }
}

TEST_CASE("arguments and variables come decoded and in order, ended by null") {
  const auto all = parsed("arg=hello  arg=a%20b%25%2c arg= arg env=A=1 env=B=x=y%0a");
  REQUIRE(all->argument_count == 4);
  CHECK(all->arguments[0] == std::string("hello"));
  CHECK(all->arguments[1] == std::string("a b%,"));
  CHECK(all->arguments[2] == std::string());
  CHECK(all->arguments[3] == std::string());
  CHECK(all->arguments[4] == nullptr);
  REQUIRE(all->environment_count == 2);
  CHECK(all->environment[0] == std::string("A=1"));
  CHECK(all->environment[1] == std::string("B=x=y\n"));
  CHECK(all->environment[2] == nullptr);
}

TEST_CASE("every byte but NUL can be passed") {
  std::string line = "arg=", expected;
  for (int c = 1; c < 256; ++c) {
    char code[4];
    std::snprintf(code, sizeof code, c % 2 ? "%%%02x" : "%%%02X", static_cast<unsigned>(c));
    line += code;
    expected += static_cast<char>(c);
  }
  CHECK(parsed(line)->arguments[0] == expected);
  CHECK(refused("arg=a%00b") == "bad encoding: a%00b");
}

TEST_CASE("an escape that is cut short or no number is an error") {
  for (const char* bad : {"%", "a%", "%4", "a%4", "%zz", "%4z", "%z4", "%%41"}) {
    CAPTURE(bad);
    CHECK(refused("arg=" + std::string(bad)) == "bad encoding: " + std::string(bad));
    CHECK(refused("env=" + std::string(bad)) == "bad encoding: " + std::string(bad));
    CHECK(refused("net=" + std::string(bad) + ",mac=52:54:00:12:34:56") ==
          "bad device name: " + std::string(bad));
    CHECK(refused(a_network + std::string(",ip=") + bad) == "bad value: ip=" + std::string(bad));
  }
}

TEST_CASE("a network device has what the line says and sensible values for the rest") {
  const auto plain = parsed(a_network);
  REQUIRE(plain->network_count == 1);
  const auto& network = plain->networks[0];
  CHECK(network.name == std::string("service"));
  CHECK(network.mac == std::array<std::uint8_t, 6>{0x52, 0x54, 0x00, 0x12, 0x34, 0x56});
  CHECK(network.mtu == 1500);
  CHECK(network.descriptor == 0);
  CHECK_FALSE((network.checksum || network.tso4 || network.tso6 || network.receive));
  CHECK(network.configuration == nullptr);

  const auto full = parsed(
      "net=a,mtu=9000,fd=7,offload=checksum+tso4+tso6+receive,ip=10.0.0.2/"
      "24,gateway=10.0.0.1,dns=1.1.1.1,mac=AA:bb:0c:0D:ee:ff "
      "net=b,dns=9.9.9.9,mac=02:00:00:00:00:01,offload=tso6,ip6=2001:db8::2/64,gateway6=fe80::1");
  REQUIRE(full->network_count == 2);
  const auto& first = full->networks[0];
  CHECK(first.mac == std::array<std::uint8_t, 6>{0xaa, 0xbb, 0x0c, 0x0d, 0xee, 0xff});
  CHECK(first.mtu == 9000);
  CHECK(first.descriptor == 7);
  CHECK((first.checksum && first.tso4 && first.tso6 && first.receive));
  CHECK(first.configuration == std::string("ip=10.0.0.2/24,gateway=10.0.0.1,dns=1.1.1.1"));
  const auto& second = full->networks[1];
  CHECK(second.name == std::string("b"));
  CHECK(second.configuration == std::string("dns=9.9.9.9,ip6=2001:db8::2/64,gateway6=fe80::1"));
  CHECK((second.tso6 && !second.tso4 && !second.checksum && !second.receive));
}

TEST_CASE("what a network device cannot be") {
  const auto with = [](const char* what) { return refused(a_network + std::string(what)); };
  CHECK(refused("net=") == "bad device name: ");
  CHECK(refused("net") == "bad device name: ");
  CHECK(refused("net=,mac=52:54:00:12:34:56") == "bad device name: ");
  CHECK(refused("net=service") == "network device without mac=: service");
  const std::string longest(aster::abi::device_name_capacity - 1, 'n');
  CHECK(parsed("net=" + longest + ",mac=02:00:00:00:00:01")->networks[0].name == longest);
  CHECK(refused("net=n" + longest + ",mac=02:00:00:00:00:01") == "bad device name: n" + longest);
  for (const char* mac : {"", "52:54:00:12:34", "52:54:00:12:34:5", "52:54:00:12:34:567", "52-54-00-12-34-56",
                          "52:54:00:12:34:5g", "53:54:00:12:34:56", "ff:ff:ff:ff:ff:ff"}) {
    CAPTURE(mac);
    CHECK(refused("net=a,mac=" + std::string(mac)) == "bad MAC address: mac=" + std::string(mac));
  }
  CHECK(with(",mtu=67") == "bad MTU (68 to 65535): mtu=67");
  CHECK(with(",mtu=65536") == "bad MTU (68 to 65535): mtu=65536");
  CHECK(with(",mtu=") == "bad MTU (68 to 65535): mtu=");
  CHECK(with(",mtu=1e3") == "bad MTU (68 to 65535): mtu=1e3");
  CHECK(with(",fd=-1") == "bad descriptor: fd=-1");
  CHECK(with(",fd=1048577") == "bad descriptor: fd=1048577");
  CHECK(with(",fd=4294967299") == "bad descriptor: fd=4294967299");
  CHECK(with(",offload=checksums") == "unknown offload: offload=checksums");
  CHECK(with(",offload=+") == "unknown offload: offload=+");
  CHECK(with(",speed=10") == "unknown key of a network device: speed=10");
  CHECK(with(",,mtu=1500") == "unknown key of a network device: ");
}

TEST_CASE("the control channel, the trace and what QEMU adds") {
  const auto all =
      parsed("control=3 strace virtio_mmio.device=512@0xfeb00e00:12 virtio_mmio.device=4K@0xd0000000:5");
  CHECK(all->has_control);
  CHECK(all->control == 3);
  CHECK(all->strace);
  CHECK(refused("control") == "bad descriptor: ");
  CHECK(refused("control=x") == "bad descriptor: x");
  CHECK(refused("control=1048577") == "bad descriptor: 1048577");
}

TEST_CASE("an unknown key is named") {
  CHECK(refused("quiet") == "unknown key: quiet");
  CHECK(refused("arg=a root=/dev/sda") == "unknown key: root");
  CHECK(refused("=a") == "unknown key: ");
  CHECK(refused("ARG=a") == "unknown key: ARG");
  CHECK(refused("arg=a\targ=b") == "accepted");  // only spaces separate
}

TEST_CASE("as many as fit, and not one more") {
  const auto arguments = parsed(repeated("arg=a", boot_options::argument_limit));
  CHECK(arguments->argument_count == boot_options::argument_limit);
  CHECK(arguments->arguments[boot_options::argument_limit] == nullptr);
  CHECK(refused(repeated("arg=a", boot_options::argument_limit + 1)) == "too many arguments: a");
  CHECK(refused(repeated("env=A=a", boot_options::environment_limit + 1)) == "too many variables: A=a");
  const std::string networks = repeated(a_network, aster::abi::device_limit);
  CHECK(parsed(networks)->network_count == aster::abi::device_limit);
  CHECK(refused(networks + a_network).starts_with("too many network devices: "));
}

TEST_CASE("a line of the greatest length is taken whole") {
  const std::string line = "arg=" + std::string(aster::abi::boot_line_limit - 4, 'x');
  CHECK(std::string(parsed(line)->arguments[0]).size() == aster::abi::boot_line_limit - 4);
  CHECK(refused(line + "x") == "boot line too long: " + line.substr(0, 32));
}
