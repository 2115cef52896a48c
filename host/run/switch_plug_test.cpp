#include "host/run/switch_plug.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <format>
#include <thread>

using namespace aster::host;

namespace {

/// A switch that answers the first that comes with one message.
class one_answer {
 public:
  explicit one_answer(std::string answer)
      : folder_(std::format("/tmp/aster-plug-{}", getpid())), answer_(std::move(answer)) {
    std::filesystem::create_directories(folder_);
    listening_ = descriptor(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path().c_str(), path().native().size());
    REQUIRE(bind(listening_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(listen(listening_.get(), 1) == 0);
    thread_ = std::thread([this] {
      const descriptor client(accept(listening_.get(), nullptr, nullptr));
      char bytes[256];
      const ssize_t got = recv(client.get(), bytes, sizeof bytes, 0);
      if (got > 0) heard.assign(bytes, static_cast<std::size_t>(got));
      if (!answer_.empty()) send(client.get(), answer_.data(), answer_.size(), MSG_NOSIGNAL);
    });
  }
  ~one_answer() {
    if (thread_.joinable()) thread_.join();
    std::filesystem::remove_all(folder_);
  }
  std::filesystem::path path() const { return folder_ / "frames"; }
  std::expected<switch_plug, std::string> plug(frame_form form = frame_form::offloaded) {
    auto plugged = plug_into_switch(path(), "5eed", form);
    thread_.join();
    return plugged;
  }

  std::string heard;

 private:
  std::filesystem::path folder_;
  std::string answer_;
  descriptor listening_;
  std::thread thread_;
};

}  // namespace

TEST_CASE("who plugs in says its token and how it takes frames, and learns its place") {
  one_answer net("r mac=02:41:53:4d:00:07,ip=10.77.0.7/16,gateway=10.77.0.1,dns=10.77.0.1");
  const auto plugged = net.plug(frame_form::bare);
  REQUIRE(plugged);
  CHECK(net.heard == "5eed bare\n");
  CHECK(plugged->mac == std::array<std::uint8_t, 6>{0x02, 0x41, 0x53, 0x4d, 0, 7});
  CHECK(plugged->configuration == "ip=10.77.0.7/16,gateway=10.77.0.1,dns=10.77.0.1");
  CHECK(plugged->frames);
}

TEST_CASE("a switch need not say a place") {
  one_answer net("r");
  const auto plugged = net.plug();
  REQUIRE(plugged);
  CHECK(!plugged->mac);
  CHECK(plugged->configuration.empty());
}

TEST_CASE("a switch's reason not to is what the person reads") {
  one_answer net("that place is taken\x1b[2J");
  CHECK(net.plug().error() == std::format("switch {}: that place is taken\\x1b[2J", net.path().string()));
}

TEST_CASE("an answer that makes no sense plugs nothing in") {
  for (const char* answer : {"r mac=02:41:53:4d:00,ip=10.77.0.7/16", "r ip=10.77.0.7",
                             "r mac=02:41:53:4d:00:0x", "r up=1", "r ip="}) {
    CAPTURE(answer);
    one_answer net(answer);
    CHECK(net.plug().error().contains("its answer makes no sense"));
  }
}

TEST_CASE("a switch that goes, or is not there, is told from one that says no") {
  one_answer net("");
  CHECK(net.plug().error().ends_with("it has closed the connection"));
  CHECK(plug_into_switch("/tmp/no-such-folder/frames", "5eed", frame_form::plain).error() ==
        "switch /tmp/no-such-folder/frames: no switch listens there; start the galaxy with aster up");
  CHECK(plug_into_switch(std::string(200, 'x'), "5eed", frame_form::plain)
            .error()
            .ends_with("too long a name for a socket"));
}
