// What a failed assert() does: a panic that says which, with the backtrace from there.
//
// libc's own formats the text by wide streams and message catalogues, 50 KB of every image, and then aborts. An abort
// is a panic too, with the same exit code, but cannot say why. So no SIGABRT is raised here: a handler that the
// program has installed for it sees abort() on the targets that deliver it, and failed assertions on none.
#include "kernel/panic.hpp"
#include "kernel/text.hpp"

extern "C" [[noreturn]] void __assert_fail(const char* expression, const char* file, unsigned line,
                                           const char* function) noexcept;

void __assert_fail(const char* expression, const char* file, unsigned line, const char* function) noexcept {
  aster::kernel::text_line what;
  what.add("assertion failed: ").printable(expression).add(", at ").printable(file).add(':').decimal(line);
  if (function) what.add(" in ").printable(function);
  aster::kernel::panic_here({what.data(), what.size()});
}
