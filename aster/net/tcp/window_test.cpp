// How much one side lets the other send, by script (see script.hpp): windows that close, open, shrink and are
// probed.
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
