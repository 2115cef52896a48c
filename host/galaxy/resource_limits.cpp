#include "host/galaxy/resource_limits.hpp"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <format>
#include <fstream>
#include <memory>
#include <sstream>

#include "host/run/descriptor.hpp"

namespace aster::host::galaxy {

namespace {

namespace fs = std::filesystem;

/// What `aster run`, the tender and their libraries need beside the image's memory.
constexpr std::uint64_t memory_overhead = 64u << 20;
constexpr unsigned most_processes = 256;  // and threads, of one instance
constexpr unsigned period = 100'000;      // microseconds

std::string words_of(const fs::path& file) {
  std::ifstream in{file};
  std::stringstream all;
  all << in.rdbuf();
  return std::move(all).str();
}

/// Files of the kernel take what is written at once, or not at all.
bool write_word(const fs::path& file, std::string_view word) {
  const descriptor out(open(file.c_str(), O_WRONLY | O_CLOEXEC));
  return out && write(out.get(), word.data(), word.size()) == static_cast<ssize_t>(word.size());
}

/// The group of this process in the unified hierarchy: the line "0::/PATH".
std::string own_group(const fs::path& file) {
  std::istringstream lines{words_of(file)};
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("0::/")) return line.substr(4);
  return {};
}

}  // namespace

int niceness(double share) {
  // Each step is worth about a quarter (sched(7)).
  if (share >= 1) return 0;
  return std::min(19, static_cast<int>(std::lround(-std::log(std::max(share, 0.01)) / std::log(1.25))));
}

resource_limits resource_limits::find(const fs::path& groups, const fs::path& own) {
  resource_limits found;
  const auto without = [&](std::string_view why) {
    found.description_ = std::format("instances are limited by -m, rlimits and nice: {}", why);
    return found;
  };
  if (!fs::exists(groups / "cgroup.controllers"))
    return without("there is no unified hierarchy of control groups");
  const fs::path group = groups / own_group(own);
  if (group.filename() != "daemon") return without("no control group was delegated to the daemon");
  const fs::path parent = group.parent_path();
  if (access((parent / "cgroup.subtree_control").c_str(), W_OK) != 0 || access(parent.c_str(), W_OK) != 0)
    return without(std::format("{} cannot be written", parent.string()));
  std::istringstream offered{words_of(parent / "cgroup.controllers")};
  unsigned there = 0;
  for (std::string word; offered >> word;)
    there += word == "cpu" || word == "memory" || word == "pids" ? 1 : 0;
  if (there < 3) return without(std::format("{} lacks one of cpu, memory and pids", parent.string()));
  if (!write_word(parent / "cgroup.subtree_control", "+cpu +memory +pids"))
    return without(std::format("{}: {}", (parent / "cgroup.subtree_control").string(), std::strerror(errno)));
  found.group_ = parent;
  found.description_ = std::format("instances are limited by control groups in {}", parent.string());
  return found;
}

std::expected<std::function<void()>, std::string> resource_limits::confine(std::string_view instance,
                                                                           const allowance& a) const {
  const int nice = by_group() ? 0 : niceness(a.processor_share.value_or(1));
  if (!by_group()) {
    const rlim_t data = a.plain_process ? a.memory + memory_overhead : RLIM_INFINITY;
    return [nice, data] {
      rlimit limit{};
      if (data != RLIM_INFINITY && getrlimit(RLIMIT_DATA, &limit) == 0) {
        limit.rlim_cur = std::min(limit.rlim_cur, data);
        setrlimit(RLIMIT_DATA, &limit);
      }
      if (nice != 0) setpriority(PRIO_PROCESS, 0, nice);
    };
  }
  const fs::path group = group_ / instance;
  if (mkdir(group.c_str(), 0755) != 0 && errno != EEXIST)
    return std::unexpected(std::format("{}: {}", group.string(), std::strerror(errno)));
  const std::string quota =
      a.processor_share
          ? std::format("{} {}", std::max(1000u, static_cast<unsigned>(*a.processor_share * period)), period)
          : std::format("max {}", period);
  for (const auto& [file, word] : {std::pair{"cpu.max", quota},
                                   {"memory.max", std::to_string(a.memory + memory_overhead)},
                                   {"pids.max", std::to_string(most_processes)}}) {
    if (!write_word(group / file, word))
      return std::unexpected(std::format("{}: {}", (group / file).string(), std::strerror(errno)));
  }
  // Opened here: in the new process there is nothing but system calls.
  const auto processes =
      std::make_shared<descriptor>(open((group / "cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
  if (!*processes) return std::unexpected(std::format("{}: {}", group.string(), std::strerror(errno)));
  return [processes] {
    if (write(processes->get(), "0", 1) != 1) _exit(125);
  };
}

void resource_limits::release(std::string_view instance) const {
  if (by_group()) rmdir((group_ / instance).c_str());
}

}  // namespace aster::host::galaxy
