// How a fiber that is no longer wanted comes to its end.
//
// Nobody can stop a fiber from outside: it holds locks, buffers and half-written records. It can be *asked*:
// then its next blocking call, or the one it is parked in, throws `cancelled`, and the stack unwinds through
// the destructors as with any exception. Every call whose contract says "throws `cancelled`" is such a
// blocking call, also when it would not have had to park this time.
//
// The request stays until the fiber (or the deadline's block, see deadline.hpp) has ended: code that catches
// `cancelled` and goes on meets it again at its next blocking call. So: never swallow it, and never catch it
// to clean up; that is a destructor's job.
//
// Destructors may block too. While an exception that began inside the cancelled region is unwinding, that
// region's request does not throw a second time: a blocking call then waits for what it was called for. A
// deadline set *inside* such a destructor does interrupt it, so that a farewell can be limited:
//
//   ~session() { (void)task::within(100ms, [&] { say_goodbye(); }); }
//
// Only on the normal path, when nothing unwinds, a destructor of a cancelled fiber can meet `cancelled` (or the
// error of a child, which travels the same way: scope.hpp), and would end the program: one that blocks there
// says so by a `shield`.
#pragma once
#include <cstdint>
#include <exception>

namespace aster::task {

/// What a cancelled fiber is unwound with. No std::exception, so that `catch (const std::exception&)` lets
/// it pass.
struct cancelled {};

struct fiber;

/// A stretch of a fiber's execution that can be asked to unwind. Deadlines, scopes and shields are made of
/// it; a program seldom names it.
///
/// Regions of one fiber nest. A blocking call throws on behalf of the *outermost* region that was asked, as
/// far out as no shield stands between, since that one has to unwind anyway.
class cancel_region {
 public:
  enum class kind : std::uint8_t { plain, shield };

  /// Opens a region in the fiber that runs.
  explicit cancel_region(kind k = kind::plain);
  /// The outermost region of a fiber that has not started.
  explicit cancel_region(fiber& of) noexcept;
  /// Closes it; any fiber of the thread may do so, in any order.
  ~cancel_region();
  cancel_region(const cancel_region&) = delete;
  cancel_region& operator=(const cancel_region&) = delete;

  /// Asks the region to unwind: with `cancelled`, or with `*reason`, which must live until `withdraw` or the
  /// end of the region. Wakes the fiber when it is parked inside and may be interrupted. Never switches.
  void request(const std::exception_ptr* reason = nullptr) noexcept;

  /// Takes the request back, as far as nobody has seen it.
  void withdraw() noexcept;

  [[nodiscard]] bool requested() const noexcept { return requested_; }

  /// Whether a region further out is being unwound as well, so that `cancelled` must travel on.
  [[nodiscard]] bool requested_outside() const noexcept;

  /// Whether its request has been thrown.
  [[nodiscard]] bool seen() const noexcept { return seen_; }

 private:
  friend struct fiber;
  fiber* fiber_;  // null once its fiber has ended
  cancel_region* outer_ = nullptr;
  cancel_region* inner_ = nullptr;
  const std::exception_ptr* reason_ = nullptr;
  unsigned exceptions_;  // exceptions in flight when it was opened
  kind kind_ = kind::plain;
  bool requested_ = false;
  bool seen_ = false;
};

/// While it lives, blocking calls of this fiber are not interrupted by requests from further out.
///
///   task::shield undisturbed;
///   journal.commit();            // parks as long as it takes
class shield {
 public:
  shield() : region_{cancel_region::kind::shield} {}

 private:
  cancel_region region_;
};

/// Throws `cancelled` if the fiber was asked to unwind; parks never. For long computations.
void checkpoint();

}  // namespace aster::task
