// What a segment does in each state (RFC 9293 §3.10.7.4), by script (see script.hpp).
#include <doctest/doctest.h>

#include <string>

#include "aster/net/tcp/script.hpp"

namespace {

using aster::net::tcp::run_script;

std::string established(std::string_view rest) {
  return run_script(std::string{R"(
    +0 listen
    +0 < S 0:0(0) win 65535 <mss 1000>
    +0 > S. 0:0(0) ack 1
    +0 < . 1:1(0) ack 1 win 65535
    +0 accept
  )"} + std::string{rest});
}

// How each state is reached from ESTABLISHED; the peer's next number and what it acknowledges then.
constexpr std::string_view fin_wait_1 = R"(
    +0 shutdown
    +0 > F. 1:1(0) ack 1
    +0 state FIN-WAIT-1
  )";
constexpr std::string_view fin_wait_2 = R"(
    +0 shutdown
    +0 > F. 1:1(0) ack 1
    +0 < . 1:1(0) ack 2
    +0 state FIN-WAIT-2
  )";
constexpr std::string_view close_wait = R"(
    +0 < F. 1:1(0) ack 1
    +0 > . 1:1(0) ack 2
    +0 state CLOSE-WAIT
  )";
constexpr std::string_view closing = R"(
    +0 shutdown
    +0 > F. 1:1(0) ack 1
    +0 < F. 1:1(0) ack 1
    +0 > . 2:2(0) ack 2
    +0 state CLOSING
  )";
constexpr std::string_view last_ack = R"(
    +0 < F. 1:1(0) ack 1
    +0 > . 1:1(0) ack 2
    +0 shutdown
    +0 > F. 1:1(0) ack 2
    +0 state LAST-ACK
  )";

std::string in(std::string_view state, std::string_view rest) {
  return established(std::string{state} + std::string{rest});
}

}  // namespace

// --- RST --------------------------------------------------------------------------------------------------

TEST_CASE("a RST ends every state that has not had the peer's FIN, and the program hears of it") {
  for (const std::string_view state : {fin_wait_1, fin_wait_2}) {
    CAPTURE(state);
    CHECK(in(state, R"(
      +0 < R 1:1(0)
      +0 failure reset
      +0 state CLOSED
      +0 connections 0
      +0 resting 0
      +9 nothing
    )") == "");
  }
}

TEST_CASE("a RST ends every state that has had the peer's FIN as well") {
  for (const std::string_view state : {close_wait, closing, last_ack}) {
    CAPTURE(state);
    CHECK(in(state, R"(
      +0 < R 2:2(0)
      +0 failure reset
      +0 connections 0
      +0 resting 0
      +9 nothing
    )") == "");
  }
}

TEST_CASE("a RST that is off by one is challenged in every state") {
  for (const std::string_view state : {fin_wait_1, fin_wait_2})
    CHECK(in(state, "+0 < R 2:2(0)\n+0 > . 2:2(0) ack 1\n") == "");
  CHECK(in(close_wait, "+0 < R 3:3(0)\n+0 > . 1:1(0) ack 2\n") == "");
  for (const std::string_view state : {closing, last_ack})
    CHECK(in(state, "+0 < R 3:3(0)\n+0 > . 2:2(0) ack 2\n") == "");
}

TEST_CASE("a RST is heard while our window is closed") {
  CHECK(run_script(R"(
    set receive_buffer 1000
    +0    listen
    +0    < S 0:0(0) win 65535 <mss 1000>
    +0    > S. 0:0(0) ack 1
    +0    < . 1:1(0) ack 1 win 65535
    +0    accept
    +0    < P. 1:1001(1000) ack 1
    +0.04 > . 1:1(0) ack 1001 win 0
    +0    < R 1001:1001(0)
    +0    read 1000 = 1000
    +0    failure reset
  )") == "");
}

TEST_CASE("a RST may carry text, which is not taken") {
  CHECK(established(R"(
    +0    < R 1:11(10)
    +0    failure reset
    +0    read 10 = reset
  )") == "");
}

// --- SYN --------------------------------------------------------------------------------------------------

TEST_CASE("a SYN is challenged in every state and changes nothing") {
  for (const std::string_view state : {fin_wait_1, fin_wait_2})
    CHECK(in(state, "+0 < S 900:900(0) win 9 <mss 1000>\n+0 > . 2:2(0) ack 1\n+0 count tcp_bad_syn 1\n") ==
          "");
  CHECK(in(close_wait, "+0 < S 900:900(0) win 9 <mss 1000>\n+0 > . 1:1(0) ack 2\n") == "");
  for (const std::string_view state : {closing, last_ack})
    CHECK(in(state, "+0 < S 900:900(0) win 9 <mss 1000>\n+0 > . 2:2(0) ack 2\n") == "");
}

TEST_CASE("a SYN-ACK that comes again, because our acknowledgement was lost, is acknowledged again") {
  CHECK(run_script(R"(
    +0    connect
    +0    > S 0:0(0)
    +0    < S. 0:0(0) ack 1 win 65535 <mss 1000>
    +0    > . 1:1(0) ack 1
    +1    < S. 0:0(0) ack 1 win 65535 <mss 1000>
    +0    > . 1:1(0) ack 1
    +0    state ESTABLISHED
  )") == "");
}

TEST_CASE("a SYN may come with a FIN, which is taken with the text when it comes again") {
  CHECK(run_script(R"(
    +0    listen
    +0    < SF 0:0(0) win 65535 <mss 1000>
    +0    > S. 0:0(0) ack 1
    +0    < F. 1:1(0) ack 1 win 65535
    +0    > . 1:1(0) ack 2
    +0    accept
    +0    state CLOSE-WAIT
  )") == "");
}

// --- The acknowledgement ----------------------------------------------------------------------------------

TEST_CASE("in FIN-WAIT-1 an acknowledgement of the text alone leaves the FIN under way") {
  CHECK(established(R"(
    +0    write 100
    +0    > P. 1:101(100) ack 1
    +0    shutdown
    +0    > F. 101:101(0) ack 1
    +0.01 < . 1:1(0) ack 101
    +0    state FIN-WAIT-1
    +0.2  > F. 101:101(0) ack 1
    +0    < . 1:1(0) ack 102
    +0    state FIN-WAIT-2
  )") == "");
}

TEST_CASE("a FIN that is not acknowledged is sent again in CLOSING and in LAST-ACK") {
  CHECK(in(closing, R"(
    +0.2  > F. 1:1(0) ack 2
    +0.4  > F. 1:1(0) ack 2
    +0    < . 2:2(0) ack 2
    +0    resting 1
  )") == "");
  CHECK(in(last_ack, R"(
    +0.2  > F. 1:1(0) ack 2
    +0.4  > F. 1:1(0) ack 2
    +0    < . 2:2(0) ack 2
    +0    resting 0
    +0    connections 0
  )") == "");
}

TEST_CASE("a closing connection whose peer is gone is given up") {
  CHECK(in(last_ack, R"(
    +0.2  > F. 1:1(0) ack 2
    +0.4  > F. 1:1(0) ack 2
    +0.8  > F. 1:1(0) ack 2
    +1.6  > F. 1:1(0) ack 2
    +3.2  > F. 1:1(0) ack 2
    +6.4  > F. 1:1(0) ack 2
    +12.8 > F. 1:1(0) ack 2
    +25.6 > F. 1:1(0) ack 2
    +51.2 > F. 1:1(0) ack 2
    +60   failure timed_out
    +0    connections 0
  )") == "");
}

// --- The text and the FIN ---------------------------------------------------------------------------------

TEST_CASE("text is taken in both FIN-WAIT states") {
  for (const auto& [state, ack] : {std::pair{fin_wait_1, "1"}, std::pair{fin_wait_2, "2"}})
    CHECK(in(state, "+0 < . 1:1001(1000) ack " + std::string{ack} + R"(
      +0.04 > . 2:2(0) ack 1001
      +0 read 2000 = 1000
    )") == "");
}

TEST_CASE("text behind the peer's FIN is nobody's: it is acknowledged, and not taken") {
  CHECK(in(close_wait, R"(
    +0 < P. 2:12(10) ack 1
    +0 > . 1:1(0) ack 2
    +0 read 10 = eof
    +0 memory 0
  )") == "");
}

TEST_CASE("a FIN that comes again is acknowledged again in every state that has had it") {
  CHECK(in(close_wait, "+0 < F. 1:1(0) ack 1\n+0 > . 1:1(0) ack 2\n+0 state CLOSE-WAIT\n") == "");
  for (const std::string_view state : {closing, last_ack})
    CHECK(in(state, "+0 < F. 1:1(0) ack 1\n+0 > . 2:2(0) ack 2\n") == "");
}

TEST_CASE(
    "in FIN-WAIT-1 a FIN with the acknowledgement of ours goes to rest at once, one without to CLOSING") {
  CHECK(in(fin_wait_1, "+0 < F. 1:1(0) ack 2\n+0 > . 2:2(0) ack 2\n+0 resting 1\n") == "");
  CHECK(in(fin_wait_1, "+0 < F. 1:1(0) ack 1\n+0 > . 2:2(0) ack 2\n+0 state CLOSING\n") == "");
}

TEST_CASE("text with a FIN while the last of ours is on its way") {
  CHECK(in(fin_wait_1, R"(
    +0    < FP. 1:101(100) ack 1
    +0    > . 2:2(0) ack 102
    +0    state CLOSING
    +0    read 200 = 100
    +0    read 200 = eof
    +0    < . 102:102(0) ack 2
    +0    resting 1
  )") == "");
}

// --- Calls of the program in the wrong state --------------------------------------------------------------

TEST_CASE("after shutdown nothing can be written, whatever the state") {
  for (const std::string_view state : {fin_wait_1, fin_wait_2, closing, last_ack})
    CHECK(in(state, "+0 write 1 = closed\n") == "");
}

TEST_CASE("shutdown twice sends one FIN") {
  CHECK(in(fin_wait_2, "+0 shutdown\n+9 nothing\n") == "");
  CHECK(in(last_ack, "+0 shutdown\n+0 < . 2:2(0) ack 2\n+9 nothing\n") == "");
}

TEST_CASE("abort sends RST with the number that the peer expects, unless both have sent their FIN (3.10.5)") {
  for (const std::string_view state : {fin_wait_1, fin_wait_2})
    CHECK(in(state, "+0 abort\n+0 > R. 2:2(0) ack 1\n+0 connections 0\n") == "");
  CHECK(in(close_wait, "+0 abort\n+0 > R. 1:1(0) ack 2\n+0 connections 0\n") == "");
  for (const std::string_view state : {closing, last_ack})
    CHECK(in(state, "+0 abort\n+0 nothing\n+0 connections 0\n") == "");
}
