#include "host/run/system_call_line.hpp"

#include <asm/prctl.h>
#include <asm/unistd_64.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <time.h>

#include <algorithm>
#include <cstring>
#include <format>
#include <iterator>
#include <optional>
#include <span>
#include <utility>

#include "host/run/call_arity.hpp"
#include "system_call_names.hpp"

namespace aster::host {
namespace {

struct named_value {
  std::uint64_t value;
  std::string_view name;
};

constexpr named_value protections[] = {
    {PROT_READ, "PROT_READ"}, {PROT_WRITE, "PROT_WRITE"}, {PROT_EXEC, "PROT_EXEC"}};
constexpr named_value map_flags[] = {
    {MAP_SHARED, "MAP_SHARED"},       {MAP_PRIVATE, "MAP_PRIVATE"},     {MAP_FIXED, "MAP_FIXED"},
    {MAP_ANONYMOUS, "MAP_ANONYMOUS"}, {MAP_NORESERVE, "MAP_NORESERVE"}, {MAP_POPULATE, "MAP_POPULATE"},
    {MAP_STACK, "MAP_STACK"},         {MAP_GROWSDOWN, "MAP_GROWSDOWN"}, {MAP_HUGETLB, "MAP_HUGETLB"}};
constexpr named_value access_modes[] = {{O_RDONLY, "O_RDONLY"}, {O_WRONLY, "O_WRONLY"}, {O_RDWR, "O_RDWR"}};
constexpr named_value open_flags[] = {
    {O_CREAT, "O_CREAT"},         {O_EXCL, "O_EXCL"},         {O_NOCTTY, "O_NOCTTY"},
    {O_TRUNC, "O_TRUNC"},         {O_APPEND, "O_APPEND"},     {O_NONBLOCK, "O_NONBLOCK"},
    {O_DIRECTORY, "O_DIRECTORY"}, {O_NOFOLLOW, "O_NOFOLLOW"}, {O_CLOEXEC, "O_CLOEXEC"}};
constexpr named_value advices[] = {
    {MADV_NORMAL, "MADV_NORMAL"},         {MADV_RANDOM, "MADV_RANDOM"}, {MADV_WILLNEED, "MADV_WILLNEED"},
    {MADV_DONTNEED, "MADV_DONTNEED"},     {MADV_FREE, "MADV_FREE"},     {MADV_HUGEPAGE, "MADV_HUGEPAGE"},
    {MADV_NOHUGEPAGE, "MADV_NOHUGEPAGE"}, {102, "MADV_GUARD_INSTALL"},  {103, "MADV_GUARD_REMOVE"}};
constexpr named_value futex_operations[] = {{FUTEX_WAIT, "FUTEX_WAIT"},
                                            {FUTEX_WAKE, "FUTEX_WAKE"},
                                            {FUTEX_REQUEUE, "FUTEX_REQUEUE"},
                                            {FUTEX_CMP_REQUEUE, "FUTEX_CMP_REQUEUE"},
                                            {FUTEX_WAIT_BITSET, "FUTEX_WAIT_BITSET"},
                                            {FUTEX_WAKE_BITSET, "FUTEX_WAKE_BITSET"},
                                            {FUTEX_LOCK_PI, "FUTEX_LOCK_PI"},
                                            {FUTEX_UNLOCK_PI, "FUTEX_UNLOCK_PI"}};
constexpr named_value clocks[] = {{CLOCK_REALTIME, "CLOCK_REALTIME"},
                                  {CLOCK_MONOTONIC, "CLOCK_MONOTONIC"},
                                  {CLOCK_PROCESS_CPUTIME_ID, "CLOCK_PROCESS_CPUTIME_ID"},
                                  {CLOCK_THREAD_CPUTIME_ID, "CLOCK_THREAD_CPUTIME_ID"},
                                  {CLOCK_BOOTTIME, "CLOCK_BOOTTIME"}};
constexpr named_value thread_pointers[] = {
    {ARCH_SET_FS, "ARCH_SET_FS"}, {ARCH_GET_FS, "ARCH_GET_FS"}, {ARCH_SET_GS, "ARCH_SET_GS"}};

std::string plain(std::uint64_t value) {
  if (value < 10) return std::to_string(value);
  return std::format("{:#x}", value);
}

std::string decimal(std::uint64_t value) { return std::to_string(static_cast<std::int64_t>(value)); }

/// A descriptor or another C int, whose upper half means nothing.
std::string int_decimal(std::uint64_t value) { return std::to_string(static_cast<int>(value)); }

std::string choice(std::uint64_t value, std::span<const named_value> names) {
  const auto found = std::ranges::find(names, value, &named_value::value);
  return found != names.end() ? std::string(found->name) : plain(value);
}

std::string flags(std::uint64_t value, std::span<const named_value> names, std::string_view none) {
  std::string out;
  for (const named_value& n : names) {
    if ((value & n.value) != n.value) continue;
    if (!out.empty()) out += '|';
    out += n.name;
    value &= ~n.value;
  }
  if (out.empty() && value == 0) return std::string(none);
  if (value != 0) out += (out.empty() ? "" : "|") + plain(value);
  return out;
}

std::string quoted(const control::system_call& call, std::optional<std::uint64_t> size = std::nullopt) {
  std::string text = "\"";
  for (const char c : escaped(call.text)) {
    if (c == '"') text += '\\';
    text += c;
  }
  text += '"';
  if (size && *size > call.text.size()) text += "…";
  return text;
}

std::string directory(std::uint64_t descriptor) {
  return static_cast<int>(descriptor) == AT_FDCWD ? "AT_FDCWD" : int_decimal(descriptor);
}

std::string futex(const std::array<std::uint64_t, 6>& a) {
  const std::uint64_t operation = a[1] & FUTEX_CMD_MASK;
  std::string out = std::format("{:#x}, {}{}, {}", a[0], choice(operation, futex_operations),
                                (a[1] & FUTEX_PRIVATE_FLAG) != 0 ? "|PRIVATE" : "", int_decimal(a[2]));
  if ((operation == FUTEX_WAIT || operation == FUTEX_WAIT_BITSET) && a[3] != 0)
    out += std::format(", {:#x}", a[3]);
  return out;
}

std::string open_arguments(const control::system_call& call, std::uint64_t how) {
  const std::string rest = flags(how & ~std::uint64_t{O_ACCMODE}, open_flags, "");
  return std::format("{}, {}{}{}", quoted(call), choice(how & O_ACCMODE, access_modes),
                     rest.empty() ? "" : "|", rest);
}

/// The arguments of a call that has no decoder of its own.
std::string undecoded(const control::system_call& call) {
  const bool named = call.number >= 0 && static_cast<std::size_t>(call.number) < call_arities.size();
  const std::size_t count =
      named ? call_arities[static_cast<std::size_t>(call.number)] : call.arguments.size();
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += (i > 0 ? ", " : "") + plain(call.arguments[i]);
  return out;
}

std::string arguments(const control::system_call& call) {
  const auto& a = call.arguments;
  switch (call.number) {
    case __NR_read: return std::format("{}, {:#x}, {}", int_decimal(a[0]), a[1], a[2]);
    case __NR_write:
      if (call.text.empty()) return std::format("{}, {:#x}, {}", int_decimal(a[0]), a[1], a[2]);
      return std::format("{}, {}, {}", int_decimal(a[0]), quoted(call, a[2]), a[2]);
    case __NR_writev:
    case __NR_readv:
      if (call.text.empty()) return std::format("{}, {:#x}, {}", int_decimal(a[0]), a[1], a[2]);
      return std::format("{}, [{}…], {}", int_decimal(a[0]), quoted(call), a[2]);
    case __NR_open: return open_arguments(call, a[1]);
    case __NR_openat: return std::format("{}, {}", directory(a[0]), open_arguments(call, a[2]));
    case __NR_stat:
    case __NR_lstat:
    case __NR_access:
    case __NR_readlink:
    case __NR_unlink: return std::format("{}, {}", quoted(call), plain(a[1]));
    case __NR_newfstatat:
    case __NR_readlinkat:
      return std::format("{}, {}, {:#x}, {}", directory(a[0]), quoted(call), a[2], plain(a[3]));
    case __NR_close:
    case __NR_exit:
    case __NR_exit_group: return int_decimal(a[0]);
    case __NR_fstat: return std::format("{}, {:#x}", int_decimal(a[0]), a[1]);
    case __NR_ioctl:
    case __NR_fcntl: return std::format("{}, {:#x}, {}", int_decimal(a[0]), a[1], plain(a[2]));
    case __NR_mmap:
      return std::format("{}, {}, {}, {}, {}, {}", plain(a[0]), a[1], flags(a[2], protections, "PROT_NONE"),
                         flags(a[3], map_flags, "0"), int_decimal(a[4]), plain(a[5]));
    case __NR_mprotect:
      return std::format("{:#x}, {}, {}", a[0], a[1], flags(a[2], protections, "PROT_NONE"));
    case __NR_munmap: return std::format("{:#x}, {}", a[0], a[1]);
    case __NR_madvise: return std::format("{:#x}, {}, {}", a[0], a[1], choice(a[2], advices));
    case __NR_futex: return futex(a);
    case __NR_clock_gettime:
    case __NR_clock_getres: return std::format("{}, {:#x}", choice(a[0], clocks), a[1]);
    case __NR_clock_nanosleep:
      return std::format("{}, {}, {:#x}", choice(a[0], clocks),
                         a[1] == TIMER_ABSTIME ? "TIMER_ABSTIME" : plain(a[1]), a[2]);
    case __NR_arch_prctl: return std::format("{}, {:#x}", choice(a[0], thread_pointers), a[1]);
    case __NR_getrandom: return std::format("{:#x}, {}, {}", a[0], a[1], plain(a[2]));
    default: return undecoded(call);
  }
}

std::string result(const control::system_call& call) {
  if (!call.result) return "?";
  const std::int64_t value = *call.result;
  if (value < 0 && value > -4096) {
    const int error = static_cast<int>(-value);
    return "-" + errno_name(error) + (error == ENOSYS ? " (not served)" : "");
  }
  const bool is_address = call.number == __NR_mmap || call.number == __NR_brk || call.number == __NR_mremap;
  return is_address ? std::format("{:#x}", static_cast<std::uint64_t>(value))
                    : decimal(static_cast<std::uint64_t>(value));
}

std::string duration(std::uint64_t nanoseconds) {
  if (nanoseconds < 10'000'000) {
    return std::format("{}.{} µs", nanoseconds / 1000, nanoseconds % 1000 / 100);
  }
  return std::format("{} ms", nanoseconds / 1'000'000);
}

}  // namespace

std::string system_call_name(int number) {
  if (number >= 0 && static_cast<std::size_t>(number) < std::size(system_call_names) &&
      !system_call_names[number].empty()) {
    return std::string(system_call_names[number]);
  }
  return std::format("call {}", number);
}

std::string errno_name(int number) {
  const char* const name = strerrorname_np(number);
  return name != nullptr ? name : std::format("errno {}", number);
}

std::string describe(const control::system_call& call) {
  const std::uint64_t micro = call.start / 1000;
  return std::format("{:5}.{:06} {:<12} {}({}) = {}  {}", micro / 1'000'000, micro % 1'000'000,
                     escaped(call.fiber), system_call_name(call.number), arguments(call), result(call),
                     duration(call.duration));
}

}  // namespace aster::host
