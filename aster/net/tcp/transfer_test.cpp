// How data flows, by script (see script.hpp): acknowledgements, windows, small segments.
#include <doctest/doctest.h>

#include <string>

#include "aster/net/tcp/script.hpp"

namespace {

using aster::net::tcp::run_script;

// Scripts that begin with an accepted connection: the peer's MSS is 1460, its window 65535, nothing scaled.
std::string established(std::string_view rest, std::string_view settings = "") {
  return run_script(std::string{settings} + R"(
    +0 listen
    +0 < S 0:0(0) win 65535 <mss 1460>
    +0 > S. 0:0(0) ack 1
    +0 < . 1:1(0) ack 1 win 65535
    +0 accept
  )" + std::string{rest});
}

}  // namespace

TEST_CASE("an answer carries the acknowledgement of its request") {
  CHECK(established(R"(
    +0    < P. 1:101(100) ack 1 win 65535
    +0.01 read 1000 = 100
    +0    write 200
    +0    > P. 1:201(200) ack 101
    +0.02 < . 101:101(0) ack 201 win 65535
    +60   nothing
  )") == "");
}

TEST_CASE("a lone small segment is acknowledged after 40 ms") {
  CHECK(established(R"(
    +0    < P. 1:101(100) ack 1 win 65535
    +0.04 > . 1:1(0) ack 101
    +60   nothing
  )") == "");
}

TEST_CASE("the second small segment is acknowledged at once") {
  CHECK(established(R"(
    +0    < P. 1:101(100) ack 1 win 65535
    +0.01 < P. 101:201(100) ack 1 win 65535
    +0    > . 1:1(0) ack 201
    +1    nothing
  )") == "");
}

TEST_CASE("a full segment is acknowledged when the round ends") {
  CHECK(established(R"(
    +0    < . 1:1461(1460) ack 1 win 65535
    +0    > . 1:1(0) ack 1461
    +1    nothing
  )") == "");
}

TEST_CASE(
    "all that has arrived is taken in before it is acknowledged, once (RFC 9293 3.8.6.3, MUST-58, MUST-59)") {
  CHECK(established(R"(
    +0    full on                             # the round has not ended: nothing goes out yet
    +0    < . 1:1461(1460) ack 1 win 65535
    +0    < . 1461:2921(1460) ack 1 win 65535
    +0    < . 2921:4381(1460) ack 1 win 65535
    +0    < P. 4381:4391(10) ack 1 win 65535
    +0    full off
    +0    > . 1:1(0) ack 4391
    +0    nothing
  )") == "");
}

TEST_CASE("what is written is cut into full segments, and PSH marks the end") {
  CHECK(established(R"(
    +0    write 5000
    +0    > . 1:1461(1460) ack 1
    +0    > . 1461:2921(1460) ack 1
    +0    > . 2921:4381(1460) ack 1
    +0    > P. 4381:5001(620) ack 1
    +0.01 < . 1:1(0) ack 5001 win 65535
    +60   nothing
  )") == "");
}

TEST_CASE("the first flight is ten segments (RFC 6928)") {
  CHECK(established(R"(
    +0    write 20000
    +0    > . 1:1461(1460) ack 1
    +0    > . 1461:2921(1460) ack 1
    +0    > . 2921:4381(1460) ack 1
    +0    > . 4381:5841(1460) ack 1
    +0    > . 5841:7301(1460) ack 1
    +0    > . 7301:8761(1460) ack 1
    +0    > . 8761:10221(1460) ack 1
    +0    > . 10221:11681(1460) ack 1
    +0    > . 11681:13141(1460) ack 1
    +0    > . 13141:14601(1460) ack 1
    +0.1  < . 1:1(0) ack 2921 win 65535      # slow start: two acknowledged let four out
    +0    > . 14601:16061(1460) ack 1
    +0    > . 16061:17521(1460) ack 1
    +0    > . 17521:18981(1460) ack 1
    +0    > P. 18981:20001(1020) ack 1
    +0.1  < . 1:1(0) ack 20001 win 65535
  )") == "");
}

TEST_CASE("a device that segments gets one large packet") {
  CHECK(established(R"(
    +0    write 20000
    +0    > . 1:14601(14600) ack 1
    +0.1  < . 1:1(0) ack 14601 win 65535
    +0    > P. 14601:20001(5400) ack 1
    +0.1  < . 1:1(0) ack 20001 win 65535
  )",
                    "set gso 1\n") == "");
}

TEST_CASE("the send buffer takes what it has room for") {
  CHECK(established(R"(
    +0    write 20000 = 4096
    +0    > . 1:1461(1460) ack 1
    +0    > . 1461:2921(1460) ack 1
    +0    > P. 2921:4097(1176) ack 1
    +0    write 1 = 0
    +0.01 < . 1:1(0) ack 2921 win 65535
    +0    write 5000 = 2920
    +0    > . 4097:5557(1460) ack 1
    +0    > P. 5557:7017(1460) ack 1
    +0.01 < . 1:1(0) ack 7017 win 65535
  )",
                    "set send_buffer 4096\n") == "");
}

TEST_CASE("an idle connection holds no buffers") {
  CHECK(established(R"(
    +0    memory 0
    +0    write 1000
    +0    > P. 1:1001(1000) ack 1
    +0    memory 4096
    +0    < P. 1:101(100) ack 1001 win 65535
    +0    memory 4096
    +0    read 1000 = 100
    +0    memory 0
    +0.04 > . 1001:1001(0) ack 101
  )") == "");
}

TEST_CASE("lent bytes are sent without being copied, and copied when the lender goes") {
  CHECK(established(R"(
    +0    lend 3000
    +0    > . 1:1461(1460) ack 1
    +0    > . 1461:2921(1460) ack 1
    +0    > P. 2921:3001(80) ack 1
    +0    memory 0
    +0    count bytes_copied_sent 0
    +0.01 < . 1:1(0) ack 1461 win 65535
    +0    settle
    +0    count bytes_copied_sent 1540
    +0.2  > . 1461:2921(1460) ack 1
    +0.01 < . 1:1(0) ack 3001 win 65535
    +0    memory 0
  )") == "");
}

TEST_CASE("a lender that goes early leaves what was sent, and takes the rest along") {
  CHECK(established(R"(
    +0    < . 1:1(0) ack 1 win 2000
    +0    lend 5000
    +0    > . 1:1461(1460) ack 1
    +0    withdraw
    +0    write 0
    +0.01 < . 1:1(0) ack 1461 win 65535
    +60   nothing
  )") == "");
}

// --- Our window -------------------------------------------------------------------------------------------

TEST_CASE("the window shrinks as bytes wait to be read, and opens by halves") {
  CHECK(established(R"(
    +0    < . 1:1461(1460) ack 1 win 65535
    +0    > . 1:1(0) ack 1461 win 2540
    +0    < . 1461:2921(1460) ack 1 win 65535
    +0    > . 1:1(0) ack 2921 win 1080
    +0    < P. 2921:4001(1080) ack 1 win 65535
    +0.04 > . 1:1(0) ack 4001 win 0
    +1    read 1000 = 1000                # too little to tell
    +0    nothing
    +0    read 1000 = 1000                # half of the buffer
    +0    > . 1:1(0) ack 4001 win 2000
    +0    read 5000 = 2000
    +0    > . 1:1(0) ack 4001 win 4000
  )",
                    "set receive_buffer 4000\n") == "");
}

TEST_CASE("bytes beyond the window are cut off") {
  CHECK(established(R"(
    +0    < . 1:1461(1460) ack 1 win 65535
    +0    > . 1:1(0) ack 1461 win 540
    +0    < . 1461:2921(1460) ack 1 win 65535
    +0.04 > . 1:1(0) ack 2001 win 0
    +0    read 9000 = 2000
    +0    > . 1:1(0) ack 2001 win 2000
    +0    < . 2001:2921(920) ack 1 win 65535
    +0.04 > . 1:1(0) ack 2921 win 1080
    +0    read 9000 = 920
  )",
                    "set receive_buffer 2000\n") == "");
}

TEST_CASE("a probe of our closed window is answered, and its acknowledgement heard") {
  CHECK(established(R"(
    +0    write 100
    +0    > P. 1:101(100) ack 1
    +0    < . 1:1001(1000) ack 1 win 65535
    +0.04 > . 101:101(0) ack 1001 win 0
    +0    < . 1001:1002(1) ack 101 win 65535
    +0    > . 101:101(0) ack 1001 win 0
    +60   nothing                          # nothing to send again: it was acknowledged
  )",
                    "set receive_buffer 1000\n") == "");
}

TEST_CASE("a window opens while memory is scarce, though by less than a large segment") {
  CHECK(run_script(R"(
    set mtu 9000
    set receive_buffer 10000
    set memory_limit 12288
    +0 listen
    +0 < @1 S 0:0(0) win 65535 <mss 8960>
    +0 > @1 S. 0:0(0) ack 1
    +0 < @1 . 1:1(0) ack 1 win 0
    +0 @1 accept
    +0 < @2 S 0:0(0) win 65535 <mss 8960>
    +0 > @2 S. 0:0(0) ack 1
    +0 < @2 . 1:1(0) ack 1 win 0
    +0 @2 accept
    +0 < @3 S 0:0(0) win 65535 <mss 8960>
    +0 > @3 S. 0:0(0) ack 1 win 10000
    +0 < @3 . 1:1(0) ack 1 win 65535
    +0 @3 accept
    +0 @1 write 100                       # what waits for the peers' windows holds two thirds of the memory
    +0 @2 write 100
    +0 < @3 . 1:4065(4064) ack 1 win 65535
    +0 @3 read 5000 = 4064
    +0.04 > @3 . 1:1(0) ack 4065 win 5936
    +0 < @3 . 4065:8129(4064) ack 1 win 65535
    +0 @3 read 5000 = 4064
    +0 > @3 . 1:1(0) ack 8129 win 4064
    +0 < @3 . 8129:12193(4064) ack 1 win 65535
    +0 @3 read 5000 = 4064
    +0 > @3 . 1:1(0) ack 12193 win 4064
  )") == "");
}

TEST_CASE("the window never moves back") {
  CHECK(established(R"(
    +0    < P. 1:101(100) ack 1 win 65535
    +0.04 > . 1:1(0) ack 101 win 3900
    +0    read 1000 = 100                  # 100 more is no reason to move the edge: it stays at 4001
    +0    < P. 101:201(100) ack 1 win 65535
    +0.04 > . 1:1(0) ack 201 win 3800
  )",
                    "set receive_buffer 4000\n") == "");
}

// --- The peer's window ------------------------------------------------------------------------------------

TEST_CASE("no more is sent than the peer's window takes") {
  CHECK(established(R"(
    +0    < . 1:1(0) ack 1 win 3000
    +0    write 10000
    +0    > . 1:1461(1460) ack 1
    +0    > . 1461:2921(1460) ack 1
    +0.01 < . 1:1(0) ack 2921 win 3000
    +0    > . 2921:4381(1460) ack 1
    +0    > . 4381:5841(1460) ack 1
  )") == "");
}

TEST_CASE("a window update lets more out") {
  CHECK(established(R"(
    +0    < . 1:1(0) ack 1 win 1460
    +0    write 2920
    +0    > . 1:1461(1460) ack 1
    +0.01 < . 1:1(0) ack 1461 win 0
    +0.01 nothing
    +0    < . 1:1(0) ack 1461 win 1460
    +0    > P. 1461:2921(1460) ack 1
    +0.01 < . 1:1(0) ack 2921 win 65535
  )") == "");
}

TEST_CASE("a closed window is probed with one byte, ever more seldom, for as long as the peer answers") {
  CHECK(established(R"(
    +0    < . 1:1(0) ack 1 win 0
    +0    write 100
    +0.2  > . 1:2(1) ack 1
    +0    < . 1:1(0) ack 1 win 0
    +0.4  > . 1:2(1) ack 1
    +0    < . 1:1(0) ack 1 win 0
    +0.8  > . 1:2(1) ack 1
    +0    < . 1:1(0) ack 1 win 0
    +1.6  > . 1:2(1) ack 1
    +0    < . 1:1(0) ack 1 win 0
    +3.2  > . 1:2(1) ack 1
    +0    < . 1:1(0) ack 1 win 0
    +6.4  > . 1:2(1) ack 1
    +0    < . 1:1(0) ack 1 win 0
    +12.8 > . 1:2(1) ack 1
    +0    < . 1:1(0) ack 1 win 0
    +25.6 > . 1:2(1) ack 1
    +0    < . 1:1(0) ack 1 win 0
    +51.2 > . 1:2(1) ack 1
    +0    < . 1:1(0) ack 1 win 0
    +60   > . 1:2(1) ack 1
    +0    < . 1:1(0) ack 1 win 0
    +60   > . 1:2(1) ack 1
    +0    state ESTABLISHED
    +0    < . 1:1(0) ack 1 win 1000
    +0    > P. 1:101(100) ack 1
    +0    < . 1:1(0) ack 101 win 1000
    +0    count tcp_window_probes 11
  )") == "");
}

TEST_CASE("both sides probe a closed window at once, both take the byte, and both hear of it") {
  CHECK(established(R"(
    +0    < . 1:1(0) ack 1 win 0
    +0    write 100
    +0.2  > . 1:2(1) ack 1
    +0    < . 1:2(1) ack 1 win 0            # the peer's probe, before it has seen ours
    +0.04 > . 1:1(0) ack 2
    +0    < . 1:1(0) ack 2 win 0            # its answer to ours, before it has seen that one: one behind
    +0    > . 2:2(0) ack 2
    +0    < . 2:2(0) ack 2 win 1000
    +0    > P. 2:101(99) ack 2
    +0    < . 2:2(0) ack 101 win 1000
    +60   nothing
  )") == "");
}

TEST_CASE("a peer that takes the byte of a probe moves us on by it") {
  CHECK(established(R"(
    +0    < . 1:1(0) ack 1 win 0
    +0    write 3
    +0.2  > . 1:2(1) ack 1
    +0    < . 1:1(0) ack 2 win 0
    +0.4  > . 2:3(1) ack 1
    +0    < . 1:1(0) ack 3 win 10
    +0    > P. 3:4(1) ack 1
    +0    < . 1:1(0) ack 4 win 10
  )") == "");
}

TEST_CASE("probes that nobody answers end the connection") {
  CHECK(established(R"(
    +0    < . 1:1(0) ack 1 win 0
    +0    write 100
    +0.2  > . 1:2(1) ack 1
    +0.4  > . 1:2(1) ack 1
    +0.8  > . 1:2(1) ack 1
    +1.6  > . 1:2(1) ack 1
    +3.2  > . 1:2(1) ack 1
    +6.4  > . 1:2(1) ack 1
    +12.8 > . 1:2(1) ack 1
    +25.6 > . 1:2(1) ack 1
    +51.2 > . 1:2(1) ack 1
    +59   state ESTABLISHED
    +1    failure timed_out
    +0    connections 0
  )") == "");
}

TEST_CASE("the peer closes its window over what is under way: it is probed, and nothing counts as lost") {
  CHECK(established(R"(
    +0    write 2920
    +0    > . 1:1461(1460) ack 1
    +0    > P. 1461:2921(1460) ack 1
    +0.01 < . 1:1(0) ack 1 win 0
    +0.19 > . 1:2(1) ack 1
    +0    < . 1:1(0) ack 1 win 0
    +0.4  > . 1:2(1) ack 1
    +0    < . 1:1(0) ack 1 win 65535
    +0    > . 1:1461(1460) ack 1
    +0    > P. 1461:2921(1460) ack 1
    +0    < . 1:1(0) ack 2921 win 65535
  )") == "");
}

TEST_CASE("a window that opens by a little is no invitation (silly windows)") {
  CHECK(established(R"(
    +0    write 14600
    +0    > . 1:1461(1460) ack 1
    +0    > . 1461:2921(1460) ack 1
    +0    > . 2921:4381(1460) ack 1
    +0    > . 4381:5841(1460) ack 1
    +0    > . 5841:7301(1460) ack 1
    +0    > . 7301:8761(1460) ack 1
    +0    > . 8761:10221(1460) ack 1
    +0    > . 10221:11681(1460) ack 1
    +0    > . 11681:13141(1460) ack 1
    +0    > P. 13141:14601(1460) ack 1
    +0    write 5000
    +0.01 < . 1:1(0) ack 14601 win 100
    +0.01 < . 1:1(0) ack 14601 win 200
    +0.01 < . 1:1(0) ack 14601 win 1459
    +0.17 nothing
    +0.01 > . 14601:16060(1459) ack 1      # nothing came of it: then what there is
    +0.01 < . 1:1(0) ack 16060 win 65535
    +0    > . 16060:17520(1460) ack 1
    +0    > . 17520:18980(1460) ack 1
    +0    > P. 18980:19601(621) ack 1
    +0    < . 1:1(0) ack 19601 win 65535
  )") == "");
}

TEST_CASE("a peer whose window is always small gets it filled") {
  CHECK(run_script(R"(
    +0    listen
    +0    < S 0:0(0) win 500 <mss 1460>
    +0    > S. 0:0(0) ack 1
    +0    < . 1:1(0) ack 1 win 500
    +0    accept
    +0    write 1200
    +0    > . 1:501(500) ack 1
    +0.01 < . 1:1(0) ack 501 win 300
    +0    > . 501:801(300) ack 1
    +0.01 < . 1:1(0) ack 801 win 500
    +0    > P. 801:1201(400) ack 1
    +0.01 < . 1:1(0) ack 1201 win 500
  )") == "");
}

TEST_CASE("a window of one byte") {
  CHECK(run_script(R"(
    +0    listen
    +0    < S 0:0(0) win 1 <mss 1460>
    +0    > S. 0:0(0) ack 1
    +0    < . 1:1(0) ack 1 win 1
    +0    accept
    +0    write 3
    +0    > . 1:2(1) ack 1
    +0    < . 1:1(0) ack 2 win 1
    +0    > . 2:3(1) ack 1
    +0    < . 1:1(0) ack 3 win 1
    +0    > P. 3:4(1) ack 1
    +0    < . 1:1(0) ack 4 win 1
  )") == "");
}

TEST_CASE("an old segment does not set the window") {
  CHECK(established(R"(
    +0    < . 1:101(100) ack 1 win 3000
    +0    < . 1:1(0) ack 1 win 9000          # overtaken on the way
    +0    > . 1:1(0) ack 101
    +0    write 4000
    +0    > . 1:1461(1460) ack 101
    +0    > . 1461:2921(1460) ack 101
    +0.01 < . 101:101(0) ack 2921 win 65535
    +0    > P. 2921:4001(1080) ack 101
    +0    < . 101:101(0) ack 4001 win 65535
  )") == "");
}

// --- Small segments ---------------------------------------------------------------------------------------

TEST_CASE("small writes go out at once by default") {
  CHECK(established(R"(
    +0    write 10
    +0    > P. 1:11(10) ack 1
    +0    write 10
    +0    > P. 11:21(10) ack 1
    +0.01 < . 1:1(0) ack 21 win 65535
  )") == "");
}

TEST_CASE("with Nagle's rule a small segment waits for what is under way") {
  CHECK(established(R"(
    +0    nodelay off
    +0    write 10
    +0    > P. 1:11(10) ack 1
    +0    write 10
    +0    write 1470
    +0    > . 11:1471(1460) ack 1
    +0.01 < . 1:1(0) ack 11 win 65535
    +0.01 < . 1:1(0) ack 1471 win 65535
    +0    > P. 1471:1491(20) ack 1
    +0.01 < . 1:1(0) ack 1491 win 65535
  )") == "");
}

TEST_CASE("Nagle's rule does not hold the last segment before FIN") {
  CHECK(established(R"(
    +0    nodelay off
    +0    write 10
    +0    > P. 1:11(10) ack 1
    +0    write 10
    +0    shutdown
    +0    > FP. 11:21(10) ack 1
    +0.01 < . 1:1(0) ack 22 win 65535
  )") == "");
}

TEST_CASE("writes while the device is full leave together when it has room") {
  CHECK(established(R"(
    +0    full on
    +0    write 10
    +0    write 10
    +0.01 full off
    +0    > P. 1:21(20) ack 1
    +0.01 < . 1:1(0) ack 21 win 65535
  )") == "");
}

// --- Keep-alive -------------------------------------------------------------------------------------------

TEST_CASE("keep-alive probes an idle connection, and an answer puts it at rest") {
  CHECK(established(R"(
    +0    keepalive 100
    +100  > . 0:0(0) ack 1
    +1    < . 1:1(0) ack 1 win 65535
    +99   nothing
    +1    > . 0:0(0) ack 1
    +75   > . 0:0(0) ack 1
    +0    < . 1:1(0) ack 1 win 65535
    +0    state ESTABLISHED
    +0    keepalive 0
    +9999 nothing
  )") == "");
}

TEST_CASE("a peer that answers no keep-alive probe is gone") {
  CHECK(established(R"(
    +0    keepalive 100
    +100  > . 0:0(0) ack 1
    +75   > . 0:0(0) ack 1
    +75   > . 0:0(0) ack 1
    +75   > . 0:0(0) ack 1
    +75   > . 0:0(0) ack 1
    +75   > . 0:0(0) ack 1
    +75   > . 0:0(0) ack 1
    +75   > . 0:0(0) ack 1
    +75   > . 0:0(0) ack 1
    +74   state ESTABLISHED
    +1    failure timed_out
  )") == "");
}

TEST_CASE("we answer the peer's keep-alive probe") {
  CHECK(established(R"(
    +0    < P. 1:11(10) ack 1 win 65535
    +0.04 > . 1:1(0) ack 11
    +50   < . 10:10(0) ack 1 win 65535
    +0    > . 1:1(0) ack 11
    +50   < . 10:11(1) ack 1 win 65535       # the kind that repeats a byte
    +0    > . 1:1(0) ack 11
    +0    read 100 = 10
  )") == "");
}

TEST_CASE("a smaller path is obeyed, and what was too large is sent again") {
  CHECK(established(R"(
    +0    write 2920
    +0    > . 1:1461(1460) ack 1
    +0    > P. 1461:2921(1460) ack 1
    +0    icmp 1 toobig 1000
    +0    > . 1:961(960) ack 1
    +0    > . 961:1921(960) ack 1
    +0    > . 1921:2881(960) ack 1
    +0    > P. 2881:2921(40) ack 1
    +0.01 < . 1:1(0) ack 2921 win 65535
    +0    icmp 1 toobig 600                  # about nothing that is under way
    +0    count icmp_error_ignored 1
  )") == "");
}

TEST_CASE("an absurdly small path is not believed (RFC 5927)") {
  CHECK(established(R"(
    +0    write 1460
    +0    > P. 1:1461(1460) ack 1
    +0    icmp 1 toobig 68
    +0    count icmp_error_ignored 1
    +0.01 < . 1:1(0) ack 1461 win 65535
  )") == "");
}
