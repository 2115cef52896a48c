// TCP by script: tests that read like a trace of packets, in virtual time. For tests only.
//
//   listen                                       the host listens on port 80
//   +0    < S 0:0(0) win 65535 <mss 1460>        a segment arrives
//   +0    > S. 0:0(0) ack 1 <mss 1460>           the host sends exactly this, exactly now
//   +0.01 < . 1:1(0) ack 1 win 65535
//   +0    accept
//   +0    write 1000
//   +0    > P. 1:1001(1000) ack 1
//   +1    nothing                                in this second it sends nothing
//
// A line is a delay since the line before, and what happens then. Times are seconds. Sequence numbers are
// relative to each side's first; payload is a pattern of the position, checked on both sides. Every segment
// that the host sends must be named by a `>` line at its time; at the end nothing may be left.
//
//   segments   [@N] FLAGS BEGIN:END(LENGTH) [ack N] [win N] [<mss N,wscale N,sackOK,nop,TS val N ecr N,sack
//   A:B C:D>]
//              flags of S F R P E W and `.` for ACK, `[ce]` or `[ect]` or
//              `[none]` before them for the bits of RFC 3168; `win` is the header's field; `@N` another peer
//              than the first; after `>`, what is left out is not compared; our timestamps count from our
//              first
//   calls      [@N] accept | connect | write N | lend N | settle | withdraw | shutdown | close | abort
//              read N = K | eof | nothing | ERROR
//              state NAME | keepalive SECONDS | nodelay on|off | cork on|off | failure ERROR
//              usertimeout SECONDS | info NAME N
//   host       listen [BACKLOG] | unlisten | full on|off | connections N | resting N | count COUNTER N
//              memory BYTES | icmp [@N] SEQ unreachable|toobig MTU
//   settings   set NAME VALUE, before anything else: receive_buffer send_buffer mtu connection_limit
//              memory_limit time_wait_limit gso newreno
//              most_receive_buffer most_send_buffer cookies ecn pacing
#pragma once
#include <string>
#include <string_view>

namespace aster::net::tcp {

/// Runs a script; empty when all went as written, else what did not, with its line.
std::string run_script(std::string_view text);

/// Lines that many scripts begin with: the first flight of ten segments, to a peer that takes 1,000 bytes in
/// each.
inline constexpr std::string_view ten = R"(
    +0 write 10000
    +0 > . 1:1001(1000) ack 1
    +0 > . 1001:2001(1000) ack 1
    +0 > . 2001:3001(1000) ack 1
    +0 > . 3001:4001(1000) ack 1
    +0 > . 4001:5001(1000) ack 1
    +0 > . 5001:6001(1000) ack 1
    +0 > . 6001:7001(1000) ack 1
    +0 > . 7001:8001(1000) ack 1
    +0 > . 8001:9001(1000) ack 1
    +0 > P. 9001:10001(1000) ack 1
)";

}  // namespace aster::net::tcp
