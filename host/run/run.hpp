// Starts an image on the best target that this machine offers, and stands by until it ends.
//
//   aster::host::run_request request{.image = "build/hello", .arguments = {"a", "b"}};
//   request.ports.push_back(*aster::host::parse_port_forward("8080:80"));
//   return aster::host::run(request);
//
// `run` owns all that it starts: whatever way it ends (the image's end, a crash, Ctrl-C, even SIGKILL), no
// process, open socket or terminal mode is left behind. (After SIGKILL the name of a socket stays, on which
// nobody listens; who looks for instances next removes it.)
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "host/run/attachment.hpp"
#include "host/run/capture.hpp"
#include "host/run/run_target.hpp"

namespace aster::host {

struct run_request {
  std::filesystem::path image;
  std::string name;  // that others find the instance by (--name); empty: the file's
  run_target target = run_target::automatic;
  std::uint64_t memory = 64u << 20;      // bytes, the image itself included (-m)
  std::string memory_given;              // the same as the person wrote it, for complaints; empty: in bytes
  std::vector<std::string> arguments;    // without the program's name
  std::vector<std::string> environment;  // NAME=VALUE (-e)
  std::vector<port_forward> ports;       // -p
  std::vector<attachment> networks;      // --net
  std::string address;  // --ip for the only device: "10.0.0.2/24[,gateway=…][,dns=…]", "dhcp" or ""
  std::vector<capture_request> captures;  // --pcap
  capture_settings capturing;
  std::filesystem::path record;  // a file that the exit code is written to at the end (--record); empty: none
  bool strace = false;           // print the image's system calls
  bool emulate = false;          // QEMU without KVM, also where this machine has it
  bool debug = false;            // let a debugger attach (sandbox)
  bool quiet = false;            // do not say which target was chosen
};

/// Exit codes of `run` itself, beside the image's own and those of abi/platform.hpp.
inline constexpr int exit_cannot_run = 125;  // the image was not started
inline constexpr int exit_forbidden = 159;   // killed by the sandbox: 128 + SIGSYS

/// Runs the image and returns its exit code. Blocks until it has ended; prints what went wrong to standard
/// error. SIGINT, SIGTERM and SIGHUP ask the image to stop; a second SIGINT, or ten seconds, end it.
int run(const run_request& request);

}  // namespace aster::host
