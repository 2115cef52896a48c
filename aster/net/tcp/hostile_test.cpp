// Segments that should not be believed, by script (see script.hpp): RFC 5961 and its kin.
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

TEST_CASE("a RST exactly at the edge resets") {
  CHECK(established(R"(
    +0    < R 1:1(0)
    +0    failure reset
  )") == "");
}

TEST_CASE("a RST elsewhere in the window is challenged (RFC 5961 3.2)") {
  CHECK(established(R"(
    +0    < R 2:2(0)
    +0    > . 1:1(0) ack 1
    +0    state ESTABLISHED
    +0    < R 60000:60000(0)
    +0    > . 1:1(0) ack 1
    +0    count tcp_bad_reset 2
    +0    count tcp_challenge_acks 2
    +0    < R 1:1(0)                         # a peer that has really gone answers the challenge so
    +0    failure reset
  )") == "");
}

TEST_CASE("a RST outside the window is ignored") {
  CHECK(established(R"(
    +0    < R 70000:70000(0)
    +0    < R 0:0(0)
    +1    nothing
    +0    state ESTABLISHED
  )") == "");
}

TEST_CASE("a SYN on a connection is challenged, wherever it lies (RFC 5961 4.2)") {
  CHECK(established(R"(
    +0    < S 1:1(0) win 65535 <mss 1460>
    +0    > . 1:1(0) ack 1
    +0    < S 500:500(0) win 65535 <mss 1460>
    +0    > . 1:1(0) ack 1
    +0    < S 900000:900000(0) win 65535 <mss 1460>
    +0    > . 1:1(0) ack 1
    +0    < S. 500:500(0) ack 1 win 65535 <mss 1460>
    +0    > . 1:1(0) ack 1
    +0    state ESTABLISHED
  )") == "");
}

TEST_CASE("an acknowledgement of what was never sent is challenged, and its data not taken") {
  CHECK(established(R"(
    +0    write 100
    +0    > P. 1:101(100) ack 1
    +0    < P. 1:11(10) ack 102 win 65535
    +0    > . 101:101(0) ack 1
    +0    read 10 = nothing
    +0    count tcp_bad_ack 1
    +0    < . 1:1(0) ack 101 win 65535
    +9    nothing
  )") == "");
}

TEST_CASE("an acknowledgement from long ago is challenged (RFC 5961 5.2)") {
  CHECK(established(R"(
    +0    write 100
    +0    > P. 1:101(100) ack 1
    +0    < . 1:1(0) ack 101 win 90
    +0    < P. 1:11(10) ack 50 win 90         # within the largest window: an old segment
    +0.04 > . 101:101(0) ack 11
    +0    < P. 11:21(10) ack 4294800000 win 90
    +0    > . 101:101(0) ack 11
    +0    count tcp_bad_ack 1
    +0    read 100 = 10
  )") == "");
}

TEST_CASE("an acknowledgement from before our first number is challenged, however large the window") {
  CHECK(established(R"(
    +0    < P. 1:11(10) ack 4294967000 win 65535
    +0    > . 1:1(0) ack 1
    +0    count tcp_bad_ack 1
    +0    read 100 = nothing
  )") == "");
}

TEST_CASE("segments without ACK are dropped") {
  CHECK(established(R"(
    +0    < P 1:11(10)
    +0    < F 1:1(0)
    +1    nothing
    +0    read 10 = nothing
    +0    state ESTABLISHED
  )") == "");
}

TEST_CASE("data beyond the window is answered by an acknowledgement alone") {
  CHECK(established(R"(
    +0    < P. 65537:65547(10) ack 1 win 65535
    +0    > . 1:1(0) ack 1
    +0    count tcp_out_of_window 1
    +0    memory 0
  )") == "");
}

TEST_CASE("plain acknowledgements out of the window are answered seldom: two confused ends do not chatter") {
  std::string storm = "+0 < . 900000:900000(0) ack 1 win 65535\n+0 > . 1:1(0) ack 1\n";
  std::string script;
  for (int i = 0; i < 100; ++i) script += storm;
  script += "+0 < . 900000:900000(0) ack 1 win 65535\n";  // the hundred and first at once
  script += "+1 nothing\n";
  CHECK(established(script) == "");
}

TEST_CASE("challenges are limited for all connections together (RFC 5961 7)") {
  std::string script;
  for (int i = 0; i < 100; ++i) script += "+0 < R 2:2(0)\n+0 > . 1:1(0) ack 1\n";
  script += "+0 < R 2:2(0)\n+0 nothing\n+0 count tcp_challenge_limited 1\n";
  script += "+0.01 < R 2:2(0)\n+0 > . 1:1(0) ack 1\n";  // they come back with time
  CHECK(established(script) == "");
}

TEST_CASE("a peer cannot make more gaps than are kept") {
  std::string script;
  for (int i = 0; i < 65; ++i) {
    const std::string at = std::to_string(101 + 200 * i);
    script +=
        "+0 < . " + at + ":" + std::to_string(102 + 200 * i) + "(1) ack 1 win 65535\n+0 > . 1:1(0) ack 1\n";
  }
  script += "+0 count tcp_out_of_order 64\n+0 count tcp_out_of_order_dropped 1\n";
  CHECK(established(script) == "");
}

TEST_CASE("a RST in SYN-RECEIVED after an active open means refused") {
  CHECK(run_script(R"(
    +0   connect
    +0   > S 0:0(0)
    +0   < S 0:0(0) win 65535 <mss 1460>
    +0   > S. 0:0(0) ack 1
    +0   < R 1:1(0)
    +0   failure refused
  )") == "");
}

TEST_CASE("a window that shrinks below what is under way is lived with") {
  CHECK(established(R"(
    +0    write 5000
    +0    > . 1:1461(1460) ack 1
    +0    > . 1461:2921(1460) ack 1
    +0    > . 2921:4381(1460) ack 1
    +0    > P. 4381:5001(620) ack 1
    +0    write 5000
    +0    > . 5001:6461(1460) ack 1
    +0    > . 6461:7921(1460) ack 1
    +0    > . 7921:9381(1460) ack 1
    +0    > P. 9381:10001(620) ack 1
    +0    write 1000
    +0    > P. 10001:11001(1000) ack 1
    +0.01 < . 1:1(0) ack 1461 win 1000
    +0.2  > . 1461:2461(1000) ack 1            # the timeout: what fits
    +0.01 < . 1:1(0) ack 11001 win 65535
    +99   nothing
  )") == "");
}

TEST_CASE("a peer that restarted is found out by its SYN") {
  CHECK(established(R"(
    +0    write 100
    +0    > P. 1:101(100) ack 1
    +0    < S 77000:77000(0) win 65535 <mss 1460>    # it knows nothing of the old connection
    +0    > . 101:101(0) ack 1                       # the challenge
    +0    < R 1:1(0)                                 # which it answers with what was acknowledged
    +0    failure reset
    +1    < S 77000:77000(0) win 65535 <mss 1460>    # and then its SYN opens a new one
    +0    > S. 0:0(0) ack 77001
  )") == "");
}

TEST_CASE("ICMP about what is not under way is not believed, whatever it says (RFC 5927 4.1)") {
  CHECK(established(R"(
    +0    write 100
    +0    > P. 1:101(100) ack 1
    +0    icmp 101 unreachable                # just beyond what was sent
    +0    icmp 4294967000 toobig 600          # long acknowledged
    +0    icmp 101 toobig 600
    +0    count icmp_error_ignored 3
    +0    info mss 1460
    +0.01 < . 1:1(0) ack 101 win 65535
    +0    icmp 1 unreachable
    +0    count icmp_error_ignored 4
    +0    state ESTABLISHED
  )") == "");
}

TEST_CASE("what waits behind gaps takes no more than half of the memory") {
  CHECK(established(R"(
    +0    < . 2001:3001(1000) ack 1 win 65535
    +0    > . 1:1(0) ack 1
    +0    < . 5001:6001(1000) ack 1 win 65535
    +0    > . 1:1(0) ack 1
    +0    < . 9001:10001(1000) ack 1 win 65535
    +0    > . 1:1(0) ack 1
    +0    < . 13001:14001(1000) ack 1 win 65535
    +0    > . 1:1(0) ack 1
    +0    count tcp_out_of_order_dropped 2
    +0    memory 8192
    +0    < . 1:1001(1000) ack 1 win 65535    # what is in order finds its place all the same
    +0    > . 1:1(0) ack 1001
    +0    read 2000 = 1000
  )",
                    "set memory_limit 16384\n") == "");
}
