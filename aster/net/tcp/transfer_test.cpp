// How data flows, by script (see script.hpp): acknowledgements, small segments, keep-alive.
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
