// Serves the star map of an invented galaxy that lives, for who looks at the page and for its test in a
// browser:
//
//   galaxy_page_trial FOLDER        sockets and logs lie in FOLDER; the page's address is printed
//
// Requests come and go, a service wakes, sleeps and wakes again. Ends at SIGTERM.
#include <array>
#include <cstdio>
#include <fstream>
#include <print>

#include "aster/task/scope.hpp"
#include "host/fibers/socket_stream.hpp"
#include "host/galaxy/api/api.hpp"
#include "host/galaxy/api/test/invented_galaxy.hpp"

using namespace aster::host::galaxy;
using namespace std::chrono_literals;

namespace {

void write_log(const std::filesystem::path& folder, const std::string& instance, const std::string& line) {
  std::ofstream{folder / (instance + ".log"), std::ios::app} << line << '\n';
}

/// Ten times a second something happens, the same each time.
void live(test::invented_galaxy& galaxy, const std::filesystem::path& folder) {
  for (unsigned tick = 1;; ++tick) {
    aster::task::sleep(100ms);
    for (const auto& [name, every] :
         std::array<std::pair<const char*, unsigned>, 2>{{{"shortener", 3}, {"chat", 7}}}) {
      service_status& s = *galaxy.service_of_name(name);
      if (tick % every != 0 || s.instances.empty()) continue;
      s.requests += 1 + tick % 4;
      s.instances[0].outstanding = tick % 9;
      s.instances[0].processor += 0.01;
      galaxy.service_of_name("edge")->requests += 1 + tick % 4;
      write_log(folder, s.instances[0].name, std::format("GET /{} 200 {} ms", name, tick % 13));
    }
    service_status& paste = *galaxy.service_of_name("paste");
    if (tick % 80 == 20) {
      galaxy.set_instances(paste, 1);
      paste.state = service_state::starting;
      paste.instances[0].state = instance_state::starting;
      galaxy.tell("woken", "paste", {}, "by a request");
    } else if (tick % 80 == 26) {
      paste.state = service_state::well;
      paste.instances[0].state = instance_state::well;
      paste.requests += 3;
      galaxy.tell("well", "paste", "paste-1", "after 31 ms");
    } else if (tick % 80 == 70) {
      galaxy.set_instances(paste, 0);
      paste.state = service_state::asleep;
      galaxy.tell("asleep", "paste", {}, "after 30 s without a request");
    }
    galaxy.touch();
  }
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 2) {
    std::println(stderr, "galaxy_page_trial FOLDER");
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  test::invented_galaxy galaxy{folder};
  write_log(folder, "status-1", "terminate: an exception nobody caught: bad_alloc");
  api_options options;
  options.socket = folder / "api";
  options.logs = folder;
  options.token = "for-a-test-alone";
  options.memory = folder / "page.json";
  aster::task::scope fibers{"trial"};
  fibers.spawn("api", [&] { serve_api(galaxy, options); });
  fibers.spawn("life", [&] { live(galaxy, folder); });
  aster::task::yield();
  std::ifstream remembered{options.memory};
  std::string text{std::istreambuf_iterator<char>{remembered}, {}};
  std::println("http://127.0.0.1:{}/?token={}", text.substr(8, text.find(',') - 8), options.token);
  std::fflush(stdout);
  fibers.join();
} catch (const aster::task::cancelled&) {
  return 0;
}
