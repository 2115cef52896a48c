#include "host/run/child.hpp"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <format>

namespace aster::host {
namespace {

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> all;
  for (const std::string& word : words) all.push_back(const_cast<char*>(word.c_str()));
  all.push_back(nullptr);
  return all;
}

/// What the child needs, laid out before it exists: between vfork and exec it may only make system calls.
struct prepared {
  const char* path;
  std::vector<char*> arguments;
  std::vector<char*> environment;
  std::vector<std::pair<int, int>> descriptors;  // {a number above all of the child's, the child's}
  int first_to_close;
  bool own_group;
  bool ignore_interrupts;
  pid_t parent;
};

/// Runs in the child; returns only when exec failed. `errno` says why.
void become(const prepared& p) {
  if (p.own_group) setpgid(0, 0);
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return;
  if (getppid() != p.parent) _exit(1);  // aster died before the line above
  for (const auto& [from, to] : p.descriptors) {
    if (dup2(from, to) < 0) return;
  }
  close_range(static_cast<unsigned>(p.first_to_close), ~0u, CLOSE_RANGE_CLOEXEC);
  if (p.ignore_interrupts) {
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execve(p.path, p.arguments.data(), p.environment.data());
}

}  // namespace

child::~child() {
  if (pid_ < 0 || status_) return;
  send(SIGKILL);
  wait();
}

void child::send(int signal) const {
  if (!status_) syscall(SYS_pidfd_send_signal, handle_.get(), signal, nullptr, 0);
}

std::optional<int> child::poll() {
  int status = 0;
  if (!status_ && waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
  return status_;
}

int child::wait() {
  int status = 0;
  while (!status_) {
    if (waitpid(pid_, &status, 0) == pid_)
      status_ = status;
    else if (errno != EINTR)
      status_ = 0;
  }
  return *status_;
}

std::expected<child, std::string> start(const program& what) {
  prepared p{.path = what.path.c_str(),
             .arguments = pointers(what.arguments),
             .environment = pointers(what.environment),
             .descriptors = {},
             .first_to_close = 3,
             .own_group = what.own_group,
             .ignore_interrupts = what.ignore_interrupts,
             .parent = getpid()};
  // Copies above all targets, so that no dup2 can overwrite what another one still needs.
  std::vector<descriptor> copies;
  for (const auto& [from, to] : what.descriptors) {
    copies.emplace_back(fcntl(from, F_DUPFD_CLOEXEC, 128));
    if (!copies.back()) return std::unexpected(std::format("descriptor {}: {}", from, std::strerror(errno)));
    p.descriptors.emplace_back(copies.back().get(), to);
    p.first_to_close = std::max(p.first_to_close, to + 1);
  }
  // No signal may meet the child while it shares our memory.
  sigset_t all, before;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &before);
  volatile int failure = 0;
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wdeprecated-declarations"
  const pid_t pid = vfork();
#pragma clang diagnostic pop
  if (pid == 0) {
    become(p);
    failure = errno;
    _exit(127);
  }
  const int fork_failure = errno;
  sigprocmask(SIG_SETMASK, &before, nullptr);
  if (pid < 0)
    return std::unexpected(std::format("no process could be made: {}", std::strerror(fork_failure)));
  descriptor handle(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (failure != 0 || !handle) {
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    return std::unexpected(std::format("{} cannot be started: {}", what.path.string(),
                                       std::strerror(failure != 0 ? failure : errno)));
  }
  return child(pid, std::move(handle));
}

std::expected<std::filesystem::path, std::string> find_own_program(std::string_view name) {
  std::error_code ignored;
  const std::filesystem::path here = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
  for (const auto& folder : {here, here / "../libexec/asterism"}) {
    std::filesystem::path candidate = folder / name;
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return std::unexpected(std::format("{} is missing beside {}; install Asterism again", name, here.string()));
}

}  // namespace aster::host
