// How connections end, by script (see script.hpp).
#include <doctest/doctest.h>

#include <string>

#include "aster/net/tcp/script.hpp"

namespace {

using aster::net::tcp::run_script;

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

TEST_CASE("the peer closes first") {
  CHECK(established(R"(
    +0    < F. 1:1(0) ack 1 win 65535
    +0    > . 1:1(0) ack 2
    +0    state CLOSE-WAIT
    +0    read 10 = eof
    +0    close
    +0    > F. 1:1(0) ack 2
    +0    connections 1
    +0    < . 2:2(0) ack 2 win 65535
    +0    connections 0
    +0    resting 0
    +99   nothing
  )") == "");
}

TEST_CASE("we close first, and the pair of ends rests for a minute") {
  CHECK(established(R"(
    +0    close
    +0    > F. 1:1(0) ack 1
    +0.01 < . 1:1(0) ack 2 win 65535
    +0    connections 1
    +0.01 < F. 1:1(0) ack 2 win 65535
    +0    > . 2:2(0) ack 2
    +0    connections 0
    +0    resting 1
    +59.9 resting 1
    +0.1  resting 0
  )") == "");
}

TEST_CASE("FIN and the acknowledgement of ours in one segment") {
  CHECK(established(R"(
    +0    close
    +0    > F. 1:1(0) ack 1
    +0    < F. 1:1(0) ack 2 win 65535
    +0    > . 2:2(0) ack 2
    +0    resting 1
  )") == "");
}

TEST_CASE("both close at once") {
  CHECK(established(R"(
    +0    shutdown
    +0    > F. 1:1(0) ack 1
    +0    < F. 1:1(0) ack 1 win 65535
    +0    > . 2:2(0) ack 2
    +0    state CLOSING
    +0    < . 2:2(0) ack 2 win 65535
    +0    state CLOSED
    +0    resting 1
    +0    read 1 = eof
  )") == "");
}

TEST_CASE("half-close: we have said all, the peer goes on") {
  CHECK(established(R"(
    +0    write 10
    +0    > P. 1:11(10) ack 1
    +0    shutdown
    +0    > F. 11:11(0) ack 1
    +0    < . 1:1(0) ack 12 win 65535
    +0    state FIN-WAIT-2
    +0    write 1 = closed
    +500  < P. 1:101(100) ack 12 win 65535
    +0.04 > . 12:12(0) ack 101
    +0    read 1000 = 100
    +0    < F. 101:101(0) ack 12 win 65535
    +0    > . 12:12(0) ack 102
    +0    read 1000 = eof
    +0    resting 1
  )") == "");
}

TEST_CASE("half-close: the peer has said all, we go on") {
  CHECK(established(R"(
    +0    < F. 1:1(0) ack 1 win 65535
    +0    > . 1:1(0) ack 2
    +500  write 100
    +0    > P. 1:101(100) ack 2
    +0    < . 2:2(0) ack 101 win 65535
    +0    shutdown
    +0    > F. 101:101(0) ack 2
    +0    state LAST-ACK
    +0    < . 2:2(0) ack 102 win 65535
    +0    state CLOSED
    +0    failure none
    +0    resting 0
  )") == "");
}

TEST_CASE("what was written is delivered before the FIN") {
  CHECK(established(R"(
    +0    < . 1:1(0) ack 1 win 1460
    +0    write 3000
    +0    > . 1:1461(1460) ack 1
    +0    close
    +0.01 < . 1:1(0) ack 1461 win 1460
    +0    > . 1461:2921(1460) ack 1
    +0.01 < . 1:1(0) ack 2921 win 1460
    +0    > FP. 2921:3001(80) ack 1
    +0.01 < F. 1:1(0) ack 3002 win 1460
    +0    > . 3002:3002(0) ack 2
    +0    memory 0
  )") == "");
}

TEST_CASE("the last bytes arrive with the FIN") {
  CHECK(established(R"(
    +0    < FP. 1:101(100) ack 1 win 65535
    +0    > . 1:1(0) ack 102
    +0    read 1000 = 100
    +0    read 1000 = eof
  )") == "");
}

TEST_CASE("FIN waits for the window") {
  CHECK(established(R"(
    +0    < . 1:1(0) ack 1 win 100
    +0    write 100
    +0    > P. 1:101(100) ack 1
    +0    close
    +0    nothing
    +0.01 < . 1:1(0) ack 101 win 100
    +0    > F. 101:101(0) ack 1
    +0.01 < F. 1:1(0) ack 102 win 100
    +0    > . 102:102(0) ack 2
  )") == "");
}

TEST_CASE("a closed window holds even the FIN, which is then the probe") {
  CHECK(established(R"(
    +0    < . 1:1(0) ack 1 win 0
    +0    close
    +0.2  > F. 1:1(0) ack 1
    +0    < . 1:1(0) ack 1 win 0
    +0.4  > F. 1:1(0) ack 1
    +0    < . 1:1(0) ack 2 win 0
    +0    < F. 1:1(0) ack 2 win 0
    +0    > . 2:2(0) ack 2
    +0    resting 1
  )") == "");
}

TEST_CASE("what nobody waits for is given up although the peer answers with a closed window") {
  CHECK(established(R"(
    +0    < . 1:1(0) ack 1 win 0
    +0    write 10
    +0    close
    +0.2  > . 1:2(1) ack 1
    +0    < . 1:1(0) ack 1 win 0
    +0.4  > . 1:2(1) ack 1
    +0.8  > . 1:2(1) ack 1
    +1.6  > . 1:2(1) ack 1
    +3.2  > . 1:2(1) ack 1
    +6.4  > . 1:2(1) ack 1
    +12.8 > . 1:2(1) ack 1
    +25.6 > . 1:2(1) ack 1
    +51.2 > . 1:2(1) ack 1
    +0    < . 1:1(0) ack 1 win 0
    +59.9 connections 1
    +0.2  connections 0
    +0    memory 0
  )") == "");
}

TEST_CASE("close with bytes unread resets (RFC 2525 2.17)") {
  CHECK(established(R"(
    +0    < P. 1:101(100) ack 1 win 65535
    +0    close
    +0    > R. 1:1(0) ack 101
    +0    connections 0
    +0    memory 0
  )") == "");
}

TEST_CASE("data for a stream that was closed is answered by RST") {
  CHECK(established(R"(
    +0    close
    +0    > F. 1:1(0) ack 1
    +0    < P. 1:101(100) ack 2 win 65535
    +0    > R. 2:2(0) ack 1
    +0    connections 0
    +0    count tcp_data_after_close 1
  )") == "");
}

TEST_CASE("old data for a stream that was closed is only acknowledged") {
  CHECK(established(R"(
    +0    < P. 1:101(100) ack 1 win 65535
    +0    read 999 = 100
    +0    close
    +0    > F. 1:1(0) ack 101
    +0    < P. 1:101(100) ack 2 win 65535
    +0    > . 2:2(0) ack 101
    +0    connections 1
    +0    < F. 101:101(0) ack 2 win 65535
    +0    > . 2:2(0) ack 102
  )") == "");
}

TEST_CASE("abort sends RST and forgets") {
  CHECK(established(R"(
    +0    write 100
    +0    > P. 1:101(100) ack 1
    +0    abort
    +0    > R. 101:101(0) ack 1
    +0    connections 0
    +0    write 1 = closed
    +0    read 1 = closed
    +60   nothing
  )") == "");
}

TEST_CASE("a connection that the peer resets fails, and what had arrived is read first") {
  CHECK(established(R"(
    +0    < P. 1:11(10) ack 1 win 65535
    +0    < R 11:11(0)
    +0    state CLOSED
    +0    read 100 = 10
    +0    read 100 = reset
    +0    write 1 = reset
    +0    connections 0
    +0    count tcp_connections_reset 1
  )") == "");
}

TEST_CASE("a RST after the peer's FIN is still a reset") {
  CHECK(established(R"(
    +0    < F. 1:1(0) ack 1 win 65535
    +0    > . 1:1(0) ack 2
    +0    < R 2:2(0)
    +0    write 1 = reset
    +0    connections 0
  )") == "");
}

TEST_CASE("a peer that never closes its side is left after a minute, once nobody reads") {
  CHECK(established(R"(
    +0    close
    +0    > F. 1:1(0) ack 1
    +0    < . 1:1(0) ack 2 win 65535
    +59.9 connections 1
    +0.1  connections 0
    +0    < P. 1:11(10) ack 2 win 65535
    +0    > R 2:2(0)
  )") == "");
}

TEST_CASE("… but not while somebody reads") {
  CHECK(established(R"(
    +0    shutdown
    +0    > F. 1:1(0) ack 1
    +0    < . 1:1(0) ack 2 win 65535
    +9999 connections 1
    +0    close
    +60   connections 0
  )") == "");
}

TEST_CASE("close before the handshake is done") {
  CHECK(run_script(R"(
    +0    connect
    +0    > S 0:0(0)
    +0    close
    +0    connections 0
    +9    nothing
    +0    < S. 0:0(0) ack 1 win 65535 <mss 1460>
    +0    > R 1:1(0)
  )") == "");
}

TEST_CASE("shutdown before the handshake is done sends FIN after it") {
  CHECK(run_script(R"(
    +0    connect
    +0    > S 0:0(0)
    +0    write 10
    +0    shutdown
    +0    nothing
    +0    < S. 0:0(0) ack 1 win 65535 <mss 1460>
    +0    > FP. 1:11(10) ack 1
    +0    state FIN-WAIT-1
    +0    < F. 1:1(0) ack 12 win 65535
    +0    > . 12:12(0) ack 2
  )") == "");
}

TEST_CASE("an acknowledgement of our FIN that was lost comes with the repeated FIN") {
  CHECK(established(R"(
    +0    < F. 1:1(0) ack 1 win 65535
    +0    > . 1:1(0) ack 2
    +0    close
    +0    > F. 1:1(0) ack 2
    +0.2  > F. 1:1(0) ack 2
    +0    < F. 1:1(0) ack 1 win 65535      # the peer's FIN again: our ACK was lost
    +0    > . 2:2(0) ack 2
    +0    < . 2:2(0) ack 2 win 65535
    +0    connections 0
  )") == "");
}

// --- TIME-WAIT --------------------------------------------------------------------------------------------

namespace {
constexpr std::string_view closed_by_us = R"(
    +0    close
    +0    > F. 1:1(0) ack 1
    +0    < F. 1:1(0) ack 2 win 65535
    +0    > . 2:2(0) ack 2
    +0    resting 1
)";
}

TEST_CASE("TIME-WAIT answers a repeated FIN and begins anew") {
  CHECK(established(std::string{closed_by_us} + R"(
    +30   < F. 1:1(0) ack 2 win 65535
    +0    > . 2:2(0) ack 2
    +59.9 resting 1
    +0.1  resting 0
  )") == "");
}

TEST_CASE("TIME-WAIT is not ended by RST (RFC 1337)") {
  CHECK(established(std::string{closed_by_us} + R"(
    +1    < R 2:2(0)
    +0    resting 1
    +1    nothing
  )") == "");
}

TEST_CASE("TIME-WAIT answers old data by an acknowledgement, and plain ones by nothing") {
  CHECK(established(std::string{closed_by_us} + R"(
    +1    < P. 1:11(10) ack 1 win 65535
    +0    > . 2:2(0) ack 2
    +1    < . 2:2(0) ack 2 win 65535
    +1    nothing
  )") == "");
}

TEST_CASE("a new SYN takes over a pair of ends in TIME-WAIT, with numbers beyond the old ones") {
  CHECK(established(std::string{closed_by_us} + R"(
    +1    < S 100000:100000(0) win 65535 <mss 1460>
    +0    > S. 0:0(0) ack 100001
    +0    resting 0
    +0    count tcp_time_wait_reused 1
    +0    < . 100001:100001(0) ack 1 win 65535
    +0    accept
    +0    state ESTABLISHED
  )") == "");
}

TEST_CASE("a SYN that is older than the connection in TIME-WAIT is only acknowledged") {
  CHECK(established(std::string{closed_by_us} + R"(
    +1    < S 1:1(0) win 65535 <mss 1460>
    +0    > . 2:2(0) ack 2
    +0    resting 1
  )") == "");
}

TEST_CASE("the table of those that rest is bounded: the oldest leaves") {
  CHECK(run_script(R"(
    set time_wait_limit 1
    +0    listen
    +0    < S 0:0(0) win 65535 <mss 1460>
    +0    > S. 0:0(0) ack 1
    +0    < . 1:1(0) ack 1 win 65535
    +0    accept
    +0    close
    +0    > F. 1:1(0) ack 1
    +0    < F. 1:1(0) ack 2 win 65535
    +0    > . 2:2(0) ack 2
    +0    < @2 S 0:0(0) win 65535 <mss 1460>
    +0    > @2 S. 0:0(0) ack 1
    +0    < @2 . 1:1(0) ack 1 win 65535
    +0    accept
    +0    @2 close
    +0    > @2 F. 1:1(0) ack 1
    +0    < @2 F. 1:1(0) ack 2 win 65535
    +0    > @2 . 2:2(0) ack 2
    +0    resting 1
    +0    count tcp_time_wait_evicted 1
    +0    < F. 1:1(0) ack 2 win 65535
    +0    > R 2:2(0)
    +0    < @2 F. 1:1(0) ack 2 win 65535
    +0    > @2 . 2:2(0) ack 2
  )") == "");
}
