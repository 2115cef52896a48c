// Selective acknowledgement, timestamps and what the sender makes of them, by script (see script.hpp).
#include <doctest/doctest.h>

#include <string>

#include "aster/net/tcp/script.hpp"

namespace {

using aster::net::tcp::run_script;
using aster::net::tcp::ten;

// A peer with SACK, at a round trip of 20 ms.
std::string selective(std::string_view rest, std::string_view settings = "") {
  return run_script(std::string{settings} + R"(
    +0    listen
    +0    < S 0:0(0) win 65535 <mss 1000,sackOK>
    +0    > S. 0:0(0) ack 1 <mss 1460,sackOK>
    +0.02 < . 1:1(0) ack 1 win 65535
    +0    accept
  )" + std::string{rest});
}

// A peer with timestamps.
std::string stamped(std::string_view rest) {
  return run_script(R"(
    +0    listen
    +0    < S 0:0(0) win 65535 <mss 1012,TS val 1000 ecr 0>
    +0    > S. 0:0(0) ack 1 <mss 1460,TS val 0 ecr 1000>
    +0.02 < . 1:1(0) ack 1 win 65535 <TS val 1020 ecr 0>
    +0    accept
  )" + std::string{rest});
}

}  // namespace

// --- Agreement --------------------------------------------------------------------------------------------

TEST_CASE("what the SYN offers the SYN-ACK agrees to, and nothing else (RFC 2018 2, RFC 7323 3.2)") {
  CHECK(run_script(R"(
    +0    listen
    +0    < S 0:0(0) win 65535 <mss 1460,sackOK,TS val 7 ecr 0,wscale 7>
    +0    > S. 0:0(0) ack 1 <mss 1460,sackOK,TS val 0 ecr 7,wscale 7>
    +0    < @2 S 0:0(0) win 65535 <mss 1460,sackOK>
    +0    > @2 S. 0:0(0) ack 1 <mss 1460,sackOK>
    +0    < @3 S 0:0(0) win 65535 <mss 1460,TS val 9 ecr 0>
    +0    > @3 S. 0:0(0) ack 1 <mss 1460,TS val 0 ecr 9>
    +0    < @4 S 0:0(0) win 65535 <mss 1460>
    +0    > @4 S. 0:0(0) ack 1 <mss 1460>
  )") == "");
}

TEST_CASE("an active open uses only what the SYN-ACK agrees to") {
  CHECK(run_script(R"(
    +0    connect
    +0    > S 0:0(0) <mss 1460,sackOK,TS val 0 ecr 0,wscale 7>
    +0.02 < S. 0:0(0) ack 1 win 65535 <mss 1460>
    +0    > . 1:1(0) ack 1 <>
    +0    < . 1001:2001(1000) ack 1
    +0    > . 1:1(0) ack 1 <>
  )") == "");
}

TEST_CASE("the timestamps option takes its bytes from the payload (RFC 6691)") {
  CHECK(stamped(R"(
    +0    write 2000
    +0    > . 1:1001(1000) ack 1 <TS val 20 ecr 1020>
    +0    > P. 1001:2001(1000) ack 1 <TS val 20 ecr 1020>
  )") == "");
}

// --- The receiver -----------------------------------------------------------------------------------------

TEST_CASE("what lies beyond a gap is reported, the latest block first, the oldest left out (RFC 2018 4)") {
  CHECK(selective(R"(
    +0    < . 1001:2001(1000) ack 1
    +0    > . 1:1(0) ack 1 <sack 1001:2001>
    +0    < . 2001:3001(1000) ack 1
    +0    > . 1:1(0) ack 1 <sack 1001:3001>
    +0    < . 5001:6001(1000) ack 1
    +0    > . 1:1(0) ack 1 <sack 5001:6001 1001:3001>
    +0    < . 7001:8001(1000) ack 1
    +0    > . 1:1(0) ack 1 <sack 7001:8001 5001:6001 1001:3001>
    +0    < . 9001:10001(1000) ack 1
    +0    > . 1:1(0) ack 1 <sack 9001:10001 7001:8001 5001:6001 1001:3001>
    +0    < . 11001:12001(1000) ack 1
    +0    > . 1:1(0) ack 1 <sack 11001:12001 9001:10001 7001:8001 5001:6001>
    +0    < . 6001:7001(1000) ack 1
    +0    > . 1:1(0) ack 1 <sack 5001:8001 11001:12001 9001:10001 1001:3001>
    +0    < . 1:1001(1000) ack 1
    +0    > . 1:1(0) ack 3001 <sack 5001:8001 11001:12001 9001:10001>
    +0    < . 3001:5001(2000) ack 1
    +0    > . 1:1(0) ack 8001 <sack 11001:12001 9001:10001>
    +0    < . 8001:9001(1000) ack 1
    +0    > . 1:1(0) ack 10001 <sack 11001:12001>
    +0    < . 10001:11001(1000) ack 1
    +0    > . 1:1(0) ack 12001 <>
    +0    read 20000 = 12000
  )") == "");
}

TEST_CASE("beside timestamps there is room for three blocks (RFC 2018 3)") {
  CHECK(run_script(R"(
    +0    listen
    +0    < S 0:0(0) win 65535 <mss 1000,sackOK,TS val 1000 ecr 0>
    +0    > S. 0:0(0) ack 1 <mss 1460,sackOK,TS val 0 ecr 1000>
    +0    < . 1:1(0) ack 1 win 65535 <TS val 1000 ecr 0>
    +0    accept
    +0    < . 1001:2001(1000) ack 1 <TS val 1000 ecr 0>
    +0    > . 1:1(0) ack 1 <TS val 0 ecr 1000,sack 1001:2001>
    +0    < . 3001:4001(1000) ack 1 <TS val 1000 ecr 0>
    +0    > . 1:1(0) ack 1 <TS val 0 ecr 1000,sack 3001:4001 1001:2001>
    +0    < . 5001:6001(1000) ack 1 <TS val 1000 ecr 0>
    +0    > . 1:1(0) ack 1 <TS val 0 ecr 1000,sack 5001:6001 3001:4001 1001:2001>
    +0    < . 7001:8001(1000) ack 1 <TS val 1000 ecr 0>
    +0    > . 1:1(0) ack 1 <TS val 0 ecr 1000,sack 7001:8001 5001:6001 3001:4001>
  )") == "");
}

TEST_CASE("a segment that came twice is reported once (RFC 2883 4.1)") {
  CHECK(selective(R"(
    +0    < . 1:1001(1000) ack 1
    +0.04 > . 1:1(0) ack 1001 <>
    +0    < . 1:1001(1000) ack 1
    +0    > . 1:1(0) ack 1001 <sack 1:1001>
    +0    < . 3001:4001(1000) ack 1
    +0    > . 1:1(0) ack 1001 <sack 3001:4001>
    +0    < . 3001:4001(1000) ack 1             # beyond the gap: the duplicate, and what holds it
    +0    > . 1:1(0) ack 1001 <sack 3001:4001 3001:4001>
  )") == "");
}

TEST_CASE("blocks travel with data, which is shorter for them") {
  CHECK(selective(R"(
    +0    < . 1001:2001(1000) ack 1
    +0    > . 1:1(0) ack 1 <sack 1001:2001>
    +0    full on
    +0    < . 2001:3001(1000) ack 1
    +0    write 1500
    +0    full off
    +0    > . 1:989(988) ack 1 <sack 1001:3001>
    +0    > P. 989:1501(512) ack 1 <>
  )") == "");
}

// --- The sender -------------------------------------------------------------------------------------------

TEST_CASE("three segments' worth beyond a gap is a loss, repaired in a round trip (RFC 6675, RFC 8985)") {
  CHECK(selective(std::string{ten} + R"(
    +0.02 < . 1:1(0) ack 1 <sack 1001:2001>
    +0    < . 1:1(0) ack 1 <sack 1001:3001>
    +0    < . 1:1(0) ack 1 <sack 1001:4001>
    +0    > . 1:1001(1000) ack 1
    +0.02 < . 1:1(0) ack 10001
    +60   nothing
    +0    count tcp_fast_retransmits 1
    +0    count tcp_retransmissions 1
    +0    count tcp_timeouts 0
  )") == "");
}

TEST_CASE("one acknowledgement that reports several segments is enough") {
  CHECK(selective(std::string{ten} + R"(
    +0.02 < . 1:1(0) ack 1 <sack 1001:5001>
    +0    > . 1:1001(1000) ack 1
    +0.02 < . 1:1(0) ack 10001
  )") == "");
}

TEST_CASE("only what is missing is sent again, however many holes there are") {
  CHECK(selective(std::string{ten} + R"(
    +0.02 < . 1:1(0) ack 1 <sack 9001:10001 5001:8001 1001:4001>
    +0    > . 1:1001(1000) ack 1
    +0    > . 4001:5001(1000) ack 1
    +0    > . 8001:9001(1000) ack 1
    +0.02 < . 1:1(0) ack 10001
    +60   nothing
    +0    count tcp_retransmissions 3
  )") == "");
}

TEST_CASE("fewer than three segments' worth: after a quarter of a round trip (RFC 8985 6.2)") {
  CHECK(selective(std::string{ten} + R"(
    +0.02  < . 1:1(0) ack 1 <sack 1001:2001>
    +0.005 > . 1:1001(1000) ack 1
    +0.02  < . 1:1(0) ack 10001
  )") == "");
}

TEST_CASE("a segment that was merely overtaken is not sent again") {
  CHECK(selective(std::string{ten} + R"(
    +0.02  < . 1:1(0) ack 1 <sack 1001:2001>
    +0.004 < . 1:1(0) ack 10001
    +60    nothing
    +0     count tcp_retransmissions 0
  )") == "");
}

TEST_CASE("a retransmission that is lost shows by what was sent after it") {
  CHECK(selective(std::string{ten} + R"(
    +0    write 3000
    +0.02 < . 1:1(0) ack 1 <sack 1001:5001>
    +0    > . 1:1001(1000) ack 1
    +0    > . 10001:11001(1000) ack 1
    +0.001 < . 1:1(0) ack 1 <sack 1001:6001>
    +0    > . 11001:12001(1000) ack 1
    +0.019 < . 1:1(0) ack 1 <sack 1001:11001>
    +0    > . 1:1001(1000) ack 1
    +0    > P. 12001:13001(1000) ack 1
    +0.02 < . 1:1(0) ack 13001
    +60   nothing
    +0    count tcp_timeouts 0
    +0    count tcp_fast_retransmits 1
  )") == "");
}

TEST_CASE("a silent tail is probed after two round trips, and the report shows the loss (RFC 8985 7)") {
  CHECK(selective(R"(
    +0    write 3000
    +0    > . 1:1001(1000) ack 1
    +0    > . 1001:2001(1000) ack 1
    +0    > P. 2001:3001(1000) ack 1
    +0.042 > P. 2001:3001(1000) ack 1
    +0.02 < . 1:1(0) ack 1 <sack 2001:3001>     # the first two are missing, sent long before
    +0    > . 1:1001(1000) ack 1
    +0.02 < . 1:1(0) ack 1001 <sack 2001:3001>
    +0    > . 1001:2001(1000) ack 1
    +0.02 < . 1:1(0) ack 3001
    +60   nothing
    +0    count tcp_tail_probes 1
    +0    count tcp_timeouts 0
  )") == "");
}

TEST_CASE("new data is the better probe (RFC 8985 7.3)") {
  CHECK(selective(std::string{ten} + R"(
    +0    write 1000
    +0.042 > P. 10001:11001(1000) ack 1
    +0.02 < . 1:1(0) ack 11001
    +60   nothing
    +0    count tcp_tail_probes 1
    +0    count tcp_retransmissions 0
  )") == "");
}

TEST_CASE("a probe that the peer had not needed costs no window") {
  CHECK(selective(R"(
    +0    write 2000
    +0    > . 1:1001(1000) ack 1
    +0    > P. 1001:2001(1000) ack 1
    +0.042 > P. 1001:2001(1000) ack 1
    +0.01 < . 1:1(0) ack 2001 <sack 1001:2001>
    +0    count tcp_sent_in_vain 1
    +0    count tcp_fast_retransmits 0
    +60   nothing
  )") == "");
}

TEST_CASE("a reduction for segments that were only late is taken back when the peer reports it (RFC 3708)") {
  CHECK(selective(std::string{ten} + R"(
    +0.02 < . 1:1(0) ack 1 <sack 1001:5001>
    +0    > . 1:1001(1000) ack 1
    +0    info ssthresh 7000
    +0.01 < . 1:1(0) ack 10001                  # the first copy, late
    +0    info cwnd 7000
    +0.01 < . 1:1(0) ack 10001 <sack 1:1001>    # the second was for nothing
    +0    info cwnd 10000
    +0    count tcp_reductions_undone 1
    +60   nothing
  )") == "");
}

TEST_CASE("after a timeout what was reported is not sent again") {
  CHECK(selective(R"(
    +0    write 3000
    +0    > . 1:1001(1000) ack 1
    +0    > . 1001:2001(1000) ack 1
    +0    > P. 2001:3001(1000) ack 1
    +0.02 < . 1:1(0) ack 1 <sack 1001:2001>
    +0.005 > . 1:1001(1000) ack 1               # lost again, with everything else
    +0.2  > . 1:1001(1000) ack 1
    +0.02 < . 1:1(0) ack 2001
    +0    > P. 2001:3001(1000) ack 1
    +0.02 < . 1:1(0) ack 3001
    +60   nothing
    +0    count tcp_timeouts 1
  )") == "");
}

TEST_CASE("a receiver that has thrown away what it reported gets everything again (RFC 2018 8)") {
  CHECK(selective(R"(
    +0    write 2000
    +0    > . 1:1001(1000) ack 1
    +0    > P. 1001:2001(1000) ack 1
    +0.02 < . 1:1(0) ack 1 <sack 1001:2001>
    +0.005 > . 1:1001(1000) ack 1
    +0.02 < . 1:1(0) ack 1001                   # and where is the second?
    +0.2  > P. 1001:2001(1000) ack 1
    +0.02 < . 1:1(0) ack 2001
    +60   nothing
  )") == "");
}

TEST_CASE("blocks that name what was never sent are not believed") {
  CHECK(selective(std::string{ten} + R"(
    +0.02 < . 1:1(0) ack 1 <sack 20001:90001>
    +0    < . 1:1(0) ack 1 <sack 5001:2001>
    +0    < . 1:1(0) ack 1 <sack 9001:10002>
    +0    count tcp_bad_sack 2
    +0    < . 1:1(0) ack 10001
    +60   nothing
    +0    count tcp_retransmissions 0           # a duplicate that reports nothing is none (RFC 6675 2)
  )") == "");
}

// --- Timestamps -------------------------------------------------------------------------------------------

TEST_CASE("a segment older than the last is dropped and acknowledged (PAWS, RFC 7323 5.3)") {
  CHECK(stamped(R"(
    +0    < P. 1:101(100) ack 1 <TS val 1030 ecr 20>
    +0.04 > . 1:1(0) ack 101 <TS val 60 ecr 1030>
    +0    < P. 101:201(100) ack 1 <TS val 1010 ecr 20>
    +0    > . 1:1(0) ack 101 <TS val 60 ecr 1030>
    +0    count tcp_old_timestamp 1
    +0    read 1000 = 100
  )") == "");
}

TEST_CASE("a segment without timestamps is nobody's on a connection that has them") {
  CHECK(stamped(R"(
    +0    < P. 1:101(100) ack 1
    +1    nothing
    +0    count tcp_no_timestamp 1
    +0    < R 1:1(0)                             # RST goes by its number alone
    +0    failure reset
  )") == "");
}

TEST_CASE("what is echoed is the clock of the oldest segment not acknowledged (RFC 7323 4.3)") {
  CHECK(stamped(R"(
    +0    < . 1001:2001(1000) ack 1 <TS val 1050 ecr 20>    # ahead of a gap
    +0    > . 1:1(0) ack 1 <TS val 20 ecr 1020>
    +0    < . 1:1001(1000) ack 1 <TS val 1060 ecr 20>
    +0    > . 1:1(0) ack 2001 <TS val 20 ecr 1060>
    +0    < P. 2001:2101(100) ack 1 <TS val 1070 ecr 20>
    +0    < P. 2101:2201(100) ack 1 <TS val 1090 ecr 20>    # the delayed one, not the latest
    +0    > . 1:1(0) ack 2201 <TS val 20 ecr 1070>
  )") == "");
}

TEST_CASE("a SYN with a newer clock takes over a pair that rests, though its number is lower (RFC 6191)") {
  const std::string_view closed = R"(
    +0    < P. 1:1001(1000) ack 1 <TS val 1030 ecr 20>
    +0.04 > . 1:1(0) ack 1001
    +0    read 2000 = 1000
    +0    close
    +0    > F. 1:1(0) ack 1001
    +0    < F. 1001:1001(0) ack 2 <TS val 1080 ecr 60>
    +0    > . 2:2(0) ack 1002 <TS val 60 ecr 1080>
    +1    < F. 1001:1001(0) ack 2 <TS val 1081 ecr 60>      # its answers have a clock as well
    +0    > . 2:2(0) ack 1002 <TS val 1060 ecr 1080>
    +0    resting 1
  )";
  CHECK(stamped(std::string{closed} + R"(
    +1    < S 500:500(0) win 65535 <mss 1460,TS val 3000 ecr 0>
    +0    > S. 0:0(0) ack 501
    +0    resting 0
    +0    count tcp_time_wait_reused 1
  )") == "");
  CHECK(stamped(std::string{closed} + R"(
    +1    < S 5000:5000(0) win 65535 <mss 1460,TS val 900 ecr 0>
    +0    > . 2:2(0) ack 1002
    +0    resting 1
  )") == "");
}
