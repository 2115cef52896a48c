#include "kernel/fault.hpp"

#include "kernel/platform.hpp"
#include "kernel/target.hpp"

namespace aster::kernel {

void describe_fault(text_line& out, std::uint64_t address, std::uint64_t rsp, access kind, bool mapped) noexcept {
  constexpr std::uint64_t page = 4096;
  const char* const verb = kind == access::write ? "write to " : kind == access::read ? "read from " : "execution of ";
  const char* owner = nullptr;
  if (fibers.guard_owner) owner = fibers.guard_owner(reinterpret_cast<const void*>(address));
  // A function's frame may reach past the guard page by less than a page when it probes its stack.
  if (!owner && address - (rsp - 16 * page) < 17 * page && !mapped && address >= 16 * page) owner = "";
  if (owner) {
    out.add("stack overflow");
    if (*owner) out.add(" of fiber ").printable(owner);
    out.add(": ").add(verb).add("0x").hex(address);
  } else if (address < page) {
    out.add("null pointer: ").add(verb).add("0x").hex(address);
  } else if (mapped && kind == access::write) {
    out.add("write to read-only memory at 0x").hex(address);
    if (address - image.base < image.size) out.add(" (image+0x").hex(address - image.base).add(')');
  } else if (mapped && kind == access::execute) {
    out.add("execution of data at 0x").hex(address);
  } else {
    out.add(verb).add("unmapped memory at 0x").hex(address);
  }
}

}  // namespace aster::kernel
