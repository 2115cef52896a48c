#include "host/run/run.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <format>
#include <memory>
#include <print>

#include "abi/boot_line.hpp"
#include "abi/platform.hpp"
#include "abi/sandbox.hpp"
#include "host/image/image.hpp"
#include "host/run/boot_line.hpp"
#include "host/run/child.hpp"
#include "host/run/exit_record.hpp"
#include "host/run/instance.hpp"
#include "host/run/qemu.hpp"
#include "host/run/runtime_folder.hpp"
#include "host/run/supervisor.hpp"
#include "host/run/switch_plug.hpp"
#include "host/run/tap.hpp"
#include "host/run/user_network.hpp"

namespace aster::host {
namespace {

/// What a program takes in the sandbox before main(), beside the image itself: malloc's first piece of 132
/// KiB, and what libc keeps for the thread. With less, libc crashes where it could not say why.
constexpr std::uint64_t sandbox_memory_overhead = 256u << 10;

using failure = std::unexpected<std::string>;

/// What an image's devices are plugged into, open and ready before the image starts.
struct network {
  std::vector<tap> taps;                    // in the order of the devices that have one
  std::vector<user_network> user_networks;  // …
  std::vector<descriptor> plugs;            // … into a galaxy's switch
  std::vector<descriptor> tapped;           // the image's ends of wires that are captured
};

/// One run, step by step. Whatever is in here ends with it.
struct session {
  explicit session(const run_request& r) : request(r) {}

  const run_request& request;
  machine offers;
  run_target target = run_target::automatic;
  std::optional<image> file;
  std::vector<attached_device> devices;
  network cables;
  std::vector<int> frames;           // per device: our descriptor of its frames, or -1
  std::vector<std::string> offload;  // per device
  std::vector<int> captured;         // per device: the request that its frames go to, or -1
  std::vector<capture> captures;     // in the order of the requests
  descriptor control_for_image;      // the image's end of the control channel
};

bool is_qemu(run_target target) {
  return target == run_target::qemu_microvm || target == run_target::qemu_q35;
}

/// In which form a switch's frames fit what stands at the other end of the wire.
frame_form frames_wanted(const session& s, bool captured) {
  if (!is_qemu(s.target)) return frame_form::offloaded;
  return captured ? frame_form::plain : frame_form::bare;
}

std::string amount(std::uint64_t bytes) {
  if (bytes % (1u << 20) == 0) return std::format("{} MiB", bytes >> 20);
  if (bytes % 1024 == 0) return std::format("{} KiB", bytes >> 10);
  return std::format("{} bytes", bytes);
}

/// Everything that can be wrong with the request is found here, before anything starts.
std::expected<void, std::string> examine(session& s) {
  const run_request& request = s.request;
  auto file = read_image(request.image);
  if (!file) return failure(file.error().text);
  s.file = std::move(*file);

  s.offers = machine::examine(request.target);
  if (request.emulate) s.offers.kvm = false;
  const auto target = choose_target(request.target, s.offers);
  if (!target) return failure(target.error());
  s.target = *target;
  if (request.emulate && !is_qemu(s.target)) {
    return failure("--emulate: only QEMU emulates a processor; add --on qemu");
  }
  if (request.strace && s.target == run_target::process) {
    return failure(
        "--strace: a plain process makes its system calls to Linux; use strace(1), or --on sandbox");
  }

  const std::uint64_t least =
      s.file->span + (is_qemu(s.target) ? qemu_memory_overhead : sandbox_memory_overhead);
  const std::uint64_t whole = (least + 0xfffff) >> 20;  // MiB
  if (s.target != run_target::process && request.memory < least) {
    return failure(std::format("-m {}: too little for {}, which needs {} just to start; write -m {}, or more",
                               request.memory_given.empty() ? amount(request.memory) : request.memory_given,
                               request.image.string(), amount(whole << 20), whole));
  }

  std::string address = request.address;
  if (!address.empty() && address != "dhcp") {
    const auto parsed = parse_address(address);
    if (!parsed) return failure(parsed.error());
    address = *parsed;
  }
  auto devices = match_devices(s.file->devices, request.networks, request.ports, address);
  if (!devices) return failure(devices.error());
  s.devices = std::move(*devices);
  auto captured = match_captures(request.captures, s.devices);
  if (!captured) return failure(captured.error());
  s.captured = std::move(*captured);
  for (const port_forward& port : request.ports) {
    if (const auto free = check_port(port); !free) return failure(free.error());
  }
  return {};
}

/// Opens taps, plugs into switches and starts user-mode networks. QEMU has a user-mode network of its own,
/// into which nobody can look.
std::expected<void, std::string> plug_in(session& s) {
  for (std::size_t i = 0; i < s.devices.size(); ++i) {
    attached_device& device = s.devices[i];
    const bool captured = s.captured[i] >= 0;
    if (!device.tap.empty()) {
      auto opened = open_tap(device.tap, !captured || !is_qemu(s.target));
      if (!opened) return failure(opened.error());
      device.mtu = opened->mtu;
      s.frames.push_back(opened->frames.get());
      s.offload.push_back(opened->offload);
      s.cables.taps.push_back(std::move(*opened));
    } else if (!device.plug.empty()) {
      auto plugged = plug_into_switch(device.plug, device.token, frames_wanted(s, captured));
      if (!plugged) return failure(plugged.error());
      device.mac = plugged->mac.value_or(device.mac);
      if (device.configuration.empty() && !device.dhcp) device.configuration = plugged->configuration;
      s.frames.push_back(plugged->frames.get());
      s.offload.emplace_back(is_qemu(s.target) ? "" : "checksum+tso4+receive");
      s.cables.plugs.push_back(std::move(plugged->frames));
    } else if (is_qemu(s.target) && !captured) {
      s.frames.push_back(-1);
      s.offload.emplace_back();
    } else {
      auto started = start_user_network(device);
      if (!started) return failure(started.error());
      s.frames.push_back(started->frames.get());
      s.offload.emplace_back();
      s.cables.user_networks.push_back(std::move(*started));
    }
  }
  return {};
}

/// Puts a capture into each wire that is to be recorded.
std::expected<void, std::string> tap_wires(session& s) {
  for (std::size_t r = 0; r < s.request.captures.size(); ++r) {
    std::vector<tapped_wire> wires;
    std::vector<std::size_t> devices;
    for (std::size_t i = 0; i < s.devices.size(); ++i) {
      if (s.captured[i] != static_cast<int>(r)) continue;
      wires.push_back({.device = &s.devices[i], .network = s.frames[i], .bare = is_qemu(s.target)});
      devices.push_back(i);
    }
    auto started = capture::start(s.request.captures[r], s.request.capturing, wires);
    if (!started) return failure(started.error());
    s.captures.push_back(std::move(*started));
    for (std::size_t w = 0; w < wires.size(); ++w) {
      s.frames[devices[w]] = wires[w].image.get();
      s.cables.tapped.push_back(std::move(wires[w].image));
    }
  }
  return {};
}

/// Where frames take standard output, the image's console goes to standard error.
bool console_gives_way(const session& s) {
  return std::ranges::contains(s.request.captures, "-", &capture_request::file);
}

std::expected<std::string, std::string> write_boot_line(const session& s) {
  boot_line line;
  if (s.target != run_target::process) {
    line.argument(s.request.image.filename().string());
    for (const std::string& argument : s.request.arguments) line.argument(argument);
    for (const std::string& variable : s.request.environment) line.variable(variable);
  }
  for (std::size_t i = 0; i < s.devices.size(); ++i) {
    const bool by_descriptor = !is_qemu(s.target);
    line.network(s.devices[i], by_descriptor ? abi::first_device_descriptor + static_cast<int>(i) : -1,
                 by_descriptor ? s.offload[i] : "");
  }
  if (s.request.strace) line.flag("strace");
  line.number("control", abi::control_descriptor);
  return line.finish();
}

/// The descriptors of the sandbox and of a plain process: abi/sandbox.hpp.
std::vector<std::pair<int, int>> numbered_descriptors(const session& s) {
  std::vector<std::pair<int, int>> all{{s.control_for_image.get(), abi::control_descriptor}};
  for (const int frames : s.frames) {
    all.emplace_back(frames, abi::first_device_descriptor + static_cast<int>(all.size()) - 1);
  }
  if (console_gives_way(s)) all.emplace_back(2, 1);
  return all;
}

/// A connected pair of which what is started gets one end.
std::expected<std::pair<descriptor, descriptor>, std::string> socket_pair() {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
    return failure("no socket for the control channel");
  return std::pair{descriptor(pair[0]), descriptor(pair[1])};
}

std::expected<supervised, std::string> start_as_child(session& s, program what) {
  auto control = socket_pair();
  if (!control) return failure(control.error());
  s.control_for_image = std::move(control->second);
  what.descriptors = numbered_descriptors(s);
  // The terminal sends Ctrl-C to everybody in the foreground; the image is told once, by us.
  what.ignore_interrupts = true;
  auto started = start(what);
  s.control_for_image.close();
  if (!started) return failure(started.error());
  return supervised{.image = std::move(*started),
                    .control = std::move(control->first),
                    .input = {},
                    .ask_to_stop = {},
                    .ask_again = false,
                    .monitor = {},
                    .helpers = {}};
}

std::expected<supervised, std::string> start_in_sandbox(session& s, const std::string& line) {
  const auto tender = find_own_program("aster-sandbox");
  if (!tender) return failure(tender.error());
  program what{.path = *tender,
               .arguments = {"aster-sandbox", "-m", std::to_string(s.request.memory), "--control",
                             std::to_string(abi::control_descriptor)},
               .environment = {std::string(abi::boot_variable) + "=" + line}};
  for (std::size_t i = 0; i < s.devices.size(); ++i) {
    what.arguments.insert(what.arguments.end(),
                          {"--device", std::to_string(abi::first_device_descriptor + static_cast<int>(i))});
  }
  if (s.request.debug) what.arguments.emplace_back("--debug");
  what.arguments.push_back(s.request.image.string());
  return start_as_child(s, std::move(what));
}

std::expected<supervised, std::string> start_as_process(session& s, const std::string& line) {
  program what{.path = s.request.image,
               .arguments = {s.request.image.filename().string()},
               .environment = s.request.environment};
  what.arguments.insert(what.arguments.end(), s.request.arguments.begin(), s.request.arguments.end());
  what.environment.push_back(std::string(abi::boot_variable) + "=" + line);
  return start_as_child(s, std::move(what));
}

std::expected<supervised, std::string> start_in_qemu(session& s, const std::string& line) {
  auto control = socket_pair();
  if (!control) return failure(control.error());
  auto monitor = socket_pair();
  if (!monitor) return failure(monitor.error());
  int input[2];
  if (pipe2(input, O_CLOEXEC) != 0) return failure("no pipe for the console");
  const descriptor input_for_qemu(input[0]);
  descriptor input_for_us(input[1]);
  fcntl(input_for_us.get(), F_SETFL, O_NONBLOCK);

  constexpr int control_in_qemu = 3;
  constexpr int monitor_in_qemu = 4;
  int next = 5;
  program what{.path = *s.offers.qemu,
               .arguments = {},
               .environment = {},
               .descriptors = {{input_for_qemu.get(), 0},
                               {control->second.get(), control_in_qemu},
                               {monitor->second.get(), monitor_in_qemu}},
               // Out of the terminal's group: QEMU would take Ctrl-C as its own end, not as the image's.
               .own_group = true};
  qemu_machine machine{.target = s.target,
                       .kvm = s.offers.kvm,
                       .memory = s.request.memory,
                       .image = s.request.image,
                       .boot_line = line,
                       .devices = s.devices,
                       .cables = {},
                       .control = control_in_qemu,
                       .monitor = monitor_in_qemu};
  for (std::size_t i = 0; i < s.frames.size(); ++i) {
    if (s.frames[i] >= 0) what.descriptors.emplace_back(s.frames[i], next);
    machine.cables.push_back(
        {s.frames[i] >= 0 ? next++ : -1, s.captured[i] >= 0 || !s.devices[i].plug.empty()});
  }
  if (console_gives_way(s)) what.descriptors.emplace_back(2, 1);
  what.arguments = qemu_arguments(machine);
  auto started = start(what);
  if (!started) return failure(started.error());

  const int button = monitor->first.get();
  std::ignore = write(button, qmp_open.data(), qmp_open.size());
  return supervised{
      .image = std::move(*started),
      .control = std::move(control->first),
      .input = input_relay(std::move(input_for_us)),
      .ask_to_stop =
          [button] { std::ignore = write(button, qmp_power_button.data(), qmp_power_button.size()); },
      .ask_again = true,
      .monitor = std::move(monitor->first),
      .helpers = {}};
}

std::expected<supervised, std::string> start_image(session& s, const std::string& line) {
  if (is_qemu(s.target)) return start_in_qemu(s, line);
  return s.target == run_target::sandbox ? start_in_sandbox(s, line) : start_as_process(s, line);
}

/// One line for standard error: where the image runs, with what, and how to reach it.
std::string announcement(const session& s) {
  std::string text = std::format("aster: {} ", s.request.image.filename().string());
  switch (s.target) {
    case run_target::automatic: break;
    case run_target::process: text += "as a plain process, neither confined nor limited"; break;
    case run_target::sandbox: text += std::format("in the sandbox, {}", amount(s.request.memory)); break;
    case run_target::qemu_microvm:
    case run_target::qemu_q35:
      text += std::format("in QEMU {} ({}), {}", s.target == run_target::qemu_q35 ? "q35" : "microvm",
                          s.offers.kvm ? "KVM" : "emulated", amount(s.request.memory));
      break;
  }
  for (const attached_device& device : s.devices) {
    if (!device.tap.empty()) text += std::format(", {} on {}", device.name, device.tap);
    if (!device.plug.empty())
      text += std::format(", {} on the switch at {}", device.name, device.plug.string());
    for (const port_forward& port : device.ports) text += std::format(", {}", to_link(port));
  }
  for (const capture_request& c : s.request.captures) {
    text += s.request.capturing.ring != 0
                ? std::format(", its last {} frames kept", s.request.capturing.ring)
                : std::format(", frames to {}", c.file == "-" ? "standard output" : c.file);
  }
  return text;
}

/// How to attach a debugger: the process is the tender's, so that gdb does not know of the image by itself.
void explain_debugging(const session& s, pid_t pid) {
  const std::string image = std::filesystem::absolute(s.request.image).string();
  std::println(stderr,
               "aster: attach with gdb -p {0} -ex \"add-symbol-file {1}.debug -o $(grep -m1 {1} "
               "/proc/{0}/maps | sed 's/^/0x/;s/-.*//')\"",
               pid, image);
}

/// What the image's end means to the shell; says why where the code alone does not.
int judge(const session& s, const ending& end, const control_listener& listener) {
  const std::string name = s.request.image.filename().string();
  if (end.forced) {
    if (end.timed_out) std::println(stderr, "aster: {} did not stop within 10 seconds and was ended", name);
    return 128 + end.stopped_by;
  }
  if (is_qemu(s.target)) {
    if (listener.exit_code()) return *listener.exit_code();
    if (listener.panicked()) return abi::exit_panic;
    // QEMU has said why on standard error where it failed itself.
    if (WIFEXITED(end.status) && WEXITSTATUS(end.status) == 1) return exit_cannot_run;
    std::println(
        stderr, "aster: {}",
        WIFSIGNALED(end.status)
            ? std::format("QEMU was ended by signal {}", WTERMSIG(end.status))
            : std::format("{} stopped without a word: the machine was reset (a triple fault)", name));
    return WIFSIGNALED(end.status) ? 128 + WTERMSIG(end.status) : static_cast<int>(abi::exit_panic);
  }
  if (WIFEXITED(end.status)) return WEXITSTATUS(end.status);
  const int signal = WTERMSIG(end.status);
  if (signal == SIGSYS) {
    std::println(stderr, "aster: {} was killed: it made a system call that the sandbox forbids", name);
    return exit_forbidden;
  }
  if (signal == SIGKILL) {
    std::println(stderr, "aster: {} was killed from outside, perhaps because this machine is out of memory",
                 name);
  } else if (signal != SIGPIPE && end.stopped_by == 0) {
    std::println(stderr, "aster: {} was ended by signal {} (SIG{})", name, signal, sigabbrev_np(signal));
  }
  return 128 + signal;
}

std::string instance_name(const run_request& request) {
  return request.name.empty() ? request.image.filename().string() : request.name;
}

/// Lets others ask about the image while it runs. Where there is no place for the socket, nobody can, and the
/// image runs all the same.
std::unique_ptr<instance> open_door(const session& s, supervised& what, control_listener& listener) {
  std::expected<std::unique_ptr<instance>, std::string> opened;
  // The last one that ends removes the folder, perhaps while we are between making it and using it.
  for (int attempt = 0; attempt == 0 || (attempt < 3 && !opened); ++attempt) {
    const auto folder = runtime_folder();
    opened = folder ? instance::open(*folder, {.name = instance_name(s.request),
                                               .target = std::string(to_string(s.target)),
                                               .image = std::filesystem::absolute(s.request.image)})
                    : failure(folder.error());
  }
  if (!opened) {
    if (!s.request.quiet) std::println(stderr, "aster: aster stats will not find this: {}", opened.error());
    return nullptr;
  }
  instance& door = **opened;
  door.ask = [control = what.control.get()](std::string_view line) {
    return send(control, line.data(), line.size(), MSG_DONTWAIT | MSG_NOSIGNAL) ==
           static_cast<ssize_t>(line.size());
  };
  listener.on_ready = [&door] { door.is_ready(); };
  listener.on_answers = [&door] { door.can_answer(); };
  listener.on_answer = [&door](const control::answer& a) {
    door.answered(a.id, a.rest, instance::clock::now());
  };
  what.questions = &door;
  return std::move(*opened);
}

/// Whether the image ended in a way that somebody will want to explain.
bool has_fallen(const session& s, const ending& end, const control_listener& listener) {
  if (end.forced) return end.timed_out;  // deaf to being asked; a second Ctrl-C is only impatience
  if (listener.panicked()) return true;
  if (is_qemu(s.target)) return !listener.exit_code() || *listener.exit_code() == abi::exit_out_of_memory;
  if (WIFSIGNALED(end.status)) return true;
  return WEXITSTATUS(end.status) == abi::exit_panic || WEXITSTATUS(end.status) == abi::exit_out_of_memory;
}

std::expected<int, std::string> run_session(session& s) {
  if (const auto good = examine(s); !good) return failure(good.error());
  // Before the first child: a Ctrl-C from here on is answered, and leaves nothing behind.
  const stop_signals signals;
  const console_guard console;
  if (const auto plugged = plug_in(s); !plugged) return failure(plugged.error());
  if (const auto tapped = tap_wires(s); !tapped) return failure(tapped.error());
  const auto line = write_boot_line(s);
  if (!line) return failure(line.error());
  if (!s.request.quiet) std::println(stderr, "{}", announcement(s));
  auto started = start_image(s, *line);
  if (!started) return failure(started.error());
  if (s.request.debug && s.target == run_target::sandbox) explain_debugging(s, started->image.pid());
  if (!started->ask_to_stop) started->ask_to_stop = [&image = started->image] { image.send(SIGTERM); };
  // The image has copies of its own.
  s.cables.taps.clear();
  s.cables.tapped.clear();
  s.cables.plugs.clear();
  for (user_network& n : s.cables.user_networks) {
    n.frames.close();
    started->helpers.push_back({&n.process, "the user-mode network ended; the image goes on without it"});
  }
  for (capture& c : s.captures)
    started->helpers.push_back(
        {&c.process(), "what records the frames ended; the image goes on without a network"});
  control_listener listener(s.request.image, stderr);
  const auto door = open_door(s, *started, listener);
  const ending end = supervise(*started, signals, listener);
  for (capture& c : s.captures) c.finish(has_fallen(s, end, listener));
  return judge(s, end, listener);
}

}  // namespace

int run(const run_request& request) {
  session s(request);
  const auto ended = run_session(s);
  if (!ended) std::println(stderr, "aster: {}", ended.error());
  const int code = ended.value_or(exit_cannot_run);
  if (!request.record.empty()) {
    if (const auto kept = write_exit_record(request.record, code); !kept)
      std::println(stderr, "aster: --record {}: {}", request.record.string(), kept.error());
  }
  return code;
}

}  // namespace aster::host
