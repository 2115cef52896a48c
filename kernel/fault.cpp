#include "kernel/fault.hpp"

#include "kernel/platform.hpp"
#include "kernel/target.hpp"

namespace aster::kernel {

void describe_fault(text_line& out, std::uint64_t address, std::uint64_t rsp, access kind, bool mapped) noexcept {
  constexpr std::uint64_t page = 4096;
  const char* const verb = kind == access::write ? "write to " : kind == access::read ? "read from " : "execution of ";
  const char* const fiber = fibers.guard_owner ? fibers.guard_owner(reinterpret_cast<const void*>(address)) : nullptr;
  // A function's frame may reach past the guard page by less than a page when it probes its stack.
  const bool below_stack = address - (rsp - 16 * page) < 17 * page && !mapped && address >= 16 * page;
  if (kind != access::execute && (fiber || below_stack)) {
    out.add("stack overflow of ");
    if (fiber) out.add("fiber ").printable(fiber);
    else if (target.thread_number && target.thread_number() != 1) out.add("thread ").decimal(target.thread_number());
    else out.add("the main thread");
    out.add(": ").add(verb).add("0x").hex(address);
  } else if (address < page) {
    out.add("null pointer: ").add(verb).add("0x").hex(address);
  } else if (mapped && kind == access::write) {
    out.add("write to read-only memory at 0x").hex(address);
    if (address - image.base < image.size) out.add(" (image+0x").hex(address - image.base).add(')');
  } else if (kind == access::execute && address >= page && (mapped || below_stack)) {
    out.add("execution of data at 0x").hex(address);
  } else {
    out.add(verb).add("unmapped memory at 0x").hex(address);
  }
}

}  // namespace aster::kernel
