// What happens when segments get lost, by script (see script.hpp).
#include <doctest/doctest.h>

#include <string>

#include "aster/net/tcp/script.hpp"

namespace {

using aster::net::tcp::run_script;
using aster::net::tcp::ten;

std::string established(std::string_view rest, std::string_view settings = "") {
  return run_script(std::string{settings} + R"(
    +0 listen
    +0 < S 0:0(0) win 65535 <mss 1000>
    +0 > S. 0:0(0) ack 1
    +0 < . 1:1(0) ack 1 win 65535
    +0 accept
  )" + std::string{rest});
}

}  // namespace

// --- The retransmission timer -----------------------------------------------------------------------------

TEST_CASE("a lost segment is sent again, each time after twice the time, and given up after two minutes") {
  CHECK(established(R"(
    +0    write 100
    +0    > P. 1:101(100) ack 1
    +0.2  > P. 1:101(100) ack 1
    +0.4  > P. 1:101(100) ack 1
    +0.8  > P. 1:101(100) ack 1
    +1.6  > P. 1:101(100) ack 1
    +3.2  > P. 1:101(100) ack 1
    +6.4  > P. 1:101(100) ack 1
    +12.8 > P. 1:101(100) ack 1
    +25.6 > P. 1:101(100) ack 1
    +51.2 > P. 1:101(100) ack 1
    +59   state ESTABLISHED
    +1    failure timed_out
    +0    write 1 = timed_out
    +0    read 1 = timed_out
    +0    connections 0
    +0    count tcp_connections_timed_out 1
  )") == "");
}

TEST_CASE("the timeout follows the measured round trip (RFC 6298)") {
  CHECK(run_script(R"(
    +0    listen
    +0    < S 0:0(0) win 65535 <mss 1000>
    +0    > S. 0:0(0) ack 1
    +0.4  < . 1:1(0) ack 1 win 65535        # SRTT 0.4, RTTVAR 0.2
    +0    accept
    +0    write 100
    +0    > P. 1:101(100) ack 1
    +1.2  > P. 1:101(100) ack 1             # 0.4 + 4 * 0.2
    +0.1  < . 1:1(0) ack 101 win 65535      # of which copy? no measurement (Karn)
    +0    write 100
    +0    > P. 101:201(100) ack 1
    +1.2  > P. 101:201(100) ack 1           # the same again, not backed off
  )") == "");
}

TEST_CASE("what was acknowledged together with what was sent again is not measured") {
  CHECK(run_script(R"(
    +0    listen
    +0    < S 0:0(0) win 65535 <mss 1000>
    +0    > S. 0:0(0) ack 1
    +0.02 < . 1:1(0) ack 1 win 65535
    +0    accept
    +0    write 2000
    +0    > . 1:1001(1000) ack 1
    +0    > P. 1001:2001(1000) ack 1
    +0.2  > . 1:1001(1000) ack 1
    +0.02 < . 1:1(0) ack 2001 win 65535     # the second was there all the time, or its acknowledgement was lost
    +0    info rtt 20
    +0    info rto 200
  )") == "");
}

TEST_CASE("progress restarts the timer") {
  CHECK(established(std::string{ten} + R"(
    +0.15 < . 1:1(0) ack 9001 win 65535
    +0.19 nothing
    +0.01 > P. 9001:10001(1000) ack 1
  )") == "");
}

TEST_CASE("an acknowledgement that stops the timer leaves nothing to do") {
  CHECK(established(std::string{ten} + R"(
    +0.15 < . 1:1(0) ack 10001 win 65535
    +600  nothing
  )") == "");
}

TEST_CASE("after a timeout one segment is sent, then as many as slow start lets out") {
  CHECK(established(std::string{ten} + R"(
    +0.2  > . 1:1001(1000) ack 1
    +0.01 < . 1:1(0) ack 1001 win 65535
    +0    > . 1001:2001(1000) ack 1
    +0    > . 2001:3001(1000) ack 1
    +0.01 < . 1:1(0) ack 3001 win 65535
    +0    > . 3001:4001(1000) ack 1
    +0    > . 4001:5001(1000) ack 1
    +0    > . 5001:6001(1000) ack 1
    +0.01 < . 1:1(0) ack 10001 win 65535    # the rest had arrived
    +60   nothing
    +0    count tcp_timeouts 1
  )") == "");
}

TEST_CASE("only the first expiry for the same data lowers the threshold (RFC 5681 3.1)") {
  CHECK(established(std::string{ten} + R"(
    +0.2  > . 1:1001(1000) ack 1
    +0    info ssthresh 5000
    +0    info cwnd 1000
    +0.4  > . 1:1001(1000) ack 1
    +0    info ssthresh 5000
    +0.8  > . 1:1001(1000) ack 1
    +0    info ssthresh 5000
    +0.01 < . 1:1(0) ack 10001 win 65535
  )",
                    "set newreno 1\n") == "");
}

TEST_CASE("CUBIC keeps seven tenths as the threshold, after a timeout as well (RFC 9438 4.8)") {
  CHECK(established(std::string{ten} + R"(
    +0.2  > . 1:1001(1000) ack 1
    +0    info ssthresh 7000
    +0    info cwnd 1000
    +0.01 < . 1:1(0) ack 10001 win 65535
  )") == "");
}

TEST_CASE("the wait between two copies grows to a minute and no further (RFC 6298 2.5)") {
  CHECK(established(R"(
    +0    usertimeout 1000
    +0    write 100
    +0    > P. 1:101(100) ack 1
    +0.2  > P. 1:101(100) ack 1
    +0.4  > P. 1:101(100) ack 1
    +0.8  > P. 1:101(100) ack 1
    +1.6  > P. 1:101(100) ack 1
    +3.2  > P. 1:101(100) ack 1
    +6.4  > P. 1:101(100) ack 1
    +12.8 > P. 1:101(100) ack 1
    +25.6 > P. 1:101(100) ack 1
    +51.2 > P. 1:101(100) ack 1
    +60   > P. 1:101(100) ack 1
    +60   > P. 1:101(100) ack 1
    +0    info rto 60000
    +0.01 < . 1:1(0) ack 101 win 65535
    +0    info rto 200
  )") == "");
}

TEST_CASE("small segments that were lost are sent again as one") {
  CHECK(established(R"(
    +0    write 100
    +0    > P. 1:101(100) ack 1
    +0    write 100
    +0    > P. 101:201(100) ack 1
    +0    write 100
    +0    > P. 201:301(100) ack 1
    +0.2  > P. 1:301(300) ack 1
    +0.01 < . 1:1(0) ack 301 win 65535
  )") == "");
}

TEST_CASE("a lost FIN is sent again") {
  CHECK(established(R"(
    +0    shutdown
    +0    > F. 1:1(0) ack 1
    +0.2  > F. 1:1(0) ack 1
    +0.4  > F. 1:1(0) ack 1
    +0.01 < . 1:1(0) ack 2 win 65535
    +0    state FIN-WAIT-2
    +600  nothing
  )") == "");
}

TEST_CASE("data and FIN that were lost are sent again together") {
  CHECK(established(R"(
    +0    write 100
    +0    > P. 1:101(100) ack 1
    +0    shutdown
    +0    > F. 101:101(0) ack 1
    +0.2  > FP. 1:101(100) ack 1
    +0.01 < . 1:1(0) ack 102 win 65535
    +0    state FIN-WAIT-2
  )") == "");
}

TEST_CASE("the peer's acknowledgements while we retransmit: only plain ones name what it can take") {
  // A pure ACK of ours must lie in the peer's window although we have gone back (it is at 10001 already).
  CHECK(established(std::string{ten} + R"(
    +0.2  > . 1:1001(1000) ack 1
    +0    < . 1:1001(1000) ack 1 win 65535
    +0.04 > . 10001:10001(0) ack 1001
  )") == "");
}

TEST_CASE("after a silence the window starts anew (RFC 5681 4.1)") {
  CHECK(established(std::string{ten} + R"(
    +0.01 < . 1:1(0) ack 10001 win 65535     # the window is 20 segments now
    +10   write 15000
    +0    > . 10001:11001(1000) ack 1
    +0    > . 11001:12001(1000) ack 1
    +0    > . 12001:13001(1000) ack 1
    +0    > . 13001:14001(1000) ack 1
    +0    > . 14001:15001(1000) ack 1
    +0    > . 15001:16001(1000) ack 1
    +0    > . 16001:17001(1000) ack 1
    +0    > . 17001:18001(1000) ack 1
    +0    > . 18001:19001(1000) ack 1
    +0    > . 19001:20001(1000) ack 1
    +0.01 < . 1:1(0) ack 20001 win 65535
    +0    > . 20001:21001(1000) ack 1
    +0    > . 21001:22001(1000) ack 1
    +0    > . 22001:23001(1000) ack 1
    +0    > . 23001:24001(1000) ack 1
    +0    > P. 24001:25001(1000) ack 1
    +0.01 < . 1:1(0) ack 25001 win 65535
  )") == "");
}

// --- Duplicate acknowledgements (RFC 5681, 6582, 3042) ----------------------------------------------------

TEST_CASE("three duplicate acknowledgements send the lost segment again at once") {
  CHECK(established(std::string{ten} + R"(
    +0.01 < . 1:1(0) ack 1 win 65535
    +0    < . 1:1(0) ack 1 win 65535
    +0    < . 1:1(0) ack 1 win 65535
    +0    > . 1:1001(1000) ack 1
    +0.01 < . 1:1(0) ack 10001 win 65535
    +60   nothing
    +0    count tcp_fast_retransmits 1
    +0    count tcp_timeouts 0
  )") == "");
}

TEST_CASE("the first two duplicates let new segments out (limited transmit)") {
  CHECK(established(std::string{ten} + R"(
    +0    write 5000
    +0.01 < . 1:1(0) ack 1 win 65535
    +0    > . 10001:11001(1000) ack 1
    +0    < . 1:1(0) ack 1 win 65535
    +0    > . 11001:12001(1000) ack 1
    +0    < . 1:1(0) ack 1 win 65535
    +0    > . 1:1001(1000) ack 1
    +0.01 < . 1:1(0) ack 12001 win 65535
    +0    > . 12001:13001(1000) ack 1        # nothing is under way: no burst (RFC 6582 3.2 step 3)
    +0    > . 13001:14001(1000) ack 1
    +0.01 < . 1:1(0) ack 14001 win 65535
    +0    > P. 14001:15001(1000) ack 1
    +0.01 < . 1:1(0) ack 15001 win 65535
  )",
                    "set newreno 1\n") == "");
}

TEST_CASE(
    "in recovery every second duplicate lets a new segment out, so that half the window is left (RFC 6937)") {
  CHECK(established(std::string{ten} + R"(
    +0    write 5000
    +0.01 < . 1:1(0) ack 1 win 65535
    +0    > . 10001:11001(1000) ack 1
    +0    < . 1:1(0) ack 1 win 65535
    +0    > . 11001:12001(1000) ack 1
    +0    < . 1:1(0) ack 1 win 65535         # 12 under way: ssthresh 6
    +0    > . 1:1001(1000) ack 1
    +0    < . 1:1(0) ack 1 win 65535         # 8 are under way
    +0    < . 1:1(0) ack 1 win 65535         # 7
    +0    < . 1:1(0) ack 1 win 65535         # 6
    +0    < . 1:1(0) ack 1 win 65535         # 5: one may go
    +0    > . 12001:13001(1000) ack 1
    +0    < . 1:1(0) ack 1 win 65535
    +0    > . 13001:14001(1000) ack 1
    +0.01 < . 1:1(0) ack 12001 win 65535     # recovered: what is under way is 2, and so cwnd 3
    +0    > P. 14001:15001(1000) ack 1
    +0.01 < . 1:1(0) ack 15001 win 65535
  )",
                    "set newreno 1\n") == "");
}

TEST_CASE("a partial acknowledgement in recovery means another loss (NewReno)") {
  CHECK(established(std::string{ten} + R"(
    +0.01 < . 1:1(0) ack 1 win 65535
    +0    < . 1:1(0) ack 1 win 65535
    +0    < . 1:1(0) ack 1 win 65535
    +0    > . 1:1001(1000) ack 1
    +0.01 < . 1:1(0) ack 5001 win 65535
    +0    > . 5001:6001(1000) ack 1
    +0.01 < . 1:1(0) ack 8001 win 65535
    +0    > . 8001:9001(1000) ack 1
    +0.01 < . 1:1(0) ack 10001 win 65535
    +60   nothing
    +0    count tcp_retransmissions 3
    +0    count tcp_fast_retransmits 1
  )") == "");
}

TEST_CASE("duplicates that our own needless retransmissions cause start no second recovery") {
  CHECK(established(std::string{ten} + R"(
    +0.2  > . 1:1001(1000) ack 1
    +0.01 < . 1:1(0) ack 5001 win 65535
    +0    > . 5001:6001(1000) ack 1
    +0    > . 6001:7001(1000) ack 1
    +0.01 < . 1:1(0) ack 5001 win 65535
    +0    < . 1:1(0) ack 5001 win 65535
    +0    < . 1:1(0) ack 5001 win 65535
    +0    < . 1:1(0) ack 5001 win 65535
    +0    count tcp_fast_retransmits 0
    +0.01 < . 1:1(0) ack 10001 win 65535
  )") == "");
}

TEST_CASE("acknowledgements that bring data, or change the window, are no duplicates") {
  CHECK(established(std::string{ten} + R"(
    +0.01 < . 1:1(0) ack 1 win 65000
    +0    < . 1:1(0) ack 1 win 64000
    +0    < . 1:1(0) ack 1 win 63000
    +0    < . 1:11(10) ack 1 win 63000
    +0    < . 11:21(10) ack 1 win 63000
    +0    > . 10001:10001(0) ack 21
    +0    < . 21:31(10) ack 1 win 63000
    +0    count tcp_fast_retransmits 0
  )") == "");
}
