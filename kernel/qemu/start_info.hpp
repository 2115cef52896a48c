// What a PVH hypervisor tells (Xen public/arch-x86/hvm/start_info.h, version 1). Untrusted only in that it
// may be missing: a hypervisor that lies owns us anyway.
#pragma once
#include <cstdint>

namespace aster::kernel {

struct hvm_memory_entry {
  std::uint64_t address, size;
  std::uint32_t type;  // 1: RAM
  std::uint32_t reserved;
};

struct hvm_start_info {
  static constexpr std::uint32_t expected_magic = 0x336ec578;
  std::uint32_t magic, version, flags, module_count;
  std::uint64_t modules, command_line, rsdp;
  std::uint64_t memory_map;  // from version 1 on
  std::uint32_t memory_map_entries, reserved;
};

}  // namespace aster::kernel
