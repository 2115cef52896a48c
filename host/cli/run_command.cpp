// aster run
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <format>

#include "host/cli/perform.hpp"
#include "host/crunch/source_tree.hpp"
#include "host/run/environment_file.hpp"
#include "host/run/instance.hpp"
#include "host/run/run.hpp"
#include "host/words/quantity.hpp"

namespace aster::host::cli {
namespace {

constexpr std::string_view live_variable = "ASTER_LIVE";

/// A word on the command line that makes no sense.
int refuse(std::string_view text) { return complain(std::format("run: {}", text), 2); }

/// The request without its image; the error is about a word on the command line.
std::expected<run_request, std::string> request_of(const run_command& c) {
  run_request request;
  if (!c.name.empty() && !is_instance_name(c.name)) {
    return std::unexpected{
        std::format("--name {}: not a name; it is made of letters, digits, '.', '-' and '_', begins with one "
                    "of the former two, and has at most 64",
                    c.name)};
  }
  request.name = c.name;
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
  if (!c.environment_file.empty()) {
    auto more = read_environment_file(c.environment_file);
    if (!more)
      return std::unexpected{std::format("--env-file {}: {}", c.environment_file.string(), more.error())};
    for (std::string& variable : *more) {
      const std::string_view name = std::string_view{variable}.substr(0, variable.find('=') + 1);
      const bool set = std::ranges::any_of(c.environment,
                                           [&](const std::string& given) { return given.starts_with(name); });
      if (!set) request.environment.push_back(std::move(variable));
    }
  }
  request.record = c.record;
  request.arguments = c.arguments;
  request.strace = c.strace;
  request.quiet = c.quiet;
  request.debug = c.debug;
  request.emulate = c.emulate;
  return request;
}

template <class Number>
std::expected<Number, std::string> number_of(std::string_view option, std::string_view text, Number most) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value == 0 || value > most)
    return std::unexpected{std::format("{} {}: not a number from 1 to {}", option, text, most)};
  return value;
}

/// What is to be recorded.
std::expected<void, std::string> add_captures(run_request& request, const run_command& c) {
  for (const std::string& text : c.captures) {
    auto capture = parse_capture(text);
    if (!capture) return std::unexpected{capture.error()};
    request.captures.push_back(*std::move(capture));
  }
  for (const auto& [option, value] : {std::pair{"--pcap-snap", &c.capture_snap},
                                      {"--pcap-limit", &c.capture_limit},
                                      {"--pcap-ring", &c.capture_ring}}) {
    if (!value->empty() && request.captures.empty())
      return std::unexpected{
          std::format("{}: nothing is recorded; say where to, as in --pcap shop.pcapng", option)};
  }
  if (!c.capture_snap.empty()) {
    const auto snap = number_of<std::uint32_t>("--pcap-snap", c.capture_snap, 65'600);
    if (!snap) return std::unexpected{snap.error()};
    request.capturing.snap = *snap;
  }
  if (!c.capture_limit.empty()) {
    const auto limit = parse_memory(c.capture_limit);
    if (!limit)
      return std::unexpected{
          std::format("--pcap-limit {}: not a size; write 8 or 8M for 8 MiB, or 1G", c.capture_limit)};
    request.capturing.limit = *limit;
  }
  if (!c.capture_ring.empty()) {
    const auto ring = number_of<std::size_t>("--pcap-ring", c.capture_ring, 1'000'000);
    if (!ring) return std::unexpected{ring.error()};
    if (!c.capture_limit.empty())
      return std::unexpected{"--pcap-limit: a ring has its own limit; leave one of the two out"};
    request.capturing.ring = *ring;
  }
  return {};
}

/// Directories that a program shall serve from disk instead of what asterism_crunch put into it
/// (aster/crunch/live.hpp). Only a plain process sees files.
std::expected<void, std::string> add_live(run_request& request, const std::vector<std::string>& words) {
  if (words.empty()) return {};
  if (request.target == run_target::automatic) request.target = run_target::process;
  if (request.target != run_target::process) {
    return std::unexpected{
        std::format("--live: on {} there are no files; leave --on out, or write --on process",
                    to_string(request.target))};
  }
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    const std::string name = equals == word.npos ? "" : "_" + word.substr(0, equals);
    const std::filesystem::path folder = word.substr(equals + 1);  // npos + 1 is 0
    std::error_code error;
    const auto real = std::filesystem::canonical(folder, error);
    if (error || !std::filesystem::is_directory(real)) {
      return std::unexpected{
          std::format("--live {}: {} is not a directory; name the one that was crunched, as in --live site",
                      word, folder.string())};
    }
    request.environment.push_back(std::format("{}{}={}", live_variable, name, real.string()));
  }
  // By which a page for an error names the places in the source.
  std::error_code ignored;
  if (const auto self = std::filesystem::read_symlink("/proc/self/exe", ignored); !self.empty())
    request.environment.push_back(std::format("ASTER_COMMAND={}", self.string()));
  return {};
}

/// Whether the image has the code for it: that looks for the variable by its name.
std::expected<void, std::string> check_live(const run_request& request) {
  const auto content = crunch::read_file(request.image);
  if (!content || content->contains(live_variable))
    return {};  // `run` tells what is wrong with the file itself
  return std::unexpected{std::format(
      "--live: {} has nothing to serve from disk; put files into it with asterism_crunch(TARGET DIR), "
      "without NO_LIVE",
      request.image.string())};
}

/// With `--debug --on process` the image becomes gdb's: it is an ordinary Linux program.
int debug_process(const run_request& request) {
  for (const std::string& variable : request.environment) {
    const std::size_t equals = variable.find('=');
    ::setenv(variable.substr(0, equals).c_str(), variable.c_str() + equals + 1, 1);
  }
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
  if (const auto good = add_captures(*request, c); !good) return refuse(good.error());
  if (const auto good = add_live(*request, c.live); !good) return refuse(good.error());
  auto image = image_of(c.image);
  if (!image) return complain(std::format("run: {}", image.error()), exit_cannot_run);
  request->image = *std::move(image);
  if (!c.live.empty()) {
    if (const auto good = check_live(*request); !good)
      return complain("run: " + good.error(), exit_cannot_run);
  }
  if (request->debug && request->target == run_target::process) return debug_process(*request);
  return run(*request);
}

}  // namespace aster::host::cli
