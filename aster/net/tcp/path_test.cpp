// How a sender finds out what its path takes, by script (see script.hpp): pacing, the end of slow start, and
// how large a packet may be.
#include <doctest/doctest.h>

#include <string>

#include "aster/net/tcp/hybrid_slow_start.hpp"
#include "aster/net/tcp/pacer.hpp"
#include "aster/net/tcp/script.hpp"

namespace {

using namespace aster::net;
using namespace aster::net::tcp;
using namespace std::chrono_literals;

// A peer 20 ms away that takes 1,000 bytes in each segment.
std::string far_away(std::string_view rest, std::string_view settings = "") {
  return run_script(std::string{settings} + R"(
    +0    listen
    +0    < S 0:0(0) win 65535 <mss 1000>
    +0    > S. 0:0(0) ack 1
    +0.02 < . 1:1(0) ack 1 win 65535
    +0    accept
  )" + std::string{rest});
}

// `count` segments of 1,000 bytes from `begin` on, each as a line that expects it now.
std::string segments(std::uint32_t begin, int count, bool last_of_all = false) {
  std::string lines;
  for (int i = 0; i < count; ++i, begin += 1000)
    lines += "+0 > " + std::string{last_of_all && i + 1 == count ? "P. " : ". "} + std::to_string(begin) +
             ":" + std::to_string(begin + 1000) + "(1000) ack 1\n";
  return lines;
}

}  // namespace

// --- Pacing -----------------------------------------------------------------------------------------------

TEST_CASE("ten segments go together, and what the window lets out beyond them over the round trip") {
  CHECK(far_away("+0 write 30000\n" + segments(1, 10) + R"(
    +0.02 < . 1:1(0) ack 10001 win 65535    # twenty may go: in slow start two in each millisecond
  )" + segments(10001, 11) +
                 "+0.003 > . 21001:22001(1000) ack 1\n" + segments(22001, 5) +
                 "+0.003 > . 27001:28001(1000) ack 1\n" + segments(28001, 2, true) + R"(
    +0.02 < . 1:1(0) ack 30001 win 65535
  )") == "");
}

TEST_CASE("a path of less than a millisecond is not paced") {
  CHECK(run_script(R"(
    +0    listen
    +0    < S 0:0(0) win 65535 <mss 1000>
    +0    > S. 0:0(0) ack 1
    +0.0009 < . 1:1(0) ack 1 win 65535
    +0    accept
    +0    write 30000
  )" + segments(1, 10) +
                   R"(
    +0.0009 < . 1:1(0) ack 10001 win 65535
  )" + segments(10001, 20, true) +
                   R"(
    +0.0009 < . 1:1(0) ack 30001 win 65535
  )") == "");
}

TEST_CASE("pacing can be turned off") {
  CHECK(far_away("+0 write 30000\n" + segments(1, 10) + "+0.02 < . 1:1(0) ack 10001 win 65535\n" +
                     segments(10001, 20, true) + "+0.02 < . 1:1(0) ack 30001 win 65535\n",
                 "set pacing 0\n") == "");
}

TEST_CASE("what is paced does not go early because something else happens, and goes when its time has come") {
  CHECK(far_away("+0 write 30000\n" + segments(1, 10) + "+0.02 < . 1:1(0) ack 10001 win 65535\n" +
                 segments(10001, 11) + R"(
    +0.0001 < P. 1:11(10) ack 10001 win 65535
    +0.0001 read 20 = 10
    +0.0028 > . 21001:22001(1000) ack 11
  )" +
                 [] {
                   std::string rest =
                       segments(22001, 5) + "+0.003 > . 27001:28001(1000) ack 1\n" + segments(28001, 2, true);
                   for (std::size_t at = 0; (at = rest.find("ack 1\n", at)) != std::string::npos; at += 7)
                     rest.replace(at, 6, "ack 11\n");
                   return rest;
                 }() +
                 "+0.02 < . 11:11(0) ack 30001 win 65535\n") == "");
}

TEST_CASE("a pacer lets out its rate, in bursts of ten segments or a millisecond") {
  for (const std::uint32_t window : {20'000u, 200'000u, 20'000'000u}) {
    CAPTURE(window);
    pacer p;
    time_point now{};
    std::uint64_t out = 0;
    std::uint32_t wakes = 0;
    while (now < time_point{10s}) {
      while (p.may_send(now)) {
        p.sent(1000, window, 1000, 100ms, false, now);
        out += 1000;
      }
      CHECK(p.next() > now);
      now = p.next();
      ++wakes;
    }
    const std::uint64_t due = std::uint64_t{window} * 120;  // 1.2 windows in each of a hundred round trips
    CHECK(out >= due * 99 / 100);
    CHECK(out <= due * 101 / 100 + 2 * p.burst());
    CHECK(p.burst() == std::max(10'000u, window * 12 / 1000));
    CHECK(wakes <= due / (p.burst() / 2) + 1);
  }
}

TEST_CASE("a pacer is idle until the round trip is known, and on windows that a burst takes") {
  pacer p;
  p.sent(60'000, 60'000, 1000, 0ns, true, time_point{1s});
  CHECK(p.may_send(time_point{1s}));
  CHECK(p.burst() == 0);
  p.sent(10'000, 10'000, 1000, 100ms, true, time_point{1s});
  CHECK(p.may_send(time_point{1s}));
}

// --- The end of slow start (RFC 9406) ---------------------------------------------------------------------

namespace {

// One round of `count` segments, acknowledged one by one; what is said of the last but one, while it lasts.
hybrid_slow_start::growth round_of(hybrid_slow_start& h, sequence& at, duration least, int count = 10) {
  const sequence end = at + 1000u * static_cast<std::uint32_t>(count);
  hybrid_slow_start::growth said{};
  for (int i = 1; i <= count; ++i) {
    at = at + 1000u;
    const auto now = h.acknowledged(least + (i == 4 ? 0ms : 5ms), at, at == end ? end + 1000u * 10u : end);
    if (i < count) said = now;
  }
  return said;
}

}  // namespace

TEST_CASE("slow start slows down when the round trip rises by an eighth, and ends five rounds later") {
  using growth = hybrid_slow_start::growth;
  hybrid_slow_start h;
  sequence at{0xffff0000};
  CHECK(round_of(h, at, 80ms) == growth::full);
  CHECK(round_of(h, at, 80ms) == growth::full);
  CHECK(round_of(h, at, 89ms) == growth::full);      // less than an eighth
  CHECK(round_of(h, at, 101ms) == growth::quarter);  // a queue
  for (int i = 0; i < 4; ++i) CHECK(round_of(h, at, 105ms) == growth::quarter);
  CHECK(round_of(h, at, 105ms) == growth::ended);
}

TEST_CASE("a round trip that falls back was a false alarm") {
  using growth = hybrid_slow_start::growth;
  hybrid_slow_start h;
  sequence at{1000};
  CHECK(round_of(h, at, 80ms) == growth::full);
  CHECK(round_of(h, at, 100ms) == growth::quarter);
  CHECK(round_of(h, at, 101ms) == growth::quarter);
  CHECK(round_of(h, at, 99ms) == growth::full);
  CHECK(round_of(h, at, 99ms) == growth::full);
}

TEST_CASE("the rise that counts is 4 ms at least and 16 ms at most, and seven measurements are too few") {
  using growth = hybrid_slow_start::growth;
  for (const auto& [before, after, count, what] : {std::tuple{8ms, 11ms, 10, growth::full},
                                                   {8ms, 12ms, 10, growth::quarter},
                                                   {300ms, 315ms, 10, growth::full},
                                                   {300ms, 316ms, 10, growth::quarter},
                                                   {300ms, 400ms, 7, growth::full}}) {
    CAPTURE(after.count());
    hybrid_slow_start h;
    sequence at{1};
    CHECK(round_of(h, at, before) == growth::full);
    CHECK(round_of(h, at, after, count) == what);
  }
}

TEST_CASE("a queue that grows ends slow start before anything is lost") {
  // Acknowledgements that come later and later, as from behind a queue.
  std::string script = "+0 write 60000\n" + segments(1, 10);
  script += "+0.02 < . 1:1(0) ack 1001 win 65535\n" + segments(10001, 2);
  for (int i = 2; i <= 10; ++i)  // the rest of the first round, 20 ms as well
    script +=
        "+0 < . 1:1(0) ack " + std::to_string(i * 1000 + 1) + " win 65535\n" + segments(8001 + i * 2000, 2);
  script += "+0 info cwnd 20000\n";
  for (int i = 11; i <= 17; ++i)  // the second, 30 ms: seven measurements say nothing yet
    script += std::string{i == 11 ? "+0.03" : "+0"} + " < . 1:1(0) ack " + std::to_string(i * 1000 + 1) +
              " win 65535\n" + segments(8001 + i * 2000, 2);
  script += "+0 info cwnd 27000\n";
  for (int i = 18; i <= 21; ++i)  // from the eighth on a quarter of the growth
    script += "+0 < . 1:1(0) ack " + std::to_string(i * 1000 + 1) + " win 65535\n" +
              segments(44001 + (i - 18) * 1000, i == 21 ? 2 : 1);
  script += "+0 info cwnd 28000\n";
  CHECK(far_away(script, "set pacing 0\n") == "");
}

// --- How large a packet may be (RFC 4821, RFC 8899)
// ---------------------------------------------------------

namespace {

// A path that takes 1,340 bytes and says nothing of what is larger; found out after three expiries.
std::string narrow(std::string_view rest) {
  return run_script(std::string{R"(
    set pacing 0
    +0    listen
    +0    < S 0:0(0) win 65535 <mss 1460,sackOK>
    +0    > S. 0:0(0) ack 1
    +0.02 < . 1:1(0) ack 1 win 65535
    +0    accept
    +0    write 1460
    +0    > P. 1:1461(1460) ack 1
    +0.2  > P. 1:1461(1460) ack 1             # the tail's probe
    +0.2  > P. 1:1461(1460) ack 1
    +0.4  > P. 1:1461(1460) ack 1
    +0.8  > . 1:1221(1220) ack 1
    +0    count tcp_black_holes 1
    +0.02 < . 1:1(0) ack 1221
    +0    > P. 1221:1461(240) ack 1
    +0.02 < . 1:1(0) ack 1461
  )"} + std::string{rest});
}

}  // namespace

TEST_CASE(
    "what the path takes is searched from below, by data that is due, and what is lost is no congestion") {
  CHECK(narrow(R"(
    +0    write 12000
    +0    > . 1461:2801(1340) ack 1            # between 1220 and 1460
    +0.02 < . 1:1(0) ack 2801
    +0    > . 2801:4201(1400) ack 1            # between 1340 and 1460
    +0    > . 4201:5541(1340) ack 1
    +0.02 < . 1:1(0) ack 2801 <sack 4201:5541>
    +0    > . 5541:6881(1340) ack 1
    +0.005 > . 2801:4141(1340) ack 1           # 1400 is too large: in smaller pieces, and no recovery
    +0    > . 4141:4201(60) ack 1
    +0    count tcp_fast_retransmits 0
    +0    count tcp_path_probes 2
  )") == "");
}

TEST_CASE("after ten minutes the whole size is tried again, by one segment") {
  CHECK(narrow(R"(
    +600  write 20000
    +0    > . 1461:2921(1460) ack 1
    +0.02 < . 1:1(0) ack 2921
    +0    > . 2921:4381(1460) ack 1
    +0    > . 4381:5841(1460) ack 1
    +0    info mss 1460
    +0    count tcp_path_probes 1
  )") == "");
  CHECK(narrow(R"(
    +600  write 20000
    +0    > . 1461:2921(1460) ack 1
    +0.042 > . 2921:4141(1220) ack 1           # the tail's probe
    +0.02 < . 1:1(0) ack 1461 <sack 2921:4141>
    +0    > . 1461:2681(1220) ack 1            # still too large
    +0    > . 2681:2921(240) ack 1
    +0    info mss 1220
    +0    count tcp_fast_retransmits 0
    +0    count tcp_timeouts 3
    +0.02 < . 1:1(0) ack 4141
    +0    > . 4141:5481(1340) ack 1            # so the search goes on below
    +0    > . 5481:6701(1220) ack 1
  )") == "");
}

TEST_CASE("a router that has told is believed: nothing is searched") {
  CHECK(run_script(R"(
    +0    listen
    +0    < S 0:0(0) win 65535 <mss 1460,sackOK>
    +0    > S. 0:0(0) ack 1
    +0.02 < . 1:1(0) ack 1 win 65535
    +0    accept
    +0    write 6000
    +0    > . 1:1461(1460) ack 1
    +0    > . 1461:2921(1460) ack 1
    +0    > . 2921:4381(1460) ack 1
    +0    > . 4381:5841(1460) ack 1
    +0    > P. 5841:6001(160) ack 1
    +0    icmp 1 toobig 1340
    +0    > . 1:1301(1300) ack 1
    +0    > . 1301:2601(1300) ack 1
    +0    > . 2601:3901(1300) ack 1
    +0    > . 3901:5201(1300) ack 1
    +0    > P. 5201:6001(800) ack 1
    +0.02 < . 1:1(0) ack 6001
    +0    write 6000
    +0    > . 6001:7301(1300) ack 1
    +0    > . 7301:8601(1300) ack 1
    +0    > . 8601:9901(1300) ack 1
    +0    > . 9901:11201(1300) ack 1
    +0    > P. 11201:12001(800) ack 1
    +0.02 < . 1:1(0) ack 12001
    +0    count tcp_path_probes 0
  )") == "");
}
