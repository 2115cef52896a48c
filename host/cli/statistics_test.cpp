#include "host/cli/statistics.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

namespace {

using namespace aster::host;
using namespace aster::host::cli;

statistics told(std::vector<std::string> stats) {
  statistics s{.instance = {.name = "shop",
                            .pid = 812,
                            .target = "sandbox",
                            .image = "/images/shop",
                            .started = 1790000000,
                            .answers = true,
                            .socket = {}},
               .stats = {},
               .sockets = {},
               .fibers = {}};
  for (const std::string& line : stats) s.stats.push_back(*parse_answer_line(line));
  return s;
}

statistics sample() {
  return told({"counters frames_received=812 frames_sent=640 arp_conflict=0", "counters tcp_no_listener=3",
               "interface name=service mtu=1500 frames_received=812 bytes_received=64000 frames_sent=640 "
               "bytes_sent=1500000 "
               "address=10.0.2.15/24",
               "memory buffers=8192 buffers_limit=67108864 heap=143200",
               "runtime uptime=125000000000 fibers=12 connections=3 resting=0"});
}

TEST_CASE("the overview tells who, where, and what is not zero") {
  CHECK(overview(sample(), false) ==
        "shop (pid 812, sandbox), up 2 min 5 s\n"
        "  interface name service, mtu 1500, address 10.0.2.15/24\n"
        "    64.0 KB in 812 frames received, 1.50 MB in 640 sent\n"
        "  heap 143 KB, network buffers 8.19 KB of 67.1 MB\n"
        "  12 fibers, 3 connections, 0 resting\n"
        "\n"
        "  frames_received  812\n"
        "  frames_sent      640\n"
        "  tcp_no_listener    3\n");
  CHECK(overview(sample(), true).contains("  arp_conflict       0\n"));
}

TEST_CASE("a second look tells rates") {
  const earlier before{{{"frames_received", 712}, {"frames_sent", 640}}, std::chrono::duration<double>(2.0)};
  const std::string text = overview(sample(), false, before);
  CHECK(text.contains("  frames_received  812  50/s\n"));
  CHECK(text.contains("  frames_sent      640\n"));
}

TEST_CASE("sockets are listed as ss does") {
  const std::vector lines{
      *parse_answer_line(
          "socket protocol=tcp state=LISTEN local=0.0.0.0:80 remote=0.0.0.0:0 receive_queue=0 send_queue=0"),
      *parse_answer_line(
          "socket protocol=tcp state=ESTABLISHED local=10.0.2.15:80 remote=10.0.2.2:41234 receive_queue=0 "
          "send_queue=2920 round_trip=310000 timeout=200000000 congestion_window=14600 in_flight=2920 "
          "peer_window=65535 segment_size=1460 retransmissions=1 delivery_rate=2500000")};
  CHECK(socket_table(lines) ==
        "     STATE        RECV-Q  SEND-Q  LOCAL         REMOTE              RTT  TIMEOUT   CWND  FLIGHT  "
        "WINDOW   MSS  "
        "RETRANS       RATE\n"
        "tcp  LISTEN            0       0  *:80          *\n"
        "tcp  ESTABLISHED       0    2920  10.0.2.15:80  10.0.2.2:41234  0.31 ms   200 ms  14600    2920   "
        "65535  1460  "
        "      1  2.50 MB/s\n");
}

TEST_CASE("fibers are listed with what they wait for, and nothing of an image reaches the terminal") {
  const std::vector lines{
      *parse_answer_line("fiber name=a%1B]0;b scope=all state=waiting waits_for=a%20mutex switches=4 "
                         "stack_used=608 stack_size=65536")};
  const std::string text = fiber_table(lines);
  CHECK(text.contains("a\\x1b]0;b  all    waiting  a mutex           4    608  65536"));
  CHECK(!text.contains('\x1b'));
}

TEST_CASE("JSON has numbers as numbers, and lists only what was asked about") {
  auto s = sample();
  const auto out = to_json(s);
  CHECK(out["instance"]["pid"] == 812);
  CHECK(out["counters"]["tcp_no_listener"] == 3);
  CHECK(out["interfaces"][0]["address"] == "10.0.2.15/24");
  CHECK(out["memory"]["heap"] == 143200);
  CHECK(!out.contains("sockets"));
  s.sockets.emplace();
  CHECK(to_json(s)["sockets"].is_array());
}

TEST_CASE("Prometheus has each metric once, with a sample for each instance") {
  auto first = sample(), second = sample();
  second.instance.name = "a\"b";
  second.instance.pid = 813;
  const statistics both[] = {first, second};
  const std::string text = to_prometheus(both);
  CHECK(
      text.starts_with("# TYPE asterism_net_frames_received_total counter\n"
                       "asterism_net_frames_received_total{instance=\"shop\",pid=\"812\"} 812\n"
                       "asterism_net_frames_received_total{instance=\"a\\\"b\",pid=\"813\"} 812\n"
                       "# TYPE asterism_net_frames_sent_total counter\n"));
  CHECK(text.contains("asterism_uptime_seconds{instance=\"shop\",pid=\"812\"} 125.000\n"));
  CHECK(text.contains("asterism_heap_bytes{instance=\"shop\",pid=\"812\"} 143200\n"));
  CHECK(
      text.contains("asterism_net_interface_bytes_sent_total{instance=\"shop\",pid=\"812\",interface="
                    "\"service\"} 1500000\n"));
  CHECK(text.contains("asterism_fibers{instance=\"shop\",pid=\"812\"} 12\n"));
}

}  // namespace
