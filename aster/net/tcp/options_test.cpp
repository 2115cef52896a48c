// What a program can set on a connection, and what the host does by itself about floods, paths and buffers,
// by script (see script.hpp).
#include <doctest/doctest.h>

#include <string>

#include "aster/net/tcp/script.hpp"

namespace {

using aster::net::tcp::run_script;

std::string established(std::string_view rest, std::string_view settings = "") {
  return run_script(std::string{settings} + R"(
    +0    listen
    +0    < S 0:0(0) win 65535 <mss 1000,sackOK>
    +0    > S. 0:0(0) ack 1
    +0.02 < . 1:1(0) ack 1 win 65535
    +0    accept
  )" + std::string{rest});
}

}  // namespace

// --- The program ------------------------------------------------------------------------------------------

TEST_CASE("a user timeout ends a connection whose peer is silent") {
  CHECK(established(R"(
    +0    usertimeout 1
    +0    write 100
    +0    > P. 1:101(100) ack 1
    +0.2  > P. 1:101(100) ack 1
    +0.2  > P. 1:101(100) ack 1
    +0.4  > P. 1:101(100) ack 1
    +0.7  state ESTABLISHED
    +0.1  failure timed_out
    +0    count tcp_connections_timed_out 1
  )") == "");
}

TEST_CASE("a corked connection sends full segments, and the rest when the cork is drawn or with the FIN") {
  CHECK(established(R"(
    +0    cork on
    +0    write 300
    +0.1  nothing
    +0    write 900
    +0    > . 1:1001(1000) ack 1
    +0.02 < . 1:1(0) ack 1001
    +0.1  nothing
    +0    cork off
    +0    > P. 1001:1201(200) ack 1
    +0.02 < . 1:1(0) ack 1201
    +0    cork on
    +0    write 100
    +0    nothing
    +0    shutdown
    +0    > FP. 1201:1301(100) ack 1
    +0.02 < . 1:1(0) ack 1302
  )") == "");
}

TEST_CASE("a connection tells what it knows of its path") {
  CHECK(established(R"(
    +0    info sack 1
    +0    info stamps 0
    +0    info mss 1000
    +0    info rtt 20
    +0    info cwnd 10000
    +0    write 4000
    +0    > . 1:1001(1000) ack 1
    +0    > . 1001:2001(1000) ack 1
    +0    > . 2001:3001(1000) ack 1
    +0    > P. 3001:4001(1000) ack 1
    +0    info inflight 4000
    +0.02 < . 1:1(0) ack 1 <sack 1001:2001>
    +0    info sacked 1000
    +0    info inflight 3000
    +0    info rate 50000
    +0.005 > . 1:1001(1000) ack 1
    +0    info retrans 1
    +0    info ssthresh 2800
    +0.01 < . 1:1(0) ack 4001
    +0    info inflight 0
    +0    info cwnd 2800
  )") == "");
}

// --- Congestion that routers mark (RFC 3168) --------------------------------------------------------------

TEST_CASE("marks are agreed on when the peer asks, and a mark is echoed until the sender has answered") {
  CHECK(run_script(R"(
    +0    listen
    +0    < SEW 0:0(0) win 65535 <mss 1000>
    +0    > [none] SE. 0:0(0) ack 1
    +0.02 < . 1:1(0) ack 1 win 65535
    +0    accept
    +0    info ecn 1
    +0    < [ce] . 1:1001(1000) ack 1
    +0    > [none] E. 1:1(0) ack 1001
    +0    < . 1001:2001(1000) ack 1
    +0.04 > E. 1:1(0) ack 2001
    +0    < W. 2001:3001(1000) ack 1
    +0.04 > . 1:1(0) ack 3001
    +0    count tcp_congestion_marks 1
  )") == "");
}

TEST_CASE("the echo of a mark reduces the window once for each window of data, and is answered by CWR") {
  CHECK(run_script(R"(
    set newreno 1
    +0    listen
    +0    < SEW 0:0(0) win 65535 <mss 1000>
    +0    > SE. 0:0(0) ack 1
    +0.02 < . 1:1(0) ack 1 win 65535
    +0    accept
    +0    write 4000
    +0    > [ect] . 1:1001(1000) ack 1
    +0    > [ect] . 1001:2001(1000) ack 1
    +0    > [ect] . 2001:3001(1000) ack 1
    +0    > [ect] P. 3001:4001(1000) ack 1
    +0.02 < E. 1:1(0) ack 2001
    +0    info cwnd 2000
    +0    < E. 1:1(0) ack 4001
    +0    info cwnd 2000
    +0    count tcp_congestion_echoes 1
    +0    write 1500
    +0    > [ect] W. 4001:5001(1000) ack 1
    +0    > [ect] P. 5001:5501(500) ack 1
    +0.02 < . 1:1(0) ack 5001
    +0.2  > [none] P. 5001:5501(500) ack 1        # what is sent again is not to be marked (6.1.5)
    +0.02 < . 1:1(0) ack 5501
  )") == "");
}

TEST_CASE("an active open asks for marks when it is told to, and no more once the SYN got no answer") {
  CHECK(run_script(R"(
    set ecn 1
    +0    connect
    +0    > SEW 0:0(0)
    +1    > S 0:0(0)
    +0.02 < SE. 0:0(0) ack 1 win 65535 <mss 1000>
    +0    > . 1:1(0) ack 1
    +0    info ecn 1
  )") == "");
  CHECK(run_script(R"(
    +0    connect
    +0    > S 0:0(0)
    +0.02 < SE. 0:0(0) ack 1 win 65535 <mss 1000>
    +0    > . 1:1(0) ack 1
    +0    info ecn 0
  )") == "");
}

// --- Floods -----------------------------------------------------------------------------------------------

TEST_CASE("a full queue of handshakes answers by cookies, and what comes back is a connection (RFC 4987)") {
  CHECK(run_script(R"(
    +0    listen 1
    +0    < S 0:0(0) win 65535 <mss 1460>
    +0    > S. 0:0(0) ack 1
    +0.1  < @2 S 0:0(0) win 65535 <mss 1460,sackOK,TS val 100 ecr 0,wscale 5>
    +0    > @2 S. 0:0(0) ack 1
    +0    connections 1
    +0    count tcp_cookies_sent 1
    +0.02 < @2 . 1:1(0) ack 1 win 1000 <TS val 120 ecr 0>
    +0    count tcp_cookies_returned 1
    +0    connections 2
    +0    accept
    +0    @2 state ESTABLISHED
    +0    @2 info sack 1
    +0    @2 info stamps 1
    +0    @2 info scaling 1
    +0    @2 info mss 1448
    +0    @2 write 100
    +0    > @2 P. 1:101(100) ack 1
    +0    < @2 P. 1:101(100) ack 101 win 1000 <TS val 121 ecr 40>
    +0    @2 read 200 = 100
    +0.04 > @2 . 101:101(0) ack 101
  )") == "");
}

TEST_CASE("a cookie without timestamps brings back the segment size alone") {
  CHECK(run_script(R"(
    +0    listen 1
    +0    < S 0:0(0) win 65535 <mss 1460>
    +0    > S. 0:0(0) ack 1
    +0.1  < @2 S 0:0(0) win 65535 <mss 1000,sackOK,wscale 5>
    +0    > @2 S. 0:0(0) ack 1 <mss 1460>
    +0.02 < @2 P. 1:11(10) ack 1 win 65535
    +0    accept
    +0    @2 info sack 0
    +0    @2 info scaling 0
    +0    @2 info mss 536
    +0    @2 read 20 = 10
    +0.04 > @2 . 1:1(0) ack 11
  )") == "");
}

TEST_CASE("an acknowledgement that nobody was asked for is no cookie") {
  CHECK(run_script(R"(
    +0    listen 1
    +0    < S 0:0(0) win 65535 <mss 1460>
    +0    > S. 0:0(0) ack 1
    +0    < @3 . 1:1(0) ack 77 win 65535      # no cookie has been sent: not even looked at
    +0    > @3 R 77:77(0)
    +0.1  < @2 S 0:0(0) win 65535 <mss 1460>
    +0    > @2 S. 0:0(0) ack 1
    +0    < @2 . 1:1(0) ack 2 win 65535       # not what was sent
    +0    > @2 R 2:2(0)
    +0    < @2 . 2:2(0) ack 1 win 65535
    +0    > @2 R 1:1(0)
    +0    count tcp_cookies_returned 0
    +0    connections 1
  )") == "");
}

// --- The path ---------------------------------------------------------------------------------------------

TEST_CASE("large segments that vanish time and again are cut smaller (RFC 4821)") {
  CHECK(run_script(R"(
    +0    listen
    +0    < S 0:0(0) win 65535 <mss 1460>
    +0    > S. 0:0(0) ack 1
    +0.02 < . 1:1(0) ack 1 win 65535
    +0    accept
    +0    write 1460
    +0    > P. 1:1461(1460) ack 1
    +0.2  > P. 1:1461(1460) ack 1
    +0.4  > P. 1:1461(1460) ack 1
    +0.8  > . 1:1221(1220) ack 1
    +0    count tcp_black_holes 1
    +0.02 < . 1:1(0) ack 1221
    +0    > P. 1221:1461(240) ack 1
    +0.02 < . 1:1(0) ack 1461
    +0    write 2000
    +0    > . 1461:2681(1220) ack 1
    +0    > P. 2681:3461(780) ack 1
    +0.02 < . 1:1(0) ack 3461
    +600  write 2000                          # the path may have changed meanwhile
    +0    > . 3461:4921(1460) ack 1
    +0    > P. 4921:5461(540) ack 1
    +0.02 < . 1:1(0) ack 5461
  )") == "");
}

// --- Buffers ----------------------------------------------------------------------------------------------

TEST_CASE("the receive buffer grows to twice what its reader takes in a round trip") {
  std::string script = R"(
    set most_receive_buffer 100000
    +0    listen
    +0    < S 0:0(0) win 65535 <mss 1000,wscale 7>
    +0    > S. 0:0(0) ack 1
    +0.02 < . 1:1(0) ack 1 win 512
    +0    accept
    +0    info rcvbuf 65536
  )";
  for (int i = 0; i < 2; ++i) {
    const auto begin = std::to_string(1 + i * 40000), end = std::to_string(1 + i * 40000 + 40000);
    script += "+0.02 < . " + begin + ":" + end + "(40000) ack 1 win 512\n+0 > . 1:1(0) ack " + end +
              "\n+0 read 40000 = 40000\n";
    script += "+0 > . 1:1(0) ack " + end + "\n";
  }
  script += "+0 info rcvbuf 80000\n";
  CHECK(run_script(script) == "");
}
