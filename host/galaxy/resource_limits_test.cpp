#include "host/galaxy/resource_limits.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

using namespace aster::host::galaxy;
namespace fs = std::filesystem;

namespace {

/// A folder that looks as control groups do, as far as files can.
struct hierarchy {
  hierarchy() {
    char name[] = "/tmp/aster-groups-XXXXXX";
    root = mkdtemp(name);
    put("cgroup.controllers", "cpu memory pids io\n");
    put("self", "3:cpu:/x\n0::/user/galaxy/daemon\n");
    put("user/galaxy/cgroup.controllers", "cpu io memory pids\n");
    put("user/galaxy/cgroup.subtree_control", "");
    put("user/galaxy/daemon/cgroup.procs", "");
  }
  ~hierarchy() { fs::remove_all(root); }
  void put(const fs::path& file, std::string_view text) const {
    fs::create_directories((root / file).parent_path());
    std::ofstream{root / file} << text;
  }
  std::string get(const fs::path& file) const {
    std::ifstream in{root / file};
    std::stringstream all;
    all << in.rdbuf();
    return all.str();
  }
  /// The kernel makes these with the group.
  void prepare(const std::string& instance) const {
    for (const char* file : {"cpu.max", "memory.max", "pids.max", "cgroup.procs"})
      put("user/galaxy/" + instance + "/" + file, "");
  }
  resource_limits find() const { return resource_limits::find(root, root / "self"); }
  fs::path root;
};

int code_of_child(const std::function<int()>& what) {
  const pid_t child = fork();
  if (child == 0) _exit(what());
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("where a group was delegated, each instance gets one with its limits") {
  const hierarchy h;
  const auto limits = h.find();
  REQUIRE_MESSAGE(limits.by_group(), limits.description());
  CHECK(h.get("user/galaxy/cgroup.subtree_control") == "+cpu +memory +pids");
  h.prepare("shop-1");
  const auto confine = limits.confine("shop-1", {.memory = 32u << 20, .processor_share = 0.5});
  REQUIRE(confine);
  CHECK(h.get("user/galaxy/shop-1/cpu.max") == "50000 100000");
  CHECK(h.get("user/galaxy/shop-1/memory.max") == std::to_string(96u << 20));
  CHECK(h.get("user/galaxy/shop-1/pids.max") == "256");
  CHECK(code_of_child([&] { return (*confine)(), 0; }) == 0);
  CHECK(h.get("user/galaxy/shop-1/cgroup.procs") == "0");  // the process that writes it
  h.prepare("shop-2");
  REQUIRE(limits.confine("shop-2", {}));
  CHECK(h.get("user/galaxy/shop-2/cpu.max") == "max 100000");
}

TEST_CASE("where none was, it is said why, and limits are those that any process may set for itself") {
  const hierarchy h;
  h.put("self", "0::/user/session-3.scope\n");
  CHECK(h.find().description().contains("no control group was delegated"));
  h.put("self", "0::/user/galaxy/daemon\n");
  h.put("user/galaxy/cgroup.controllers", "cpu memory\n");
  CHECK(h.find().description().contains("lacks one of"));
  fs::remove(h.root / "cgroup.controllers");
  const auto limits = h.find();
  CHECK(limits.description().contains("no unified hierarchy"));
  CHECK_FALSE(limits.by_group());
  const auto confine =
      limits.confine("shop-1", {.memory = 32u << 20, .processor_share = 0.5, .plain_process = true});
  REQUIRE(confine);
  CHECK(code_of_child([&] {
          (*confine)();
          rlimit data{};
          getrlimit(RLIMIT_DATA, &data);
          return data.rlim_cur == (96u << 20) && getpriority(PRIO_PROCESS, 0) == 3 ? 0 : 1;
        }) == 0);
}

TEST_CASE("half of a processor is three steps, and no limit is none") {
  CHECK(niceness(1) == 0);
  CHECK(niceness(4) == 0);
  CHECK(niceness(0.5) == 3);
  CHECK(niceness(0.1) == 10);
  CHECK(niceness(0.0001) == 19);
}
