// Where the engine meets the fibers: one fiber looks at the device, a hook sends before the machine waits,
// and everybody who waits for the network is woken from here. Internal to this room.
#pragma once
#include <memory>
#include <optional>
#include <string_view>

#include "aster/net/engine.hpp"
#include "aster/net/known_host.hpp"
#include "aster/task/event.hpp"
#include "aster/task/scope.hpp"
#include "aster/task/wait_queue.hpp"

namespace aster::net {

/// Random bits from the platform.
siphash_key fresh_entropy();

/// Shared by the stack and everything that was opened on it: a stream that outlives its stack finds its
/// connection reset, not its memory gone.
class stack_core {
 public:
  stack_core(abi::net_device& device, const engine_options& options, duration linger);
  stack_core(const stack_core&) = delete;
  stack_core& operator=(const stack_core&) = delete;

  net::engine& engine() { return engine_; }
  const net::engine& engine() const { return engine_; }
  tcp::host& tcp() { return engine_.tcp(); }
  bool is_stopped() const { return stopped_; }

  /// What another part of this room keeps with the stack, made when it is first used: a program that does not
  /// use it does not contain it either.
  struct part {
    virtual ~part() = default;
  };
  std::unique_ptr<part> names;    // the resolver (names/resolver.hpp)
  std::vector<known_host> hosts;  // what it knows without asking

  /// Parks until there is an address; false at the deadline.
  bool wait_for_address(time_point deadline);
  bool wait_for_address6(time_point deadline);  // one that reaches beyond the link
  /// Parks until `condition()`, which is looked at whenever something about our addresses, routers or name
  /// servers has changed; false at the deadline.
  template <typename Condition>
  bool wait_until(time_point deadline, Condition&& condition) {
    while (!condition())
      if (stopped_ || !configured_.wait_until(deadline)) return false;
    return true;
  }
  bool has_address() const;  // of either family
  /// Whether all is known of our addresses that is to be expected: nobody is being asked any more.
  bool is_settled() const;
  /// Parks until there is an address of the family of `remote` to speak to it from; false when there will be
  /// none, or at the deadline.
  bool wait_for_source(const ip_address& remote, time_point deadline);
  /// Parks until the device may have room again: what it holds was flushed, and it was looked at.
  void wait_for_room() {
    room_flushed_ = false;
    room_.wait();
  }

  /// Delivers what is under way, then ends everything. The device is not used afterwards.
  void stop() noexcept;

 private:
  void run();
  std::uint32_t addresses_changed() const;  // grows when somebody may have got what he waits for
  static void before_wait(void* self);
  void look_for_question();
  void answer(std::string_view question);

  net::engine engine_;
  duration linger_;
  task::wait_queue configured_{"an address"};
  std::uint32_t known_changes_ = 0;
  task::wait_queue room_{"room in the device"};
  task::wait_queue round_{"connections to end"};
  time_point parked_until_ = time_point::min();  // when the network fiber wakes by itself
  bool room_flushed_ = false;
  bool stopped_ = false;
  bool is_answering_ = false;
  time_point began_ = task::now();
  // All stacks of the program: a question is one to each of them, whichever hears it.
  static constinit stack_core* first_;
  stack_core* next_ = nullptr;
  std::optional<task::before_wait> hook_;
  std::optional<task::scope> fiber_;
};

}  // namespace aster::net
