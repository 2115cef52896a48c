#include "aster/net/report.hpp"

#include <doctest/doctest.h>

#include <map>

#include "aster/net/engine.hpp"
#include "aster/net/sockets.hpp"
#include "aster/net/virtual_link.hpp"

using namespace aster::net;
using namespace std::chrono_literals;

namespace {

/// Two stacks on a wire; the right one serves, and is asked.
struct pair_of_stacks {
  virtual_link link{1, {}};
  engine client, server;
  time_point now{};

  pair_of_stacks()
      : client(link.left(), {.address = *configuration::parse("ip=10.0.0.1/24"), .host_name = "", .tcp = {}},
               {1, 2}),
        server(
            link.right(),
            {.address = *configuration::parse("ip=10.0.0.2/24,gateway=10.0.0.1"), .host_name = "", .tcp = {}},
            {3, 4}) {
    client.start(now);
    server.start(now);
    settle();
  }

  void settle() {
    for (int i = 0; i < 20; ++i) {
      link.deliver(now);
      while (client.receive(now) || server.receive(now)) {
      }
      client.flush(now);
      server.flush(now);
      now += 1ms;
    }
  }

  tcp::connection& connect(std::uint16_t port) {
    const auto c = client.tcp().connect(ipv4_address{10, 0, 0, 1}, {ipv4_address{10, 0, 0, 2}, port}, now);
    REQUIRE(c);
    settle();
    return **c;
  }
};

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> all;
  while (!text.empty()) {
    const std::size_t size = text.find('\n');
    REQUIRE(size != text.npos);
    all.emplace_back(text.substr(0, size));
    text.remove_prefix(size + 1);
  }
  return all;
}

/// NAME=VALUE of all lines of that kind together.
std::map<std::string, std::string> values_of(std::string_view text, std::string_view kind) {
  std::map<std::string, std::string> all;
  for (const std::string& line : lines_of(text)) {
    std::string_view rest = line;
    if (rest.substr(0, rest.find(' ')) != kind) continue;
    rest.remove_prefix(kind.size());
    while (!rest.empty()) {
      rest.remove_prefix(1);
      const std::string_view part = rest.substr(0, rest.find(' '));
      all.emplace(part.substr(0, part.find('=')), part.substr(part.find('=') + 1));
      rest.remove_prefix(part.size());
    }
  }
  return all;
}

TEST_CASE("a question is read however little of it there is") {
  const auto whole = question::parse("q1 sockets 20");
  CHECK(whole.id == "q1");
  CHECK(whole.what == "sockets");
  CHECK(whole.limit == 20);
  CHECK(question::parse("").what.empty());
  CHECK(question::parse("q1").what.empty());
  for (const char* odd :
       {"q1 sockets", "q1 sockets -1", "q1 sockets 1e3", "q1 sockets 99999999999999999999", "q1 sockets  5"})
    CHECK(question::parse(odd).limit == 1000);
}

TEST_CASE("the counters are all there, in lines that are not too long") {
  pair_of_stacks p;
  const std::string text = report(p.server, question::parse("q stats"), 5s);
  for (const std::string& line : lines_of(text)) CHECK(line.size() <= longest_report_line);
  const auto counts = values_of(text, "counters");
  CHECK(counts.size() == counters::all().size());
  for (const counter c : counters::all())
    CHECK(counts.at(std::string{to_string(c)}) == std::to_string(p.server.counters()[c]));
  CHECK(values_of(text, "runtime").at("uptime") == "5000000000");
  CHECK(values_of(text, "interface").at("gateway") == "10.0.0.1");
  CHECK(report(p.server, question::parse("q nonsense"), 5s).empty());
}

TEST_CASE("sockets are listeners, UDP ports, connections and what rests of them") {
  pair_of_stacks p;
  REQUIRE(p.server.tcp().listen(80, 16) != nullptr);
  REQUIRE(p.server.udp().bind(53) != nullptr);
  tcp::connection& c = p.connect(80);
  constexpr std::array<std::byte, 100> hundred{};
  REQUIRE(c.write(hundred) == 100u);
  p.client.tcp().touched(c);
  p.settle();

  const auto seen = sockets_of(p.server, 100);
  REQUIRE(seen.size() == 3);
  CHECK(seen[0].state == "LISTEN");
  CHECK(seen[0].local.port == 80);
  CHECK(seen[0].receive_queue == 1);  // nobody has accepted it yet
  CHECK(seen[1].protocol == "udp");
  CHECK(seen[2].state == "ESTABLISHED");
  CHECK(seen[2].receive_queue == 100);
  CHECK(seen[2].remote == c.id().local);
  CHECK(sockets_of(p.server, 2).size() == 2);

  const std::string text = report(p.server, question::parse("q sockets"), 0s);
  CHECK(lines_of(text).size() == 3);
  CHECK(lines_of(text)[0] ==
        "socket protocol=tcp state=LISTEN local=[::]:80 remote=[::]:0 receive_queue=1 send_queue=0");
  CHECK(lines_of(text)[2].contains("state=ESTABLISHED local=10.0.0.2:80 remote=10.0.0.1:"));
  CHECK(lines_of(text)[2].contains(" segment_size=1448 "));
  CHECK(lines_of(report(p.server, question::parse("q sockets 1"), 0s)).size() == 1);
}

TEST_CASE("a pair of ends that rests is listed") {
  pair_of_stacks p;
  tcp::acceptor* const a = p.server.tcp().listen(80, 16);
  tcp::connection& c = p.connect(80);
  tcp::connection* const other = p.server.tcp().accept(*a);
  REQUIRE(other != nullptr);
  p.client.tcp().release(c, p.now);
  p.settle();
  p.server.tcp().release(*other, p.now);
  p.settle();
  const auto seen = sockets_of(p.client, 10);
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].state == "TIME-WAIT");
  CHECK(seen[0].remote.port == 80);
  CHECK(seen[0].info.state.empty());
}

TEST_CASE("what belongs to no connection and is not answered is counted") {
  pair_of_stacks p;
  REQUIRE(p.server.tcp().listen(80, 16) != nullptr);
  std::array<std::byte, wire::tcp::least_size> bytes{};
  bytes[1] = std::byte{9};
  bytes[3] = std::byte{80};
  bytes[12] = std::byte{5 << 4};
  for (const int flags : {0x04, 0x01}) {  // RST; FIN without ACK
    bytes[13] = static_cast<std::byte>(flags);
    p.server.tcp().arrived(ipv4_address{10, 0, 0, 1}, ipv4_address{10, 0, 0, 2}, bytes, false, p.now);
  }
  CHECK(p.server.counters()[counter::tcp_stray] == 2);
  CHECK(p.server.counters()[counter::tcp_resets_sent] == 0);
}

TEST_CASE("Prometheus gets every counter with its type") {
  pair_of_stacks p;
  const std::string text = prometheus(p.server);
  const std::string frames = std::to_string(p.server.counters()[counter::frames_received]);
  CHECK(
      text.contains("# TYPE asterism_net_frames_received_total counter\nasterism_net_frames_received_total " +
                    frames + "\n"));
  CHECK(text.contains("# TYPE asterism_net_connections gauge\nasterism_net_connections 0\n"));
  std::size_t samples = 0;
  for (const std::string& line : lines_of(text)) samples += !line.starts_with('#');
  CHECK(samples == counters::all().size() + 4 + 4);
  CHECK(
      text.contains("# TYPE asterism_net_interface_frames_received_total counter\n"
                    "asterism_net_interface_frames_received_total{interface=\"\"} " +
                    frames + "\n"));
}

}  // namespace
