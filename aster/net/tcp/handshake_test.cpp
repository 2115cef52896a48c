// How connections begin, by script (see script.hpp).
#include <doctest/doctest.h>

#include "aster/net/tcp/script.hpp"

using aster::net::tcp::run_script;

TEST_CASE("a passive open: SYN, SYN-ACK, ACK") {
  CHECK(run_script(R"(
    +0   listen
    +0   < S 0:0(0) win 65535 <mss 1460,wscale 7>
    +0   > S. 0:0(0) ack 1 win 65535 <mss 1460,wscale 7>
    +0.1 accept nothing
    +0   < . 1:1(0) ack 1 win 512
    +0   accept
    +0   state ESTABLISHED
    +0   count tcp_connections_accepted 1
    +60  nothing
  )") == "");
}

TEST_CASE("window scale is not offered to a peer that did not offer it") {
  CHECK(run_script(R"(
    +0   listen
    +0   < S 0:0(0) win 65535 <mss 1460>
    +0   > S. 0:0(0) ack 1 win 65535 <mss 1460>
    +0   < . 1:1(0) ack 1 win 65535
    +0   accept
    +0   < P. 1:1461(1460) ack 1 win 65535
    +0   > . 1:1(0) ack 1461 win 64075
  )") == "");
}

TEST_CASE("with window scale our window counts 128 bytes a step") {
  CHECK(run_script(R"(
    +0   listen
    +0   < S 0:0(0) win 65535 <mss 1460,wscale 2>
    +0   > S. 0:0(0) ack 1
    +0   < . 1:1(0) ack 1 win 65535
    +0   accept
    +0   < P. 1:1461(1460) ack 1 win 65535
    +0   > . 1:1(0) ack 1461 win 500      # 64075 / 128, rounded down
  )") == "");
}

TEST_CASE("the peer's window is not scaled in its SYN, and scaled after") {
  CHECK(run_script(R"(
    +0   listen
    +0   < S 0:0(0) win 1000 <mss 1460,wscale 3>
    +0   > S. 0:0(0) ack 1
    +0   < . 1:1(0) ack 1 win 365
    +0   accept
    +0   write 4000
    +0   > . 1:1461(1460) ack 1
    +0   > . 1461:2921(1460) ack 1        # 365 * 8 bytes
    +0.1 < . 1:1(0) ack 2921 win 365
    +0   > P. 2921:4001(1080) ack 1
  )") == "");
}

TEST_CASE("a SYN-ACK that nobody answers is sent again after 1, 2, 4 … seconds and given up after a minute") {
  CHECK(run_script(R"(
    +0   listen
    +0   < S 0:0(0) win 65535 <mss 1460>
    +0   > S. 0:0(0) ack 1 <mss 1460>
    +1   > S. 0:0(0) ack 1 <mss 1460>
    +2   > S. 0:0(0) ack 1 <mss 1460>
    +4   > S. 0:0(0) ack 1 <mss 1460>
    +8   > S. 0:0(0) ack 1 <mss 1460>
    +16  > S. 0:0(0) ack 1 <mss 1460>
    +31.9 connections 1
    +0.1 connections 0
    +100 nothing
  )") == "");
}

TEST_CASE("a repeated SYN is answered at once") {
  CHECK(run_script(R"(
    +0   listen
    +0   < S 0:0(0) win 65535 <mss 1460>
    +0   > S. 0:0(0) ack 1
    +0.5 < S 0:0(0) win 65535 <mss 1460>
    +0   > S. 0:0(0) ack 1 <mss 1460>
    +0   < . 1:1(0) ack 1 win 65535
    +0   accept
    +0   state ESTABLISHED
  )") == "");
}

TEST_CASE("the third segment of the handshake may carry data") {
  CHECK(run_script(R"(
    +0    listen
    +0    < S 0:0(0) win 65535 <mss 1460>
    +0    > S. 0:0(0) ack 1
    +0    < P. 1:101(100) ack 1 win 65535
    +0    accept
    +0    read 1000 = 100
    +0.04 > . 1:1(0) ack 101
  )") == "");
}

TEST_CASE("data comes first, its ACK of the SYN-ACK was lost") {
  CHECK(run_script(R"(
    +0   listen
    +0   < S 0:0(0) win 65535 <mss 1460>
    +0   > S. 0:0(0) ack 1
    +0   < P. 11:21(10) ack 1 win 65535
    +0   > . 1:1(0) ack 1
    +0   < P. 1:11(10) ack 1 win 65535
    +0   > . 1:1(0) ack 21
    +0   accept
    +0   read 100 = 20
  )") == "");
}

TEST_CASE("payload of a SYN is not taken; it comes again") {
  CHECK(run_script(R"(
    +0    listen
    +0    < S 0:10(10) win 65535 <mss 1460>
    +0    > S. 0:0(0) ack 1
    +0    < P. 1:11(10) ack 1 win 65535
    +0    accept
    +0    read 100 = 10
    +0.04 > . 1:1(0) ack 11
  )") == "");
}

TEST_CASE("RST ends a half-open connection without a trace") {
  CHECK(run_script(R"(
    +0   listen
    +0   < S 0:0(0) win 65535 <mss 1460>
    +0   > S. 0:0(0) ack 1
    +0   < R 1:1(0)
    +0   connections 0
    +0   accept nothing
    +60  nothing
  )") == "");
}

TEST_CASE("a wrong acknowledgement of the SYN-ACK is answered by RST, and the handshake goes on") {
  CHECK(run_script(R"(
    +0   listen
    +0   < S 0:0(0) win 65535 <mss 1460>
    +0   > S. 0:0(0) ack 1
    +0   < . 1:1(0) ack 77 win 65535
    +0   > R 77:77(0)
    +0   < . 1:1(0) ack 1 win 65535
    +0   accept
    +0   state ESTABLISHED
  )") == "");
}

TEST_CASE("a peer with other numbers on the same ports is challenged while half open") {
  CHECK(run_script(R"(
    +0   listen
    +0   < S 0:0(0) win 65535 <mss 1460>
    +0   > S. 0:0(0) ack 1
    +0   < S 5000:5000(0) win 65535 <mss 1460>
    +0   > S. 0:0(0) ack 1
    +0   count tcp_bad_syn 1
    +0   < R 1:1(0)
    +0   connections 0
  )") == "");
}

TEST_CASE("an active open") {
  CHECK(run_script(R"(
    +0   connect
    +0   > S 0:0(0) win 65535 <mss 1460,sackOK,TS val 0 ecr 0,wscale 7>
    +0   state SYN-SENT
    +0.1 < S. 0:0(0) ack 1 win 65535 <mss 1460,wscale 7>
    +0   > . 1:1(0) ack 1 win 511
    +0   state ESTABLISHED
    +0   count tcp_connections_opened 1
  )") == "");
}

TEST_CASE("an active open is refused by RST with ACK") {
  CHECK(run_script(R"(
    +0   connect
    +0   > S 0:0(0)
    +0   < R. 0:0(0) ack 1
    +0   state CLOSED
    +0   failure refused
    +0   connections 0
    +60  nothing
  )") == "");
}

TEST_CASE("a RST that does not acknowledge the SYN is not believed") {
  CHECK(run_script(R"(
    +0   connect
    +0   > S 0:0(0)
    +0   < R 0:0(0)
    +0   state SYN-SENT
    +0   < R. 0:0(0) ack 2
    +0   state SYN-SENT
    +0   < S. 0:0(0) ack 1 win 65535 <mss 1460>
    +0   > . 1:1(0) ack 1
  )") == "");
}

TEST_CASE("a SYN-ACK for an older SYN is answered by RST") {
  CHECK(run_script(R"(
    +0   connect
    +0   > S 0:0(0)
    +0   < S. 0:0(0) ack 4000 win 65535 <mss 1460>
    +0   > R 4000:4000(0)
    +0   state SYN-SENT
  )") == "");
}

TEST_CASE("a SYN that nobody answers is sent again, and given up after three minutes") {
  CHECK(run_script(R"(
    +0   connect
    +0   > S 0:0(0) <mss 1460,sackOK,TS val 0 ecr 0,wscale 7>
    +1   > S 0:0(0) <mss 1460,sackOK,TS val 1000 ecr 0,wscale 7>
    +2   > S 0:0(0)
    +4   > S 0:0(0)
    +8   > S 0:0(0)
    +16  > S 0:0(0)
    +32  > S 0:0(0)
    +60  > S 0:0(0)
    +59  state SYN-SENT
    +1   state CLOSED
    +0   failure timed_out
  )") == "");
}

TEST_CASE("after a lost SYN the first timeout for data is three seconds (RFC 6298 5.7)") {
  CHECK(run_script(R"(
    +0   connect
    +0   > S 0:0(0)
    +1   > S 0:0(0)
    +0.1 < S. 0:0(0) ack 1 win 65535 <mss 1460>
    +0   > . 1:1(0) ack 1
    +0   write 100
    +0   > P. 1:101(100) ack 1
    +3   > P. 1:101(100) ack 1
  )") == "");
}

TEST_CASE("a simultaneous open") {
  CHECK(run_script(R"(
    +0   connect
    +0   > S 0:0(0) <mss 1460,sackOK,TS val 0 ecr 0,wscale 7>
    +0   < S 0:0(0) win 65535 <mss 1460,wscale 7>
    +0   > S. 0:0(0) ack 1 <mss 1460,wscale 7>
    +0   state SYN-RECEIVED
    +0   < S. 0:0(0) ack 1 win 65535 <mss 1460,wscale 7>
    +0   state ESTABLISHED
    +0   write 10
    +0   > P. 1:11(10) ack 1
  )") == "");
}

TEST_CASE("a simultaneous open whose second half was lost ends with the plain acknowledgement") {
  CHECK(run_script(R"(
    +0   connect
    +0   > S 0:0(0)
    +0   < S 0:0(0) win 65535 <mss 1460>
    +0   > S. 0:0(0) ack 1
    +1   > S. 0:0(0) ack 1
    +0   < . 1:1(0) ack 1 win 65535
    +0   state ESTABLISHED
  )") == "");
}

TEST_CASE("a closed port answers a SYN by RST") {
  CHECK(run_script(R"(
    +0   < S 0:0(0) win 65535 <mss 1460>
    +0   > R. 0:0(0) ack 1
    +0   count tcp_no_listener 1
    +0   < S 100:110(10) win 65535
    +0   > R. 0:0(0) ack 111
  )") == "");
}

TEST_CASE("a segment of no connection is answered by RST with its own acknowledgement") {
  CHECK(run_script(R"(
    +0   listen
    +0   < . 5:5(0) ack 77 win 65535
    +0   > R 77:77(0)
    +0   < F. 5:5(0) ack 78 win 65535
    +0   > R 78:78(0)
  )") == "");
}

TEST_CASE("RST is never answered, nor is what has no ACK at a listening port") {
  CHECK(run_script(R"(
    +0   listen
    +0   < R 5:5(0)
    +0   < R. 5:5(0) ack 9
    +0   < F 5:5(0)
    +0   < P 5:15(10)
    +1   nothing
  )") == "");
}

TEST_CASE("a SYN-ACK at a listening port is answered by RST") {
  CHECK(run_script(R"(
    +0   listen
    +0   < S. 0:0(0) ack 1234 win 65535 <mss 1460>
    +0   > R 1234:1234(0)
    +0   connections 0
  )") == "");
}

TEST_CASE("ICMP unreachable ends an attempt to connect, but not a connection") {
  CHECK(run_script(R"(
    +0   connect
    +0   > S 0:0(0)
    +0   icmp 0 unreachable
    +0   failure unreachable
    +0   connections 0
    +0   @2 connect
    +0   > @2 S 0:0(0)
    +0   < @2 S. 0:0(0) ack 1 win 65535 <mss 1460>
    +0   > @2 . 1:1(0) ack 1
    +0   @2 write 10
    +0   > @2 P. 1:11(10) ack 1
    +0   icmp @2 1 unreachable
    +0   @2 state ESTABLISHED
    +0   icmp @2 5000 unreachable
    +0   count icmp_error_ignored 1
  )") == "");
}

TEST_CASE("segments are no larger than the peer's MSS") {
  CHECK(run_script(R"(
    +0   listen
    +0   < S 0:0(0) win 65535 <mss 1000>
    +0   > S. 0:0(0) ack 1 <mss 1460>
    +0   < . 1:1(0) ack 1 win 65535
    +0   accept
    +0   write 1500
    +0   > . 1:1001(1000) ack 1
    +0   > P. 1001:1501(500) ack 1
  )") == "");
}

TEST_CASE("without an MSS option segments carry 536 bytes") {
  CHECK(run_script(R"(
    +0   listen
    +0   < S 0:0(0) win 65535
    +0   > S. 0:0(0) ack 1
    +0   < . 1:1(0) ack 1 win 65535
    +0   accept
    +0   write 600
    +0   > . 1:537(536) ack 1
    +0   > P. 537:601(64) ack 1
  )") == "");
}

TEST_CASE("an absurdly small MSS is not followed") {
  CHECK(run_script(R"(
    +0   listen
    +0   < S 0:0(0) win 65535 <mss 1>
    +0   > S. 0:0(0) ack 1
    +0   < . 1:1(0) ack 1 win 65535
    +0   accept
    +0   write 60
    +0   > . 1:49(48) ack 1
    +0   > P. 49:61(12) ack 1
  )") == "");
}

TEST_CASE("our own MSS follows from the link") {
  CHECK(run_script(R"(
    set mtu 576
    +0   listen
    +0   < S 0:0(0) win 65535 <mss 1460>
    +0   > S. 0:0(0) ack 1 <mss 536>
    +0   < . 1:1(0) ack 1 win 65535
    +0   accept
    +0   write 600
    +0   > . 1:537(536) ack 1
    +0   > P. 537:601(64) ack 1
  )") == "");
}

// --- What the options may say -----------------------------------------------------------------------------

TEST_CASE("a window scale beyond fourteen counts as fourteen (RFC 7323 2.3)") {
  CHECK(run_script(R"(
    +0    listen
    +0    < S 0:0(0) win 65535 <mss 1000,wscale 15>
    +0    > S. 0:0(0) ack 1
    +0    < . 1:1(0) ack 1 win 1              # 16384 bytes
    +0    accept
    +0    write 20000
    +0    > . 1:1001(1000) ack 1
    +0    > . 1001:2001(1000) ack 1
    +0    > . 2001:3001(1000) ack 1
    +0    > . 3001:4001(1000) ack 1
    +0    > . 4001:5001(1000) ack 1
    +0    > . 5001:6001(1000) ack 1
    +0    > . 6001:7001(1000) ack 1
    +0    > . 7001:8001(1000) ack 1
    +0    > . 8001:9001(1000) ack 1
    +0    > . 9001:10001(1000) ack 1
    +0.01 < . 1:1(0) ack 10001 win 1
    +0    > . 10001:11001(1000) ack 1
    +0    > . 11001:12001(1000) ack 1
    +0    > . 12001:13001(1000) ack 1
    +0    > . 13001:14001(1000) ack 1
    +0    > . 14001:15001(1000) ack 1
    +0    > . 15001:16001(1000) ack 1
    +0    > . 16001:17001(1000) ack 1
    +0    > . 17001:18001(1000) ack 1
    +0    > . 18001:19001(1000) ack 1
    +0    > P. 19001:20001(1000) ack 1
    +0.01 < . 1:1(0) ack 20001 win 1
  )") == "");
}

TEST_CASE("options in segments that are no SYN change nothing that the SYNs agreed on") {
  CHECK(run_script(R"(
    +0    listen
    +0    < S 0:0(0) win 65535 <mss 1000>
    +0    > S. 0:0(0) ack 1
    +0    < . 1:1(0) ack 1 win 65535 <mss 100,wscale 7,sackOK>
    +0    accept
    +0    info mss 1000
    +0    info sack 0
    +0    info scaling 0
  )") == "");
}

TEST_CASE("on a link with large frames the first flight is two segments, on others ten (RFC 6928 2)") {
  CHECK(run_script(R"(
    set mtu 9000
    +0    listen
    +0    < S 0:0(0) win 65535 <mss 8960>
    +0    > S. 0:0(0) ack 1 <mss 8960>
    +0    < . 1:1(0) ack 1 win 65535
    +0    accept
    +0    info cwnd 17920
    +0    write 30000
    +0    > . 1:8961(8960) ack 1
    +0    > . 8961:17921(8960) ack 1
    +0.01 < . 1:1(0) ack 17921 win 65535
    +0    > . 17921:26881(8960) ack 1
    +0    > P. 26881:30001(3120) ack 1
    +0.01 < . 1:1(0) ack 30001 win 65535
  )") == "");
}

TEST_CASE("on a link with the smallest frames segments carry 536 bytes, with timestamps twelve fewer") {
  CHECK(run_script(R"(
    set mtu 576
    +0    listen
    +0    < S 0:0(0) win 65535 <mss 1460,TS val 7 ecr 0>
    +0    > S. 0:0(0) ack 1 <mss 536,TS val 0 ecr 7>
    +0    < . 1:1(0) ack 1 win 65535 <TS val 8 ecr 0>
    +0    accept
    +0    write 1000
    +0    > . 1:525(524) ack 1
    +0    > P. 525:1001(476) ack 1
    +0.01 < . 1:1(0) ack 1001 win 65535 <TS val 9 ecr 0>
  )") == "");
}
