// aster run
#include <unistd.h>

#include <format>

#include "host/cli/perform.hpp"
#include "host/cli/quantity.hpp"
#include "host/run/run.hpp"

namespace aster::host::cli {
namespace {

/// A word on the command line that makes no sense.
int refuse(std::string_view text) { return complain(std::format("run: {}", text), 2); }

/// The request without its image; the error is about a word on the command line.
std::expected<run_request, std::string> request_of(const run_command& c) {
  run_request request;
  const auto target = parse_run_target(c.target);
  if (!target) return std::unexpected{target.error()};
  request.target = *target;

  const auto memory = parse_memory(c.memory);
  if (!memory)
    return std::unexpected{
        std::format("-m {}: not an amount of memory; write 8 or 8M for 8 MiB, or 1G", c.memory)};
  request.memory = *memory;
  request.memory_given = c.memory;

  for (const std::string& text : c.ports) {
    const auto port = parse_port_forward(text);
    if (!port) return std::unexpected{port.error()};
    request.ports.push_back(*port);
  }
  for (const std::string& text : c.networks) {
    auto network = parse_attachment(text);
    if (!network) return std::unexpected{network.error()};
    request.networks.push_back(*std::move(network));
  }
  if (!c.address.empty() && c.address != "dhcp") {
    if (const auto address = parse_address(c.address); !address) return std::unexpected{address.error()};
  }
  request.address = c.address;

  for (const std::string& variable : c.environment) {
    if (const std::size_t equals = variable.find('='); equals == 0 || equals == std::string::npos)
      return std::unexpected{
          std::format("-e {}: not a variable; write NAME=VALUE, as in -e LANG=C", variable)};
  }
  request.environment = c.environment;
  request.arguments = c.arguments;
  request.strace = c.strace;
  request.quiet = c.quiet;
  request.debug = c.debug;
  request.emulate = c.emulate;
  return request;
}

/// With `--debug --on process` the image becomes gdb's: it is an ordinary Linux program.
int debug_process(const run_request& request) {
  std::vector<std::string> words{"gdb", "--args", request.image.string()};
  words.insert(words.end(), request.arguments.begin(), request.arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  ::execvp("gdb", pointers.data());
  return complain("run: gdb cannot be started; install it, as with 'apt-get install gdb'", exit_cannot_run);
}

}  // namespace

int perform(const run_command& c) {
  auto request = request_of(c);
  if (!request) return refuse(request.error());
  auto image = image_of(c.image);
  if (!image) return complain(std::format("run: {}", image.error()), exit_cannot_run);
  request->image = *std::move(image);
  if (request->debug && request->target == run_target::process) return debug_process(*request);
  return run(*request);
}

}  // namespace aster::host::cli
