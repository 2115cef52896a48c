// Segments that arrive twice or in another order, and the memory that they wait in, by script (see
// script.hpp).
#include <doctest/doctest.h>

#include <string>

#include "aster/net/tcp/script.hpp"

namespace {

using aster::net::tcp::run_script;

std::string established(std::string_view rest, std::string_view settings = "") {
  return run_script(std::string{settings} + R"(
    +0 listen
    +0 < S 0:0(0) win 65535 <mss 1000>
    +0 > S. 0:0(0) ack 1
    +0 < . 1:1(0) ack 1 win 65535
    +0 accept
  )" + std::string{rest});
}

}  // namespace

TEST_CASE("each segment behind a gap is answered by a duplicate acknowledgement, the filling one at once") {
  CHECK(established(R"(
    +0    < . 1001:2001(1000) ack 1 win 65535
    +0    > . 1:1(0) ack 1
    +0    < . 2001:3001(1000) ack 1 win 65535
    +0    > . 1:1(0) ack 1
    +0    < . 3001:4001(1000) ack 1 win 65535
    +0    > . 1:1(0) ack 1
    +0    read 9000 = nothing
    +0    < . 1:1001(1000) ack 1 win 65535
    +0    > . 1:1(0) ack 4001
    +0    read 9000 = 4000
    +0    memory 0
  )") == "");
}

TEST_CASE("gaps fill in any order") {
  CHECK(established(R"(
    +0    < . 4001:5001(1000) ack 1 win 65535
    +0    > . 1:1(0) ack 1
    +0    < . 2001:3001(1000) ack 1 win 65535
    +0    > . 1:1(0) ack 1
    +0    < . 1:1001(1000) ack 1 win 65535
    +0    > . 1:1(0) ack 1001
    +0    < . 3001:4001(1000) ack 1 win 65535
    +0    > . 1:1(0) ack 1001
    +0    < . 1001:2001(1000) ack 1 win 65535
    +0    > . 1:1(0) ack 5001
    +0    read 9000 = 5000
  )") == "");
}

TEST_CASE("segments that overlap are put together") {
  CHECK(established(R"(
    +0    < . 501:1501(1000) ack 1 win 65535
    +0    > . 1:1(0) ack 1
    +0    < . 1001:2501(1500) ack 1 win 65535
    +0    > . 1:1(0) ack 1
    +0    < . 1:601(600) ack 1 win 65535
    +0    > . 1:1(0) ack 2501
    +0    < . 2001:3001(1000) ack 1 win 65535
    +0.04 > . 1:1(0) ack 3001
    +0    read 9000 = 3000
  )") == "");
}

TEST_CASE("a segment that is old altogether is acknowledged at once") {
  CHECK(established(R"(
    +0    < . 1:101(100) ack 1 win 65535
    +0.04 > . 1:1(0) ack 101
    +0    < . 1:101(100) ack 1 win 65535
    +0    > . 1:1(0) ack 101
    +0    < . 1:51(50) ack 1 win 65535
    +0    > . 1:1(0) ack 101
    +0    count tcp_out_of_window 2
    +0    read 999 = 100
  )") == "");
}

TEST_CASE("a segment behind a gap that comes twice takes no more memory") {
  CHECK(established(R"(
    +0    < . 1001:2001(1000) ack 1 win 65535
    +0    > . 1:1(0) ack 1
    +0    memory 4096
    +0    < . 1001:2001(1000) ack 1 win 65535
    +0    > . 1:1(0) ack 1
    +0    memory 4096
    +0    count tcp_duplicate_payload 1
  )") == "");
}

TEST_CASE("only the chunks that have bytes exist") {
  CHECK(established(R"(
    +0    < . 60001:60002(1) ack 1 win 65535
    +0    > . 1:1(0) ack 1
    +0    memory 4096
    +0    close
    +0    > F. 1:1(0) ack 1
    +0    < . 1:1001(1000) ack 2 win 65535
    +0    > R. 2:2(0) ack 1
    +0    memory 0
  )") == "");
}

TEST_CASE("FIN ahead of the last data waits for it") {
  CHECK(established(R"(
    +0    < F. 1001:2001(1000) ack 1 win 65535
    +0    > . 1:1(0) ack 1
    +0    state ESTABLISHED
    +0    < . 1:1001(1000) ack 1 win 65535
    +0    > . 1:1(0) ack 2002
    +0    state CLOSE-WAIT
    +0    read 9000 = 2000
    +0    read 9000 = eof
  )") == "");
}

TEST_CASE("nothing follows a FIN") {
  CHECK(established(R"(
    +0    < F. 1001:1001(0) ack 1 win 65535
    +0    > . 1:1(0) ack 1
    +0    < . 1:2001(2000) ack 1 win 65535
    +0    > . 1:1(0) ack 1002
    +0    read 9000 = 1000
    +0    read 9000 = eof
  )") == "");
}

TEST_CASE("memory that is scarce belongs to streams that move") {
  CHECK(established(R"(
    +0    < . 1001:2001(1000) ack 1 win 65535
    +0    > . 1:1(0) ack 1
    +0    < . 4001:5001(1000) ack 1 win 65535
    +0    > . 1:1(0) ack 1
    +0    < . 8001:9001(1000) ack 1 win 65535
    +0    > . 1:1(0) ack 1
    +0    < . 12001:13001(1000) ack 1 win 65535
    +0    > . 1:1(0) ack 1
    +0    count tcp_out_of_order_dropped 0
    +0    < . 17001:18001(1000) ack 1 win 65535
    +0    > . 1:1(0) ack 1
    +0    count tcp_out_of_order_dropped 1
    +0    < . 1:1001(1000) ack 1 win 65535
    +0    > . 1:1(0) ack 2001
  )",
                    "set memory_limit 32768\n") == "");
}

TEST_CASE("in-order data that finds no memory is not acknowledged, and comes again") {
  CHECK(established(R"(
    +0    < . 1:2001(2000) ack 1 win 65535
    +0    > . 1:1(0) ack 2001
    +0    < . 2001:4001(2000) ack 1 win 65535
    +0    > . 1:1(0) ack 4001
    +0    < . 4001:6001(2000) ack 1 win 65535
    +0    > . 1:1(0) ack 4065
    +0    count tcp_memory_limit 1
    +0    read 9000 = 4064
    +0    < . 4065:6001(1936) ack 1 win 65535
    +0    > . 1:1(0) ack 6001
    +0    read 9000 = 1936
  )",
                    "set memory_limit 4096\n") == "");
}
