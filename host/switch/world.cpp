#include "host/switch/world.hpp"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <format>
#include <string>

#include "host/switch/note.hpp"

namespace aster::host {
namespace {

constexpr int frames_in_child = 3;
constexpr auto breath = std::chrono::seconds(1);  // between two starts

}  // namespace

world::world(net::ipv4_interface own, task::scope& fibers, frame_room& room,
             std::function<void(std::span<std::byte>)> take, std::function<void()> taken)
    : own_(own), fibers_(fibers), room_(room), take_(std::move(take)), taken_(std::move(taken)) {}

world::~world() = default;

plug* world::reach() {
  if (!plug_ && task::now() >= again_ && !start()) again_ = task::after(task::now(), breath);
  return plug_.get();
}

bool world::start() {
  const auto path = find_own_program("aster-usernet");
  if (!path) {
    note(path.error());
    return false;
  }
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0) {
    note(std::format("no socket for the user-mode network: {}", strerror(errno)));
    return false;
  }
  descriptor ours(pair[0]), theirs(pair[1]);
  // The gateway's address is the switch's own, so that nobody reaches the host's loopback by it: frames to it
  // never go there.
  auto process =
      host::start({.path = *path,
                   .arguments = {"aster-usernet", "--frames", std::to_string(frames_in_child), "--network",
                                 std::format("{}/{}", net::to_string(own_.address), own_.prefix)},
                   .environment = {},
                   .descriptors = {{theirs.get(), frames_in_child}},
                   .own_group = true});
  if (!process) {
    note(process.error());
    return false;
  }
  process_.emplace(std::move(*process));
  plug_ = std::make_unique<plug>(std::move(ours), frame_form::plain);
  fibers_.spawn("world", [this] { carry(); });
  return true;
}

void world::carry() {
  {
    task::scope both{"world"};
    both.spawn("to the world", [this] { plug_->carry_queue(); });
    for (;;) {
      // Its first message is the one byte that says that it is ready: no frame.
      const int got = plug_->receive(room_, take_);
      taken_();
      if (got < 0) break;
      if (plug_->has_more(got))
        task::yield();
      else
        plug_->await_frames();
    }
    note("the user-mode network ended; it is started again when somebody wants to go out");
  }
  plug_.reset();
  process_.reset();
  again_ = task::after(task::now(), breath);
}

}  // namespace aster::host
