// The notes by which an image says what it is and what it needs. ELF notes (ELF-64, PT_NOTE), name
// "Asterism", so that any tool can read them; a tender treats every byte as untrusted.
//
// A program never writes notes itself: `net::device<"service">` emits its record at compile time, and the
// kernel emits the one `image_note`.
#pragma once
#include <cstddef>
#include <cstdint>

namespace aster::abi {

inline constexpr std::uint32_t abi_version = 1;
inline constexpr char note_name[12] = "Asterism";  // 9 bytes with its NUL, padded to 12
inline constexpr std::uint32_t note_name_size = 9;

enum class note_type : std::uint32_t { image = 1, device = 2 };

/// Exactly one per image: where each entry lies. Every offset is relative to the address of its own field
/// (so that the note needs no relocation): entry address = address of the field + its value.
struct image_note {
  std::uint32_t version;          // abi_version
  std::int32_t sandbox_entry;     // void(const sandbox_boot*): first instruction under the sandbox tender
  std::int32_t sandbox_trap;      // SIGSYS handler (SA_SIGINFO | SA_NODEFER | SA_RESTORER, no altstack)
  std::int32_t sandbox_signal;    // handler of faults and SIGTERM (SA_SIGINFO | SA_ONSTACK | SA_NODEFER)
  std::int32_t sandbox_restorer;  // sa_restorer: calls rt_sigreturn
};
static_assert(sizeof(image_note) == 20);

enum class device_kind : std::uint32_t { net = 1, block = 2 };

inline constexpr std::size_t device_name_capacity = 32;  // with its NUL
inline constexpr std::size_t device_limit = 12;          // devices in one image

/// One per device that the program names. `name` is 1–31 characters of [a-z0-9_-], NUL-padded.
struct device_note {
  device_kind kind;
  char name[device_name_capacity];
};
static_assert(sizeof(device_note) == 36);

}  // namespace aster::abi
