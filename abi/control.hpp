// The control channel: what an image and the program that runs it tell each other, apart from the console.
//
// Lines of text, each ended by '\n' and at most `control_line_limit` bytes long.
// Transport: sandbox, a pipe or socket on `control_descriptor`; process, the descriptor that the boot line
// names
// (`control=N`); qemu, the second serial port (COM2, 0x2f8). The host treats every byte as untrusted: an
// unknown or malformed line is shown escaped and otherwise ignored.
//
// From the image to the host:
//
//   exit N                        the exit code, 0–255 (qemu; elsewhere the process's own status says it)
//   panic TEXT                    starts a panic report; TEXT is one printable line
//   fiber NAME                    the fiber it happened in
//   register NAME HEX             one line each, after `panic`
//   frame HEX                     a return address as offset from the image's base, innermost first
//   frame-absolute HEX            a return address outside the image
//   end                           ends the report
//   unserved NR                   first use of a system call that the image does not serve (ENOSYS)
//   syscall NS DUR NR A1 A2 A3 A4 A5 A6 RESULT FIBER [TEXT]
//                                 with `strace` in the boot line: NS start (monotonic) and DUR nanoseconds
//                                 decimal; NR decimal; A1–A6 hex; RESULT decimal, or `?` for a call that
//                                 does not return; FIBER percent-encoded; TEXT, where an argument is a
//                                 path or a written buffer, its first 64 bytes percent-encoded
//   input                         the image reads its console from now on (qemu; what is sent before may be
//   lost,
//                                 since setting the serial port up empties it)
//   ready                         the program can be used from now on, by its own account; once
//   answers                       the image answers questions from now on (what is sent before may be lost)
//   answer ID KIND [NAME=VALUE…]  a part of an answer; names are words of [a-z0-9_], values are
//   percent-encoded answer ID end                 … and its last line note TEXT                     a warning
//   of the runtime, such as a fiber that hogs the CPU
//
// From the host to the image, where the channel is a socket or a serial port:
//
//   ask ID WHAT [NUMBER]          a question. ID is a word of at most 16 letters and digits, which comes back
//   in the
//                                 answer; WHAT says what is to be told (aster/net/report.hpp), NUMBER at most
//                                 how much of it. An image answers in its own time, one question after the
//                                 other; a question that it does not know has an answer without content
//
// On qemu the first serial port carries the console's input: bytes as they are, but that `console_end` ends
// the input and `console_literal` says that the byte after it is meant literally.
#pragma once
#include <cstddef>

namespace aster::abi {
inline constexpr std::size_t control_line_limit = 1024;
inline constexpr std::size_t question_limit = 64;  // bytes of a question, without its end
inline constexpr char console_end = 0x04;          // EOT
inline constexpr char console_literal = 0x10;      // DLE
}  // namespace aster::abi
