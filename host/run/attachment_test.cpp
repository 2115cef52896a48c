#include "host/run/attachment.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <sys/socket.h>

#include "host/image/image.hpp"
#include "host/run/descriptor.hpp"

namespace {

using namespace aster;
using namespace aster::host;

device net(const char* name) { return {.kind = abi::device_kind::net, .name = name}; }

std::string error_of(const auto& expected) { return expected ? std::string() : expected.error(); }

TEST_CASE("a port is published on this machine alone unless an address says otherwise") {
  const auto plain = parse_port_forward("8080:80");
  REQUIRE(plain);
  CHECK(to_string(*plain) == "127.0.0.1:8080 → 80");
  CHECK(to_string(*parse_port_forward("0.0.0.0:53:5353/udp")) == "0.0.0.0:53 → 5353/udp");
  CHECK(to_string(*parse_port_forward("8080:80/tcp")) == "127.0.0.1:8080 → 80");
}

TEST_CASE("a port of a web server is shown as a link") {
  const auto link = [](std::string_view text) { return to_link(*parse_port_forward(text)); };
  CHECK(link("8088:80") == "http://127.0.0.1:8088/ → 80");
  CHECK(link("80:8080") == "http://127.0.0.1/ → 8080");
  CHECK(link("127.0.0.2:8000:8000") == "http://127.0.0.2:8000/ → 8000");
  CHECK(link("0.0.0.0:8088:80") == "0.0.0.0:8088 → 80 (http://127.0.0.1:8088/)");
  CHECK(link("8088:22") == "127.0.0.1:8088 → 22");
  CHECK(link("8088:80/udp") == "127.0.0.1:8088 → 80/udp");
}

TEST_CASE("a malformed port is named, with the form it should have") {
  for (const char* bad : {"", "80", ":80", "80:", "0:80", "80:65536", "x:80", "8080:80/sctp", "1.2.3:8080:80",
                          "a:8080:80", "8080:80:", "8080: 80", "::1:8080:80"}) {
    CAPTURE(bad);
    const auto parsed = parse_port_forward(bad);
    REQUIRE(!parsed);
    CHECK(parsed.error().starts_with(std::string("-p ") + bad + ": "));
    CHECK(parsed.error().ends_with("as in -p 8080:80"));
  }
}

TEST_CASE("a taken port is found before anything starts, and the error names it") {
  const descriptor taken(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in name{
      .sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
  socklen_t size = sizeof name;
  REQUIRE(bind(taken.get(), reinterpret_cast<sockaddr*>(&name), size) == 0);
  REQUIRE(listen(taken.get(), 1) == 0);
  REQUIRE(getsockname(taken.get(), reinterpret_cast<sockaddr*>(&name), &size) == 0);
  const std::uint16_t port = ntohs(name.sin_port);

  port_forward forward{.address = {htonl(INADDR_LOOPBACK)}, .host_port = port, .guest_port = 80};
  const auto checked = check_port(forward);
  REQUIRE(!checked);
  CHECK(checked.error().starts_with("port " + std::to_string(port) + " is already in use; "));
  forward.udp = true;
  CHECK(check_port(forward));
  forward.address = {inet_addr("192.0.2.1")};  // TEST-NET-1: nobody's
  CHECK(error_of(check_port(forward)).contains("this machine has no such address"));
}

TEST_CASE("what is attached can be said in full") {
  const auto user = parse_attachment("service=user");
  REQUIRE(user);
  CHECK(user->device == "service");
  CHECK(user->tap.empty());
  const auto tap = parse_attachment("a-b=tap:tap0,ip=10.0.0.2/24,gateway=10.0.0.1");
  REQUIRE(tap);
  CHECK(tap->device == "a-b");
  CHECK(tap->tap == "tap0");
  CHECK(tap->address == "ip=10.0.0.2/24,gateway=10.0.0.1");
  CHECK(parse_attachment("service=user,dhcp")->dhcp);
}

TEST_CASE("what cannot be attached is named") {
  CHECK(error_of(parse_attachment("service")).contains("no device is named"));
  CHECK(error_of(parse_attachment("=user")).contains("no device is named"));
  CHECK(error_of(parse_attachment("service=bridge")).contains("neither user nor tap:NAME"));
  CHECK(error_of(parse_attachment("service=tap:")).contains("neither user nor tap:NAME"));
  CHECK(error_of(parse_attachment("service=switch:")).contains("nor switch:PATH"));
  CHECK(error_of(parse_attachment("service=switch:/run/frames")).contains("token is missing"));
  CHECK(error_of(parse_attachment("service=switch:/run/frames,a b")).contains("token is missing"));
  CHECK(error_of(parse_attachment("service=user,ip=1.2.3")).contains("ip=1.2.3 is not an address setting"));
  CHECK(error_of(parse_attachment("service=user,ip=1.2.3.4/33")).contains("is not an address setting"));
  CHECK(error_of(parse_attachment("service=user,mac=1")).contains("is not an address setting"));
  CHECK(error_of(parse_attachment("service=user,dhcp,ip=1.2.3.4/8")).contains("either dhcp or addresses"));
}

TEST_CASE("a place on a galaxy's switch is a socket and a token, and its addresses are the switch's to say") {
  const auto parsed = parse_attachment("service=switch:/run/demo/frames,5eed");
  REQUIRE(parsed);
  CHECK(parsed->plug == "/run/demo/frames");
  CHECK(parsed->token == "5eed");
  CHECK(parse_attachment("service=switch:/f,5eed,ip=10.77.0.9/16")->address == "ip=10.77.0.9/16");
  const device manifest[] = {net("service")};
  const attachment networks[] = {*parsed};
  const auto matched = match_devices(manifest, networks, {}, "");
  REQUIRE(matched);
  CHECK(matched->front().plug == "/run/demo/frames");
  CHECK(matched->front().token == "5eed");
  CHECK(matched->front().configuration.empty());
  CHECK(!matched->front().dhcp);
  CHECK(match_devices(manifest, networks, {}, "dhcp")->front().dhcp);
  const port_forward ports[] = {*parse_port_forward("8080:80")};
  CHECK(error_of(match_devices(manifest, networks, ports, ""))
            .starts_with("-p: no device is on the user-mode"));
}

TEST_CASE("--ip is an address with what belongs to it") {
  CHECK(*parse_address("10.0.0.2/24") == "ip=10.0.0.2/24");
  CHECK(*parse_address("10.0.0.2/24,gateway=10.0.0.1,dns=9.9.9.9") ==
        "ip=10.0.0.2/24,gateway=10.0.0.1,dns=9.9.9.9");
  CHECK(*parse_address("10.0.0.2/24,ip6=2001:db8::2/64,gateway6=fe80::1,dns6=2001:db8::53") ==
        "ip=10.0.0.2/24,ip6=2001:db8::2/64,gateway6=fe80::1,dns6=2001:db8::53");
  CHECK(*parse_address("10.0.0.2/24,ip6=off") == "ip=10.0.0.2/24,ip6=off");
  for (const char* part :
       {"ip6=2001:db8::2", "ip6=2001:db8::2/129", "ip6=", "ip6=on", "gateway6=10.0.0.1", "dns6=x"})
    CHECK(!parse_address(std::string{"10.0.0.2/24,"} + part));
  CHECK(!parse_address("10.0.0.2"));
  CHECK(!parse_address(""));
  CHECK(
      !parse_address("10.0.0.2/24,"
                     "gateway"));
}

TEST_CASE(
    "a published port attaches the only network device to the user-mode network, with its static address") {
  const device manifest[] = {net("service")};
  const port_forward ports[] = {*parse_port_forward("8080:80")};
  const auto matched = match_devices(manifest, {}, ports, "");
  REQUIRE(matched);
  REQUIRE(matched->size() == 1);
  const attached_device& only = matched->front();
  CHECK(only.name == "service");
  CHECK(only.tap.empty());
  CHECK(only.configuration == "ip=10.0.2.15/24,gateway=10.0.2.2,dns=10.0.2.3");
  CHECK(only.ports.size() == 1);
  CHECK(match_devices(manifest, {}, ports, "dhcp")->front().configuration.empty());
}

TEST_CASE("each user-mode network has a number of its own, and ports lead to the first") {
  const device manifest[] = {net("front"), net("wire"), net("back")};
  const attachment networks[] = {*parse_attachment("back=user"), *parse_attachment("wire=tap:t0"),
                                 *parse_attachment("front=user")};
  const port_forward ports[] = {*parse_port_forward("8080:80")};
  const auto matched = match_devices(manifest, networks, ports, "");
  REQUIRE(matched);
  REQUIRE(matched->size() == 3);
  CHECK(matched->at(0).configuration.starts_with("ip=10.0.2.15/24"));
  CHECK(matched->at(0).ports.size() == 1);
  CHECK(matched->at(1).tap == "t0");
  CHECK(matched->at(1).configuration.empty());  // DHCP
  CHECK(matched->at(2).configuration.starts_with("ip=10.0.3.15/24"));
  CHECK(matched->at(2).ports.empty());
  CHECK(matched->at(0).mac != matched->at(2).mac);
  CHECK((matched->at(1).mac[0] & 3) == 2);  // locally administered, not a group
}

TEST_CASE("a device that is forgotten or unknown is an error that names it and gives the mend") {
  const device one[] = {net("service")};
  const device two[] = {net("front"), net("back")};
  const attachment front[] = {*parse_attachment("front=user")};
  const attachment twice[] = {*parse_attachment("front=user"), *parse_attachment("front=tap:t0")};
  const attachment tapped[] = {*parse_attachment("service=tap:t0")};
  const port_forward ports[] = {*parse_port_forward("8080:80")};

  CHECK(error_of(match_devices(one, {}, {}, "")) ==
        "device service: the image needs it and nothing is attached; attach it with --net service=user, or "
        "publish a "
        "port with -p 8080:80");
  CHECK(error_of(match_devices(two, front, {}, "")).starts_with("device back: the image needs it"));
  CHECK(error_of(match_devices(two, {}, ports, "")).starts_with("device front: the image needs it"));
  CHECK(error_of(match_devices(one, front, {}, ""))
            .starts_with("--net front: the image has no network device of that name (it has: service)"));
  CHECK(error_of(match_devices({}, front, {}, "")).contains("(it has: none)"));
  CHECK(error_of(match_devices(two, twice, {}, "")).starts_with("--net front: attached twice"));
  CHECK(error_of(match_devices({}, {}, ports, "")).starts_with("-p: the image has no network device"));
  CHECK(error_of(match_devices(one, tapped, ports, ""))
            .starts_with("-p: no device is on the user-mode network"));
  CHECK(error_of(match_devices(two, front, {}, "ip=10.0.0.2/24"))
            .starts_with("--ip: the image has 2 network devices"));
}

}  // namespace
