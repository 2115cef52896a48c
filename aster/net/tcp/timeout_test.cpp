// When the retransmission timer expires and nothing is lost, and when something is (RFC 5682), by script (see
// script.hpp).
#include <doctest/doctest.h>

#include <string>

#include "aster/net/tcp/script.hpp"

namespace {

using aster::net::tcp::run_script;
using aster::net::tcp::ten;

// Ten segments are under way to a peer 20 ms away when the timer expires, and there are more to send.
std::string expired(std::string_view rest, std::string_view option = "") {
  return run_script(std::string{R"(
    +0    listen
    +0    < S 0:0(0) win 65535 <mss 1000)"} +
                    std::string{option} + R"(>
    +0    > S. 0:0(0) ack 1
    +0.02 < . 1:1(0) ack 1 win 65535
    +0    accept
  )" + std::string{ten} +
                    R"(
    +0    write 20000
    +0.2  > . 1:1001(1000) ack 1
    +0    info cwnd 1000
    +0    count tcp_timeouts 1
  )" + std::string{rest});
}

}  // namespace

TEST_CASE("a path that has become slow: the timer was wrong, and the window is what it was (RFC 5682 2.1)") {
  CHECK(expired(R"(
    +0.1  < . 1:1(0) ack 1001 win 65535
    +0    > . 10001:11001(1000) ack 1        # new, not the second once more
    +0    > . 11001:12001(1000) ack 1
    +0.01 < . 1:1(0) ack 2001 win 65535      # nobody has sent that again: it had been under way all the time
    +0    > . 12001:13001(1000) ack 1
    +0    info cwnd 11000
    +0    info ssthresh 1073741824
    +0    count tcp_reductions_undone 1
    +0    count tcp_retransmissions 1
  )") == "");
}

TEST_CASE("the timer was right: a duplicate for what is new, and the repair goes on") {
  CHECK(expired(R"(
    +0.02 < . 1:1(0) ack 1001 win 65535
    +0    > . 10001:11001(1000) ack 1
    +0    > . 11001:12001(1000) ack 1
    +0.02 < . 1:1(0) ack 1001 win 65535
    +0    > . 1001:2001(1000) ack 1
    +0    < . 1:1(0) ack 1001 win 65535
    +0.02 < . 1:1(0) ack 2001 win 65535
    +0    > . 2001:3001(1000) ack 1
    +0    count tcp_reductions_undone 0
    +0.02 < . 1:1(0) ack 12001 win 65535
    +0    > . 12001:13001(1000) ack 1
    +0    > . 13001:14001(1000) ack 1
    +0    > . 14001:15001(1000) ack 1
  )") == "");
}

namespace {
// The same with selective acknowledgement, and so with a tail probe before the timer.
std::string expired_selectively(std::string_view rest) {
  return run_script(std::string{R"(
    +0    listen
    +0    < S 0:0(0) win 65535 <mss 1000,sackOK>
    +0    > S. 0:0(0) ack 1
    +0.02 < . 1:1(0) ack 1 win 65535
    +0    accept
  )"} + std::string{ten} +
                    R"(
    +0    write 20000
    +0.042 > . 10001:11001(1000) ack 1
    +0.2  > . 1:1001(1000) ack 1
    +0    info cwnd 1000
  )" + std::string{rest});
}
}  // namespace

TEST_CASE("the timer was right: what is new is reported, and nothing old") {
  CHECK(expired_selectively(R"(
    +0.02 < . 1:1(0) ack 1001 win 65535
    +0    > . 11001:12001(1000) ack 1
    +0    > . 12001:13001(1000) ack 1
    +0.02 < . 1:1(0) ack 1001 win 65535 <sack 11001:12001>
    +0    > . 1001:2001(1000) ack 1
    +0    count tcp_reductions_undone 0
    +0    < . 1:1(0) ack 1001 win 65535 <sack 11001:13001>
    +0    > . 2001:3001(1000) ack 1
    +0.02 < . 1:1(0) ack 13001 win 65535
    +0    > . 13001:14001(1000) ack 1
    +0    > . 14001:15001(1000) ack 1
  )") == "");
}

TEST_CASE("the timer was wrong: something old is reported that was sent once (RFC 5682 3.1)") {
  CHECK(expired_selectively(R"(
    +0.1  < . 1:1(0) ack 1001 win 65535
    +0    > . 11001:12001(1000) ack 1
    +0    > . 12001:13001(1000) ack 1
    +0.01 < . 1:1(0) ack 1001 win 65535 <sack 1001:2001>
    +0    count tcp_reductions_undone 1
    +0    info lost 0
    +0    info ssthresh 1073741824
  )") == "");
}

TEST_CASE("with timestamps the first acknowledgement tells which copy it answers (RFC 3522)") {
  const std::string_view begin = R"(
    +0    listen
    +0    < S 0:0(0) win 65535 <mss 1012,TS val 1000 ecr 0>
    +0    > S. 0:0(0) ack 1
    +0.02 < . 1:1(0) ack 1 win 65535 <TS val 1020 ecr 0>
    +0    accept
    +0    write 2000
    +0    > . 1:1001(1000) ack 1 <TS val 20 ecr 1020>
    +0    > P. 1001:2001(1000) ack 1 <TS val 20 ecr 1020>
    +0.2  > . 1:1001(1000) ack 1 <TS val 220 ecr 1020>
  )";
  CHECK(run_script(std::string{begin} + R"(
    +0.1  < . 1:1(0) ack 1001 win 65535 <TS val 1320 ecr 20>
    +0    count tcp_reductions_undone 1
    +0    info cwnd 10000
    +0.01 < . 1:1(0) ack 2001 win 65535 <TS val 1330 ecr 20>
    +9    nothing
  )") == "");
  CHECK(run_script(std::string{begin} + R"(
    +0.1  < . 1:1(0) ack 1001 win 65535 <TS val 1320 ecr 220>
    +0    > P. 1001:2001(1000) ack 1
    +0    count tcp_reductions_undone 0
    +0.02 < . 1:1(0) ack 2001 win 65535 <TS val 1340 ecr 320>
    +9    nothing
  )") == "");
}

TEST_CASE("the second expiry leaves no doubt: everything again") {
  CHECK(expired(R"(
    +0.4  > . 1:1001(1000) ack 1
    +0.02 < . 1:1(0) ack 1001 win 65535
    +0    > . 1001:2001(1000) ack 1
    +0    > . 2001:3001(1000) ack 1
  )") == "");
}
