#include "kernel/syscall/serve.hpp"

#include <errno.h>
#include <sys/syscall.h>

#include "kernel/boot_options.hpp"
#include "kernel/platform.hpp"
#include "kernel/target.hpp"
#include "kernel/text.hpp"
#include "kernel/thread/thread.hpp"

namespace aster::kernel {
namespace {

/// Linux knows 450-odd calls; a number past the table is reported every time, which no real program makes
/// matter.
constinit std::uint64_t reported[8];

void report_unserved(std::uint64_t number) noexcept {
  if (number < 512) {
    const std::uint64_t bit = 1ull << (number % 64);
    if (reported[number / 64] & bit) return;
    reported[number / 64] |= bit;
  }
  text_line line;
  if (options().has_control) {
    line.add("unserved ").decimal(number).add('\n');
    target.control(line.data(), line.size());
  } else {
    line.add("asterism: system call ").decimal(number).add(" is not served (ENOSYS)\n");
    target.write(2, line.data(), line.size());
  }
}

/// Calls that libc tries first and has an answer for when they are missing.
bool quietly_missing(std::uint64_t number) noexcept {
  return number == SYS_rseq || number == SYS_clone3 || number == SYS_membarrier || number == SYS_set_mempolicy;
}

/// The argument worth showing as text: a path, or what is written.
std::string_view text_argument(const call& call) noexcept {
  const auto path = [](std::uint64_t address) noexcept -> std::string_view {
    const auto* const text = reinterpret_cast<const char*>(address);
    std::size_t n = 0;
    while (text && n < 64 && text[n]) ++n;
    return {text, n};
  };
  switch (call.number) {
    case SYS_open:
    case SYS_stat:
    case SYS_access:
    case SYS_readlink:
    case SYS_unlink:
    case SYS_execve: return path(call.a);
    case SYS_openat:
    case SYS_newfstatat:
    case SYS_readlinkat:
    case SYS_faccessat: return path(call.b);
    case SYS_write: return {reinterpret_cast<const char*>(call.b), call.c < 64 ? call.c : 64};
    default: return {};
  }
}

void trace(const call& call, std::uint64_t started, bool returns, long result) noexcept {
  text_line line;
  line.add("syscall ").decimal(started).add(' ').decimal(returns ? target.monotonic() - started : 0);
  line.add(' ').decimal(call.number);
  for (const std::uint64_t a : {call.a, call.b, call.c, call.d, call.e, call.f}) line.add(' ').hex(a);
  line.add(' ');
  if (returns) line.signed_decimal(result);
  else line.add('?');
  line.add(' ');
  const char* const fiber = fibers.current ? fibers.current() : nullptr;
  if (fiber && *fiber) line.encoded(fiber);
  else line.add("thread-").decimal(static_cast<std::uint64_t>(threads().current().id));
  if (const std::string_view text = text_argument(call); !text.empty()) line.add(' ').encoded(text);
  line.add('\n');
  target.control(line.data(), line.size());
}

long dispatch(const call& call) noexcept {
  // Not a table of functions: its addresses would need the relocations that libc has yet to make.
  long result = serve_memory(call);
  if (result == unserved) result = serve_files(call);
  if (result == unserved) result = serve_poll(call);
  if (result == unserved) result = serve_time(call);
  if (result == unserved) result = serve_threads(call);
  if (result == unserved) result = serve_identity(call);
  if (result != unserved) return result;
  if (!quietly_missing(call.number)) report_unserved(call.number);
  return -ENOSYS;
}

}  // namespace

long serve(const call& call) noexcept {
  if (!options().strace) [[likely]] return dispatch(call);
  const std::uint64_t started = target.monotonic();
  const bool returns = call.number != SYS_exit && call.number != SYS_exit_group;
  if (!returns) trace(call, started, false, 0);
  const long result = dispatch(call);
  trace(call, started, true, result);
  return result;
}

}  // namespace aster::kernel
