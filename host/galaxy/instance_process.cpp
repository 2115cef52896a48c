#include "host/galaxy/instance_process.hpp"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstring>
#include <format>
#include <string_view>

namespace aster::host::galaxy {

namespace {

std::unexpected<std::string> failure(std::string_view what) {
  return std::unexpected(std::format("{}: {}", what, std::strerror(errno)));
}

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> all;
  for (const std::string& word : words) all.push_back(const_cast<char*>(word.c_str()));
  all.push_back(nullptr);
  return all;
}

std::string small_file(const std::string& path) {
  const descriptor in(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 4096> bytes;
  const ssize_t got = in ? read(in.get(), bytes.data(), bytes.size()) : -1;
  return got <= 0 ? std::string{} : std::string(bytes.data(), static_cast<std::size_t>(got));
}

/// Field `number` (from 1) of /proc/PID/stat. The second, a name in parentheses, may hold anything.
std::optional<std::uint64_t> stat_field(const std::string& stat, unsigned number) {
  const std::size_t name_end = stat.rfind(')');
  if (name_end == stat.npos) return std::nullopt;
  std::string_view rest = std::string_view(stat).substr(name_end + 1);
  for (unsigned i = 2; i < number; ++i) {
    const std::size_t space = rest.find(' ');
    if (space == rest.npos) return std::nullopt;
    rest.remove_prefix(space + 1);
  }
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  return error == std::errc{} ? std::optional(value) : std::nullopt;
}

/// A FIFO that is always open for writing as well, so that its reader never meets an end.
std::expected<descriptor, std::string> open_console(const std::filesystem::path& path) {
  if (path.empty()) {
    descriptor none(open("/dev/null", O_RDWR | O_CLOEXEC));
    if (!none) return failure("/dev/null");
    return none;
  }
  if (mkfifo(path.c_str(), 0600) != 0 && errno != EEXIST) return failure(path.string());
  descriptor console(open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat status{};
  if (!console || fstat(console.get(), &status) != 0) return failure(path.string());
  if (!S_ISFIFO(status.st_mode)) return std::unexpected(std::format("{}: it is no FIFO", path.string()));
  fcntl(console.get(), F_SETFL, O_RDWR);  // waits for what is written
  return console;
}

std::expected<descriptor, std::string> keep_secrets(const std::string& secrets) {
  descriptor memory(memfd_create("secrets", MFD_CLOEXEC));
  if (!memory ||
      write(memory.get(), secrets.data(), secrets.size()) != static_cast<ssize_t>(secrets.size()) ||
      lseek(memory.get(), 0, SEEK_SET) != 0)
    return failure("no memory for secrets");
  return memory;
}

}  // namespace

std::optional<std::uint64_t> birth_of(std::int64_t pid) {
  return stat_field(small_file(std::format("/proc/{}/stat", pid)), 22);
}

std::expected<instance_process, std::string> instance_process::prepare(const launch& what) {
  auto console = open_console(what.console);
  if (!console) return std::unexpected(console.error());
  const descriptor log(open(what.log.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!log) return failure(what.log.string());
  descriptor secrets;
  if (!what.secrets.empty()) {
    auto kept = keep_secrets(what.secrets);
    if (!kept) return std::unexpected(kept.error());
    secrets = std::move(*kept);
  }
  int gate[2];
  if (pipe2(gate, O_CLOEXEC) != 0) return failure("no pipe");
  const descriptor opens(gate[0]);
  descriptor gate_for_us(gate[1]);
  const std::vector<char*> arguments = pointers(what.arguments);

  sigset_t all, before;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &before);
  const pid_t pid = fork();
  if (pid == 0) {
    // What the parent has arranged for itself is not the child's. Only system calls from here on.
    for (int s = 1; s < NSIG; ++s) signal(s, SIG_DFL);
    setsid();
    dup2(console->get(), 0);
    dup2(log.get(), 1);
    dup2(log.get(), 2);
    int first_to_close = 3;
    const int gate_copy = fcntl(opens.get(), F_DUPFD_CLOEXEC, 10);
    if (secrets) {
      if (dup2(secrets.get(), secrets_descriptor) == secrets.get()) fcntl(secrets.get(), F_SETFD, 0);
      first_to_close = secrets_descriptor + 1;
    }
    close_range(static_cast<unsigned>(first_to_close), static_cast<unsigned>(gate_copy) - 1, 0);
    close_range(static_cast<unsigned>(gate_copy) + 1, ~0u, 0);
    char go = 0;
    if (read(gate_copy, &go, 1) != 1) _exit(125);
    if (what.confine) what.confine();
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    execve(what.path.c_str(), arguments.data(), environ);
    _exit(127);
  }
  const int fork_failure = errno;
  sigprocmask(SIG_SETMASK, &before, nullptr);
  if (pid < 0) return std::unexpected(std::format("no process: {}", std::strerror(fork_failure)));
  descriptor handle(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  const auto born = birth_of(pid);
  if (!handle || !born) {
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    return std::unexpected(std::string("no handle for a process"));
  }
  return instance_process({pid, *born}, std::move(handle), std::move(gate_for_us));
}

std::optional<instance_process> instance_process::adopt(process_identity who) {
  if (who.pid <= 0) return std::nullopt;
  descriptor handle(static_cast<int>(syscall(SYS_pidfd_open, static_cast<pid_t>(who.pid), 0)));
  // The handle is opened first: what is looked at then is what it names, or has ended.
  if (!handle || birth_of(who.pid) != who.born) return std::nullopt;
  instance_process found(who, std::move(handle), {});
  if (stat_field(small_file(std::format("/proc/{}/stat", who.pid)), 22) != who.born) return std::nullopt;
  return found;
}

void instance_process::go() {
  const char byte = 'g';
  // Without a reader it has ended, which its handle tells.
  struct sigaction ignore{}, before{};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, &before);
  std::ignore = write(gate_.get(), &byte, 1);
  sigaction(SIGPIPE, &before, nullptr);
  gate_.close();
}

void instance_process::abandon() {
  gate_.close();
  siginfo_t how{};
  while (waitid(P_PIDFD, static_cast<id_t>(handle_.get()), &how, WEXITED) != 0 && errno == EINTR) {
  }
}

void instance_process::send(int signal) const {
  syscall(SYS_pidfd_send_signal, handle_.get(), signal, nullptr, 0);
}

std::optional<int> instance_process::reap() {
  siginfo_t how{};
  if (waitid(P_PIDFD, static_cast<id_t>(handle_.get()), &how, WEXITED | WNOHANG) != 0 || how.si_pid == 0)
    return std::nullopt;
  return how.si_code == CLD_EXITED ? how.si_status : 128 + how.si_status;
}

process_usage usage_of(std::int64_t pid) {
  process_usage total;
  std::vector<std::int64_t> all{pid};
  static const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  static const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  // As many as an instance can have: itself, a tender or QEMU, what records frames.
  for (std::size_t i = 0; i < all.size() && i < 16; ++i) {
    const std::string stat = small_file(std::format("/proc/{}/stat", all[i]));
    total.processor +=
        static_cast<double>(stat_field(stat, 14).value_or(0) + stat_field(stat, 15).value_or(0)) / ticks;
    total.memory += stat_field(stat, 24).value_or(0) * page;
    const std::string children = small_file(std::format("/proc/{0}/task/{0}/children", all[i]));
    const char* at = children.data();
    for (const char* const end = at + children.size(); at < end;) {
      std::int64_t child = 0;
      const auto [next, error] = std::from_chars(at, end, child);
      if (error != std::errc{}) break;
      all.push_back(child);
      at = next + 1;
    }
  }
  return total;
}

}  // namespace aster::host::galaxy
