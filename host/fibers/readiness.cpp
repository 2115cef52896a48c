#include "host/fibers/readiness.hpp"

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>

#include <array>
#include <cstddef>
#include <system_error>

#include "host/fibers/event_poll.hpp"

namespace aster::host {
namespace {

// The scheduler says that nothing will ever happen when no fiber has a deadline: it does not see descriptors.
// So each who waits for one has a deadline, if one that is centuries away.
constexpr task::time_point at_last = task::never - task::duration(1);

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

}  // namespace

event_poll& event_poll::own() {
  static event_poll the_only;
  return the_only;
}

event_poll::event_poll() : poll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (!poll_) fail("epoll_create1");
}

void event_poll::add(int descriptor, readiness& r) {
  epoll_event wanted{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.ptr = &r}};
  if (epoll_ctl(poll_.get(), EPOLL_CTL_ADD, descriptor, &wanted) != 0) fail("epoll_ctl");
}

void event_poll::remove(int descriptor) noexcept {
  epoll_ctl(poll_.get(), EPOLL_CTL_DEL, descriptor, nullptr);
}

void event_poll::wait(const timespec* timeout, const sigset_t& mask) noexcept {
  std::array<epoll_event, 256> happened;
  const int count = epoll_pwait2(poll_.get(), happened.data(), happened.size(), timeout, &mask);
  for (int i = 0; i < count; ++i) {
    const epoll_event& one = happened[static_cast<std::size_t>(i)];
    readiness& r = *static_cast<readiness*>(one.data.ptr);
    const bool is_over = (one.events & (EPOLLERR | EPOLLHUP)) != 0;
    if (is_over || (one.events & (EPOLLIN | EPOLLRDHUP)) != 0) {
      r.in_.is_ready = true;
      r.in_.waiting.notify_all();
    }
    if (is_over || (one.events & EPOLLOUT) != 0) {
      r.out_.is_ready = true;
      r.out_.waiting.notify_all();
    }
  }
}

readiness::readiness(int descriptor) : descriptor_(descriptor) { event_poll::own().add(descriptor, *this); }
readiness::~readiness() { event_poll::own().remove(descriptor_); }

bool readiness::await(direction& d, task::time_point deadline) {
  while (!d.is_ready)
    if (!d.waiting.wait_until(std::min(deadline, at_last)) && !d.is_ready) return false;
  d.is_ready = false;
  return true;
}

void readiness::await_readable() { await(in_, at_last); }
bool readiness::await_readable(task::time_point deadline) { return await(in_, deadline); }
void readiness::await_writable() { await(out_, at_last); }
bool readiness::await_writable(task::time_point deadline) { return await(out_, deadline); }

bool await_readable(int descriptor, task::time_point deadline) {
  readiness once(descriptor);
  return once.await_readable(deadline);
}

bool await_writable(int descriptor, task::time_point deadline) {
  readiness once(descriptor);
  return once.await_writable(deadline);
}

}  // namespace aster::host
