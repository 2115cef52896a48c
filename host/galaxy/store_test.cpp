#include "host/galaxy/store.hpp"

#include <doctest/doctest.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "host/galaxy/journal.hpp"

using namespace aster::host::galaxy;
namespace fs = std::filesystem;

namespace {

struct folder {
  folder() {
    char name[] = "/tmp/aster-store-XXXXXX";
    path = mkdtemp(name);
  }
  ~folder() { fs::remove_all(path); }
  fs::path file() const { return path / "state.db"; }
  fs::path path;
};

store opened(const folder& f) {
  auto s = store::open(f.file());
  REQUIRE_MESSAGE(s, s.error());
  return std::move(*s);
}

instance_record an_instance() {
  return {.name = "shop-1",
          .service = "shop",
          .number = 1,
          .station = 7,
          .token = "6f1c",
          .version = 3,
          .generation = 2,
          .process = {4711, 123'456'789'012},
          .started = 1'790'000'000,
          .state = instance_state::draining,
          .restarts = 5};
}

}  // namespace

TEST_CASE("what was written is read by the next daemon") {
  const folder f;
  const service_record shop{
      .name = "shop", .scale = 3, .generation = 2, .failures = 1, .declared = "d", .stopped = "s"};
  const service_record paste{
      .name = "paste", .scale = {}, .generation = 0, .failures = 0, .declared = "", .stopped = ""};
  {
    store s = opened(f);
    REQUIRE(s.write(shop));
    REQUIRE(s.write(paste));
    REQUIRE(s.write(an_instance()));
    REQUIRE(s.write(deployment_record{"shop",
                                      {.version = 1,
                                       .time = 5,
                                       .image = "build/shop",
                                       .state = deployment_state::failed,
                                       .why = "it's \"'; DROP"},
                                      "/f"}));
    REQUIRE(s.set_word("boot", "a"));
  }
  const store s = opened(f);
  const auto all = s.read();
  REQUIRE(all);
  CHECK(all->services == std::vector{paste, shop});
  CHECK(all->instances == std::vector{an_instance()});
  REQUIRE(all->deployments.size() == 1);
  CHECK(all->deployments[0].told.why == "it's \"'; DROP");
  CHECK(all->deployments[0].told.state == deployment_state::failed);
  CHECK(all->deployments[0].file == "/f");
  CHECK(s.word("boot") == "a");
  CHECK(s.word("nothing") == "");
}

TEST_CASE("a row that is written again replaces the one before, and what is forgotten is gone") {
  const folder f;
  store s = opened(f);
  instance_record i = an_instance();
  REQUIRE(s.write(i));
  i.state = instance_state::well;
  REQUIRE(s.write(i));
  REQUIRE(s.write("shop-1", {99, 100}));
  i.process = {99, 100};
  CHECK(s.read()->instances == std::vector{i});
  CHECK_FALSE(s.write("shop-2", {1, 1}));
  REQUIRE(s.forget_instance("shop-1"));
  CHECK(s.read()->instances.empty());
  REQUIRE(s.write(service_record{.name = "shop", .scale = {}, .declared = {}, .stopped = {}}));
  REQUIRE(s.write(deployment_record{"shop", {.version = 1, .image = {}, .why = {}}, "/f"}));
  REQUIRE(s.forget_service("shop"));
  CHECK(s.read()->services.empty());
  CHECK(s.read()->deployments.empty());
}

TEST_CASE("old deployments are dropped, the live one never") {
  const folder f;
  store s = opened(f);
  for (unsigned v = 1; v <= 120; ++v) {
    const auto state = v == 2 ? deployment_state::live : deployment_state::failed;
    REQUIRE(s.write(deployment_record{"shop", {.version = v, .image = {}, .state = state, .why = {}}, "/f"}));
  }
  const auto all = s.read()->deployments;
  CHECK(all.size() == 51);
  CHECK(all.front().told.version == 2);
}

TEST_CASE("events are numbered over restarts, and the oldest are dropped") {
  const folder f;
  {
    store s = opened(f);
    journal j{s};
    for (int i = 0; i < 700; ++i)
      REQUIRE(j.add({.time = i, .kind = "started", .service = "shop", .instance = {}, .text = {}}));
    CHECK(j.last() == 700);
    CHECK(j.after(0, 10).front().number == 1);  // not at hand any more
    CHECK(j.after(690, 100).size() == 10);
    CHECK(j.after(700, 100).empty());
    CHECK(j.after(~0ull, 100).empty());
  }
  store s = opened(f);
  journal j{s};
  REQUIRE(j.add({.time = 0, .kind = "well", .service = {}, .instance = {}, .text = {}}));
  CHECK(j.last() == 701);
  CHECK(j.after(699, 10).size() == 2);
  event e{.number = 0, .time = 0, .kind = "well", .service = {}, .instance = {}, .text = {}};
  for (e.number = 10'200; e.number <= 10'240; ++e.number) REQUIRE(s.add(e));
  CHECK(s.events(0, 1).front().number == 241);
}

TEST_CASE("killed in the midst of writing, the store is whole") {
  const folder f;
  const pid_t child = fork();
  if (child == 0) {
    auto s = store::open(f.file());
    if (!s) _exit(1);
    instance_record i = an_instance();
    for (i.number = 1;; ++i.number) {
      i.name = "shop-" + std::to_string(i.number);
      if (!s->write(i)) _exit(1);
      if (i.number == 300) kill(getpid(), SIGKILL);
    }
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  const store s = opened(f);
  CHECK(s.read()->instances.size() == 300);
}

TEST_CASE("a file that is damaged is told of, and left as it is") {
  const folder f;
  {
    store s = opened(f);
    for (int i = 1; i < 200; ++i) {
      instance_record r = an_instance();
      r.name = "shop-" + std::to_string(i);
      REQUIRE(s.write(r));
    }
  }
  const auto size = fs::file_size(f.file());
  {
    std::fstream file{f.file(), std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(8192);
    const std::string nonsense(4096 * 3, '\xa5');
    file.write(nonsense.data(), static_cast<std::streamsize>(nonsense.size()));
  }
  const auto s = store::open(f.file());
  REQUIRE_FALSE(s);
  CHECK(s.error().contains("state.db"));
  CHECK(fs::file_size(f.file()) == size);
  std::ofstream{f.path / "text.db"} << "this is no database, and long enough to be seen as none";
  CHECK_FALSE(store::open(f.path / "text.db"));
  CHECK_FALSE(store::open(f.path / "no" / "folder.db"));
}

TEST_CASE("a database of a newer Asterism is not touched") {
  const folder f;
  (void)opened(f);
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(f.file().c_str(), &database) == SQLITE_OK);
  CHECK(sqlite3_exec(database, "PRAGMA user_version = 9", nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(database);
  const auto s = store::open(f.file());
  REQUIRE_FALSE(s);
  CHECK(s.error().contains("newer"));
}

TEST_CASE("on a disk that is full a write fails, and the next one does not when there is room again") {
  const folder f;
  store s = opened(f);
  journal j{s};
  REQUIRE(s.write(an_instance()));
  signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = before;
  small.rlim_cur = 64 * 1024;
  REQUIRE(setrlimit(RLIMIT_FSIZE, &small) == 0);
  store::result written;
  instance_record i = an_instance();
  for (int n = 2; n < 2000 && written; ++n) {
    i.name = "shop-" + std::to_string(n);
    i.token = std::string(500, 'x');
    written = s.write(i);
  }
  CHECK_FALSE(written);
  CHECK_FALSE(
      j.add({.time = 0, .kind = "failed", .service = {}, .instance = {}, .text = std::string(5000, 'x')}));
  CHECK(j.after(0, 10).size() == 1);  // and yet it is known
  setrlimit(RLIMIT_FSIZE, &before);
  CHECK(s.write(i));
  const auto all = s.read();
  REQUIRE(all);
  CHECK(all->instances.front() == an_instance());
}
