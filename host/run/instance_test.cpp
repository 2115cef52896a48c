#include "host/run/instance.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <fstream>

#include "host/run/instances.hpp"
#include "host/run/runtime_folder.hpp"

namespace {

using namespace aster::host;
using namespace std::chrono_literals;

/// A folder of the test's own, which is gone at its end; XDG_RUNTIME_DIR names it.
struct place {
  std::filesystem::path folder;
  place() {
    char name[] = "/tmp/aster-instance-XXXXXX";
    folder = mkdtemp(name);
    setenv("XDG_RUNTIME_DIR", folder.c_str(), 1);
  }
  ~place() {
    unsetenv("XDG_RUNTIME_DIR");
    std::filesystem::remove_all(folder);
  }
};

/// A running image whose part the test plays.
struct stage : place {
  std::vector<std::string> asked;
  std::unique_ptr<instance> door =
      *instance::open(*runtime_folder(), {.name = "shop", .target = "sandbox", .image = "/images/a shop"});
  instance::clock::time_point now{};

  stage() {
    door->ask = [this](std::string_view line) {
      asked.emplace_back(line);
      return true;
    };
  }

  int client() {
    const int s = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto path = folder / "asterism" / ("shop." + std::to_string(getpid()));
    std::memcpy(address.sun_path, path.c_str(), path.native().size());
    REQUIRE(connect(s, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    turn();
    return s;
  }

  void turn() {
    for (int i = 0; i < 3; ++i) {
      std::array<pollfd, instance::descriptor_limit> watched{};
      const std::size_t count = door->watch(watched);
      poll(watched.data(), count, 0);
      door->serve(std::span(watched).first(count), now);
    }
  }

  std::string said(int client, std::string_view request) {
    REQUIRE(send(client, request.data(), request.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(request.size()));
    turn();
    return heard(client);
  }

  std::string heard(int client) {
    turn();
    std::string all(65536, '\0');
    const ssize_t got = recv(client, all.data(), all.size(), 0);
    all.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return all;
  }
};

TEST_CASE_FIXTURE(stage, "an instance tells who it is") {
  const int c = client();
  const std::string said_first = said(c, "who\n");
  CHECK(said_first.starts_with("instance name=shop pid=" + std::to_string(getpid()) +
                               " target=sandbox image=/images/a%20shop started="));
  CHECK(said_first.ends_with(" answers=no ready=no\nend\n"));
  close(c);
}

TEST_CASE_FIXTURE(stage, "who awaits that an image can be used hears of it when it says so, or at once") {
  const int early = client(), impatient = client();
  CHECK(said(early, "await ready\n") == "");
  CHECK(said(impatient, "await ready\n") == "");
  close(impatient);
  now += 1h;
  door->expired(now);
  CHECK(heard(early) == "");
  door->is_ready();
  CHECK(heard(early) == "end\n");
  const int late = client();
  CHECK(said(late, "await ready\n") == "end\n");
  CHECK(asked.empty());  // the image is not bothered
  const int curious = client();
  CHECK(said(curious, "who\n").ends_with(" ready=yes\nend\n"));
  for (const int c : {early, late, curious}) close(c);
}

TEST_CASE_FIXTURE(stage, "a question goes to the image, and its answer comes back to who asked") {
  door->can_answer();
  const int first = client(), second = client();
  CHECK(said(first, "ask sta") == "");
  CHECK(said(first, "ts\n") == "");
  CHECK(said(second, "ask sockets 5\n") == "");
  REQUIRE(asked == std::vector<std::string>{"ask q1 stats\n", "ask q2 sockets 5\n"});
  door->answered("q1", "counters a=1", now);
  door->answered("q2", "socket state=LISTEN", now);
  door->answered("q1", "end", now);
  CHECK(heard(first) == "counters a=1\nend\n");
  CHECK(heard(second) == "socket state=LISTEN\n");
  close(first);
  close(second);
}

TEST_CASE_FIXTURE(stage, "what an image makes up, or says unasked, is not passed on") {
  door->can_answer();
  const int c = client();
  CHECK(said(c, "ask stats\n") == "");
  door->answered("q1", "\x1b]0;title\x07", now);
  door->answered("q9", "counters a=1", now);
  door->answered("q1", "end", now);
  CHECK(heard(c) == "end\n");
  door->answered("q1", "counters a=1", now);
  CHECK(heard(c) == "");
  close(c);
}

TEST_CASE_FIXTURE(stage, "who asks a stuck image is told so in time, and who asks one that talks is not") {
  door->can_answer();
  const int c = client();
  CHECK(said(c, "ask stats\n") == "");
  REQUIRE(door->deadline() == now + instance::patience);
  now += 2s;
  door->answered("q1", "counters a=1", now);
  now += 2s;
  door->expired(now);
  CHECK(heard(c) == "counters a=1\n");
  now += 2s;
  door->expired(now);
  CHECK(heard(c) == "failed no answer for 3s: a fiber keeps the CPU, or the machine is stopped\n");
  CHECK(!door->deadline());
  close(c);
}

TEST_CASE_FIXTURE(stage, "a question waits for an image that starts") {
  const int early = client();
  CHECK(said(early, "ask stats\n") == "");
  CHECK(asked.empty());
  door->can_answer();
  CHECK(asked == std::vector<std::string>{"ask q1 stats\n"});
  door->answered("q1", "end", now);
  CHECK(heard(early) == "end\n");
  close(early);
}

TEST_CASE_FIXTURE(stage, "who asks an image without a network stack is told so") {
  const int c = client();
  CHECK(said(c, "ask stats\n") == "");
  now += instance::patience;
  door->expired(now);
  CHECK(heard(c).starts_with("failed it does not answer questions"));
  CHECK(asked.empty());
  close(c);
}

TEST_CASE_FIXTURE(stage, "nonsense from a client is refused, and reaches no image") {
  door->can_answer();
  for (const std::string& odd : {std::string("hello\n"), std::string("ask \n"), std::string("ask a;b\n"),
                                 "ask " + std::string(100, 'a') + "\n", std::string(300, 'x')}) {
    const int c = client();
    CHECK(said(c, odd).starts_with("failed "));
    close(c);
  }
  turn();
  CHECK(asked.empty());
}

TEST_CASE_FIXTURE(stage, "no more clients are heard than there is place for, and those who leave make room") {
  door->can_answer();
  std::vector<int> all;
  for (std::size_t i = 0; i < instance::client_limit; ++i) all.push_back(client());
  const int one_more = client();
  CHECK(said(one_more, "who\n") == "");
  close(all.back());
  turn();
  CHECK(heard(one_more).starts_with("instance "));
  all.back() = one_more;
  for (const int c : all) close(c);
}

TEST_CASE_FIXTURE(stage, "the socket is gone with the instance") {
  const auto path = folder / "asterism" / ("shop." + std::to_string(getpid()));
  CHECK(std::filesystem::is_socket(path));
  door.reset();
  CHECK(!std::filesystem::exists(path.parent_path()));  // it was the last one
}

TEST_CASE_FIXTURE(place, "a folder that others may enter, or that is a link, is not used") {
  REQUIRE(runtime_folder());
  CHECK(std::filesystem::status(*runtime_folder()).permissions() == std::filesystem::perms::owner_all);
  REQUIRE(chmod((folder / "asterism").c_str(), 0755) == 0);
  CHECK(!runtime_folder());
  std::filesystem::remove(folder / "asterism");
  std::filesystem::create_directory_symlink("/tmp", folder / "asterism");
  CHECK(!runtime_folder());
}

TEST_CASE_FIXTURE(place, "a socket that a killed instance has left is removed, and nothing else is") {
  const auto stale = *runtime_folder() / "old.1", other = *runtime_folder() / "notes";
  {
    const int s = socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, stale.c_str(), stale.native().size());
    REQUIRE(bind(s, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    close(s);
  }
  std::ofstream{other} << "x";
  CHECK(running_instances()->empty());
  CHECK(!std::filesystem::exists(stale));
  CHECK(std::filesystem::exists(other));
  CHECK(find_instance("").error() == "no image runs; start one with aster run IMAGE");
}

TEST_CASE("an instance's name is letters, digits and little else") {
  for (const char* good : {"shop", "demo.shortener-1", "a_b", "7"}) CHECK(is_instance_name(good));
  for (const char* bad : {"", ".", "-a", "a b", "../a", "a/b", "caf\u00e9"}) CHECK(!is_instance_name(bad));
  CHECK(is_instance_name(std::string(64, 'a')));
  CHECK(!is_instance_name(std::string(65, 'a')));
}

}  // namespace
