// What happens to an exception that nobody catches: a panic that says which, with the backtrace of its throw.
//
// These are the names by which libc++abi finds its handlers. Defining them here keeps libc++abi's own
// out of the image, and with them a demangler of 100 KB: `aster run` demangles outside.
#include <cxxabi.h>

#include <cstring>
#include <exception>
#include <new>
#include <typeinfo>

#include "kernel/panic.hpp"
#include "kernel/text.hpp"

namespace aster::kernel {
namespace {

[[noreturn]] void uncaught() {
  const std::type_info* const type = __cxxabiv1::__cxa_current_exception_type();
  if (!type) panic_here("std::terminate called without an exception");
  text_line what;
  const bool memory = std::strcmp(type->name(), "St9bad_alloc") == 0;
  if (memory) panic_here("out of memory: nobody caught std::bad_alloc", abi::exit_out_of_memory);
  what.add("uncaught exception ").add(type->name());
  try {
    throw;
  } catch (const std::exception& e) {
    what.add(": ").printable(e.what());
  } catch (...) {
  }
  panic_here({what.data(), what.size()});
}

}  // namespace
}  // namespace aster::kernel

extern "C" {
std::terminate_handler __cxa_terminate_handler = aster::kernel::uncaught;   // NOLINT: libc++abi's name
void (*__cxa_unexpected_handler)() = aster::kernel::uncaught;               // NOLINT
std::new_handler __cxa_new_handler = nullptr;                               // NOLINT
}

namespace std {
terminate_handler set_terminate(terminate_handler handler) noexcept {
  return __atomic_exchange_n(&__cxa_terminate_handler, handler ? handler : aster::kernel::uncaught, __ATOMIC_ACQ_REL);
}
new_handler set_new_handler(new_handler handler) noexcept {
  return __atomic_exchange_n(&__cxa_new_handler, handler, __ATOMIC_ACQ_REL);
}
}  // namespace std
