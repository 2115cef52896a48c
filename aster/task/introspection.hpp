// Who is alive in this thread, and what it waits for.
//
//   for (const auto& f : task::fibers()) std::println("{:20} {}", f.name, f.waits_for);
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "aster/task/clock.hpp"

namespace aster::task {

enum class fiber_state : std::uint8_t {
  running,   // the one that asks
  ready,     // runs when its turn comes
  sleeping,  // until a time, for nothing else
  waiting,   // for something; perhaps until a time
};

constexpr const char* to_string(fiber_state s) {
  switch (s) {
    case fiber_state::running: return "running";
    case fiber_state::ready: return "ready";
    case fiber_state::sleeping: return "sleeping";
    case fiber_state::waiting: return "waiting";
  }
  return "unknown";
}

struct fiber_info {
  std::string name;
  std::string scope;  // the scope it was born in; empty for the root
  fiber_state state;
  std::string waits_for;   // "a mutex", "a value in a channel", …; empty unless waiting
  time_point until;        // its deadline; `never` without one
  bool cancelled;          // asked to unwind
  std::uint64_t switches;  // how often it was switched to
  std::size_t stack_size;  // 0: the thread's own stack
  std::size_t stack_used;  // the deepest that it ever parked; between switches it may have been deeper
};

/// The same as views that are valid only while they are looked at.
struct fiber_view {
  std::string_view name, scope;
  fiber_state state;
  std::string_view waits_for;
  time_point until;
  bool cancelled;
  std::uint64_t switches;
  std::size_t stack_size, stack_used;
};

/// Calls `visit(argument, fiber)` for all fibers of this thread that have not ended, in the order of
/// `fibers`. It must not park or spawn.
void visit_fibers(void (*visit)(void* argument, const fiber_view& f), void* argument);

/// How many there are.
[[nodiscard]] std::size_t fiber_count() noexcept;

/// All fibers of this thread that have not ended, the root first, then in the order of their birth.
[[nodiscard]] std::vector<fiber_info> fibers();

/// The name of the fiber that runs; valid until it ends.
[[nodiscard]] std::string_view current_name() noexcept;

}  // namespace aster::task
