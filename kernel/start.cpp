#include "kernel/start.hpp"

#include <elf.h>

#include "kernel/boot_options.hpp"
#include "kernel/memory/address_space.hpp"
#include "kernel/panic.hpp"
#include "kernel/target.hpp"

extern "C" const char __ehdr_start[];  // the image's own ELF header
extern "C" void _start();              // libc's entry

namespace aster::kernel {

void check_boot_line(bool good) noexcept {
  if (!good) refuse(options().error, options().error_token, abi::exit_bad_boot);
}

void start_program(const start_parameters& parameters) noexcept {
  static constinit char fallback_name[] = "image";
  const auto& header = *reinterpret_cast<const Elf64_Ehdr*>(__ehdr_start);
  boot_options& boot = options();

  // From below everything that this function still needs (its red zone included) down: 16 random bytes, then
  // the vectors, 16-byte aligned at argc.
  std::uint64_t here;
  asm volatile("mov %%rsp, %0" : "=r"(here));
  auto* const random = reinterpret_cast<std::uint64_t*>((here - 256) & ~15ull);
  std::uint64_t fresh[2];
  target.fill_entropy(fresh, sizeof fresh);
  const std::size_t arguments = boot.argument_count == 0 ? 1 : boot.argument_count;
  constexpr std::size_t auxiliary = 2 * 13;
  std::size_t words = 1 + arguments + 1 + boot.environment_count + 1 + auxiliary;
  words += words & 1;
  std::uint64_t* const stack = random - words;

  random[0] = fresh[0];
  random[1] = fresh[1];
  std::uint64_t* at = stack;
  *at++ = arguments;
  if (boot.argument_count == 0) *at++ = reinterpret_cast<std::uint64_t>(fallback_name);
  for (std::size_t i = 0; i < boot.argument_count; ++i) *at++ = reinterpret_cast<std::uint64_t>(boot.arguments[i]);
  *at++ = 0;
  for (std::size_t i = 0; i < boot.environment_count; ++i)
    *at++ = reinterpret_cast<std::uint64_t>(boot.environment[i]);
  *at++ = 0;
  const auto add = [&at](std::uint64_t key, std::uint64_t value) {
    *at++ = key;
    *at++ = value;
  };
  add(AT_PHDR, reinterpret_cast<std::uint64_t>(__ehdr_start) + header.e_phoff);
  add(AT_PHENT, sizeof(Elf64_Phdr));
  add(AT_PHNUM, header.e_phnum);
  add(AT_PAGESZ, page_size);
  add(AT_ENTRY, reinterpret_cast<std::uint64_t>(&_start));
  add(AT_RANDOM, reinterpret_cast<std::uint64_t>(random));
  add(AT_SECURE, 0);
  add(AT_CLKTCK, 100);
  add(AT_HWCAP, parameters.hwcap);
  add(AT_HWCAP2, parameters.hwcap2);
  add(AT_SYSINFO_EHDR, parameters.vdso);
  add(AT_EXECFN, boot.argument_count == 0 ? reinterpret_cast<std::uint64_t>(fallback_name)
                                          : reinterpret_cast<std::uint64_t>(boot.arguments[0]));
  add(AT_NULL, 0);

  // rdx = 0: no function to register with atexit.
  asm volatile(
      "mov %0, %%rsp\n\t"
      "xor %%ebp, %%ebp\n\t"
      "xor %%edx, %%edx\n\t"
      "jmp *%1"
      :
      : "r"(stack), "a"(&_start)
      : "memory");
  __builtin_unreachable();
}

}  // namespace aster::kernel
