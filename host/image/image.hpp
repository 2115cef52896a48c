// What an image is and what it needs: the ELF file that `asterism_image` builds, read and judged.
//
// Everything that handles images begins here: `aster run` and the tender before they start one, `inspect`,
// the step after the link. Every byte is untrusted; what comes back cannot be wrong, and what is wrong comes
// back as one line that names the file, the cause and the mend.
//
//   auto image = aster::host::read_image("build/hello");
//   if (!image) { std::println(stderr, "aster: {}", image.error().text); return 1; }
//   for (const auto& device : image->devices) …
#pragma once
#include <array>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "abi/manifest.hpp"
#include "host/image/elf.hpp"

namespace aster::host {

/// QEMU loads an image here, by its p_paddr; Linux ignores that field.
inline constexpr std::uint64_t physical_base = 0x20'0000;

struct device {
  abi::device_kind kind;
  std::string name;

  friend bool operator==(const device&, const device&) = default;
};

/// Addresses are offsets from the image's base, which is chosen anew at each start.
struct image_entries {
  std::uint64_t process;  // ELF entry: glibc's _start
  std::uint64_t sandbox;  // abi::image_note
  std::uint64_t sandbox_trap;
  std::uint64_t sandbox_signal;
  std::uint64_t sandbox_restorer;
  std::uint64_t pvh;  // 32-bit entry
};

struct image_hardening {
  bool static_pie;         // always true: read_image refuses the rest
  bool write_xor_execute;  // no segment is writable and executable
  bool relro;              // PT_GNU_RELRO
  bool bind_now;           // no lazy binding left to overwrite
  bool no_execute_stack;   // PT_GNU_STACK without PF_X
};

struct image {
  std::filesystem::path path;
  std::uint64_t file_size;
  elf file;
  std::uint32_t abi_version;
  image_entries entries;
  std::vector<device> devices;
  image_hardening hardening;
  std::uint64_t span;    // bytes of address space from base 0 to the last segment's end
  bool sealed;           // PVH can load it
  std::string build_id;  // hex; empty when the linker wrote none
  std::optional<std::filesystem::path> debug_file;  // side file beside the image, when it is there

  const device* find_device(std::string_view name) const;
};

/// The linker's fingerprint of the file's content, in hex; empty when there is none. The side file has the
/// same as the image that it belongs to.
std::string build_id(const elf& file);

/// Whether an image must already have been through the step after the link.
enum class seal_state { required, either };

/// Judges an image's bytes; `path` is only for messages and for finding the side file.
std::expected<image, image_error> read_image(const byte_source& file, const std::filesystem::path& path,
                                             seal_state seal = seal_state::required);

/// Opens and judges `path`.
std::expected<image, image_error> read_image(const std::filesystem::path& path,
                                             seal_state seal = seal_state::required);

}  // namespace aster::host
