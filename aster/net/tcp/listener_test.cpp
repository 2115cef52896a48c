// What a listener holds, and for how long, by script (see script.hpp).
#include <doctest/doctest.h>

#include "aster/net/tcp/script.hpp"

using aster::net::tcp::run_script;

TEST_CASE("a full backlog drops SYNs, and an old handshake makes way after a second") {
  CHECK(run_script(R"(
    set cookies 0
    +0   listen 1
    +0   < S 0:0(0) win 65535 <mss 1460>
    +0   > S. 0:0(0) ack 1
    +0.5 < @2 S 0:0(0) win 65535 <mss 1460>
    +0   count tcp_backlog_full 1
    +0.5 > S. 0:0(0) ack 1
    +0   < @2 S 0:0(0) win 65535 <mss 1460>
    +0   > @2 S. 0:0(0) ack 1
    +0   count tcp_half_open_evicted 1
    +0   connections 1
    +0   < . 1:1(0) ack 1 win 65535     # too late for the first
    +0   > R 1:1(0)
    +0   < @2 . 1:1(0) ack 1 win 65535
    +0   accept
    +0   @2 state ESTABLISHED
  )") == "");
}

TEST_CASE("with cookies an old handshake need not make way, and its late answer counts") {
  CHECK(run_script(R"(
    +0   listen 1
    +0   < S 0:0(0) win 65535 <mss 1460>
    +0   > S. 0:0(0) ack 1
    +0.9 < @2 S 0:0(0) win 65535 <mss 1460>
    +0   > @2 S. 0:0(0) ack 1
    +0.1 > S. 0:0(0) ack 1
    +0.1 < @3 S 0:0(0) win 65535 <mss 1460>
    +0   > @3 S. 0:0(0) ack 1
    +0   count tcp_cookies_sent 2
    +0   count tcp_half_open_evicted 0
    +0   < . 1:1(0) ack 1 win 65535
    +0   accept
    +0   state ESTABLISHED
  )") == "");
}

TEST_CASE("a finished handshake keeps its place until it is accepted") {
  CHECK(run_script(R"(
    +0   listen 1
    +0   < S 0:0(0) win 65535 <mss 1460>
    +0   > S. 0:0(0) ack 1
    +0   < . 1:1(0) ack 1 win 65535
    +5   < @2 S 0:0(0) win 65535 <mss 1460>
    +0   count tcp_backlog_full 1
    +0   accept
    +1   < @2 S 0:0(0) win 65535 <mss 1460>
    +0   > @2 S. 0:0(0) ack 1
  )") == "");
}

TEST_CASE("a connection that was reset before it is accepted is not handed out") {
  CHECK(run_script(R"(
    +0   listen
    +0   < S 0:0(0) win 65535 <mss 1460>
    +0   > S. 0:0(0) ack 1
    +0   < . 1:1(0) ack 1 win 65535
    +0   < R 1:1(0)
    +0   accept nothing
    +0   connections 0
  )") == "");
}

TEST_CASE("what was received before a reset can still be accepted and read") {
  CHECK(run_script(R"(
    +0   listen
    +0   < S 0:0(0) win 65535 <mss 1460>
    +0   > S. 0:0(0) ack 1
    +0   < P. 1:11(10) ack 1 win 65535
    +0   < R 11:11(0)
    +0   accept
    +0   read 100 = 10
    +0   read 100 = reset
  )") == "");
}

TEST_CASE("connections are limited") {
  CHECK(run_script(R"(
    set connection_limit 1
    +0   listen
    +0   < S 0:0(0) win 65535 <mss 1460>
    +0   > S. 0:0(0) ack 1
    +0   < @2 S 0:0(0) win 65535 <mss 1460>
    +0   count tcp_connection_limit 1
  )") == "");
}

TEST_CASE("closing a listener resets what was not accepted") {
  CHECK(run_script(R"(
    +0   listen
    +0   < S 0:0(0) win 65535 <mss 1460>
    +0   > S. 0:0(0) ack 1
    +0   < @2 S 0:0(0) win 65535 <mss 1460>
    +0   > @2 S. 0:0(0) ack 1
    +0   < @2 . 1:1(0) ack 1 win 65535
    +0   unlisten
    +0   > @2 R. 1:1(0) ack 1
    +0   > R. 1:1(0) ack 1
    +0   connections 0
    +0   < @3 S 0:0(0) win 65535 <mss 1460>
    +0   > @3 R. 0:0(0) ack 1
  )") == "");
}
