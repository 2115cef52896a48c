#include "host/image/image.hpp"

#include <elf.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <format>
#include <string_view>

namespace aster::host {
namespace {

constexpr std::uint64_t page = 4096;
constexpr std::uint64_t span_limit = std::uint64_t{1} << 30;  // the PVH entry maps the low gigabyte
constexpr std::uint32_t pvh_note_type = 18;                   // XEN_ELFNOTE_PHYS32_ENTRY
constexpr std::uint32_t solo5_abi_type = 0x3149'4241;         // "ABI1", Solo5's include/elf_abi.h
constexpr std::uint64_t dynamic_limit = std::uint64_t{1} << 16;

template <class... Args>
std::unexpected<image_error> fault(image_fault kind, std::format_string<Args...> text, Args&&... args) {
  return std::unexpected{image_error{kind, std::format(text, std::forward<Args>(args)...)}};
}

using checked = std::expected<void, image_error>;

template <class T>
T load(const elf_note& note) {
  T value{};
  std::memcpy(&value, note.description.data(), sizeof value);
  return value;
}

std::vector<const elf_note*> notes_of(const elf& file, std::string_view name, std::uint32_t type) {
  std::vector<const elf_note*> found;
  for (const elf_note& note : file.notes) {
    if (note.name == name && note.type == type) found.push_back(&note);
  }
  return found;
}

std::uint32_t type_of(abi::note_type type) { return static_cast<std::uint32_t>(type); }

/// The enum abi_target of Solo5's note, by the name that its tenders bear.
std::string_view solo5_target(const elf_note& note) {
  const auto target = note.description.size() < sizeof(std::uint32_t) ? 0 : load<std::uint32_t>(note);
  constexpr std::string_view names[] = {"", "hvt", "spt", "virtio", "muen", "genode", "xen"};
  return target >= 1 && target < std::size(names) ? names[target] : "hvt";
}

/// What the file is, when it is no image of ours.
checked recognise(const elf& file) {
  if (const elf_section* text = file.section(".text"); text != nullptr && text->type == SHT_NOBITS)
    return fault(image_fault::no_note, "holds debug information only; give the image that it belongs to");
  if (!notes_of(file, abi::note_name, type_of(abi::note_type::image)).empty()) return {};
  if (const auto solo5 = notes_of(file, "Solo5", solo5_abi_type); !solo5.empty()) {
    const std::string_view target = solo5_target(*solo5.front());
    return fault(image_fault::solo5, "a Solo5 image for {}; run it with solo5-{}", target, target);
  }
  if (file.type == ET_REL)
    return fault(image_fault::no_note, "an object file, not an image; link it with asterism_image()");
  if (file.type == ET_CORE) return fault(image_fault::no_note, "a core dump, not an image");
  return fault(image_fault::no_note,
               "built for Linux, not with asterism_image(); build it with "
               "'aster build' (see 'aster new --help')");
}

checked check_layout(const elf& file) {
  const auto has = [&](std::uint32_t type) {
    return std::ranges::any_of(file.segments, [type](const elf_segment& s) { return s.type == type; });
  };
  if (file.type != ET_DYN || has(PT_INTERP)) {
    return fault(image_fault::not_static_pie,
                 "not a static position-independent executable; link it with "
                 "asterism_image()");
  }
  std::uint64_t end = 0;
  bool first = true;
  for (const elf_segment& s : file.segments) {
    if (s.type != PT_LOAD) continue;
    const auto malformed = [](std::string_view what) {
      return fault(image_fault::malformed, "corrupt image: {}; build or copy it again", what);
    };
    if ((s.flags & PF_W) != 0 && (s.flags & PF_X) != 0)
      return malformed("a segment is both writable and executable");
    if (s.offset % page != s.address % page) return malformed("a segment that cannot be mapped");
    // glibc finds its load address from the ELF header at address 0.
    if (first && (s.address != 0 || s.offset != 0 || s.file_size < sizeof(Elf64_Ehdr)))
      return malformed("its first segment does not begin with the ELF header at address 0");
    // Pages are the unit of protection: two segments never share one.
    if (!first && s.address / page * page < end) return malformed("segments overlap or are out of order");
    if (s.address + s.memory_size > span_limit)
      return fault(image_fault::malformed, "larger than a gigabyte in memory; make its static data smaller");
    end = (s.address + s.memory_size + page - 1) / page * page;
    first = false;
  }
  if (first) return fault(image_fault::malformed, "corrupt image: nothing to load; build or copy it again");
  return {};
}

std::uint64_t memory_span(const elf& file) {
  std::uint64_t end = 0;
  for (const elf_segment& s : file.segments) {
    if (s.type == PT_LOAD) end = std::max(end, s.address + s.memory_size);
  }
  return (end + page - 1) / page * page;
}

bool is_executable(const elf& file, std::uint64_t address) {
  const elf_segment* segment = file.segment_at(address);
  return segment != nullptr && (segment->flags & PF_X) != 0 &&
         address - segment->address < segment->file_size;
}

template <class... Args>
std::unexpected<image_error> bad_manifest(std::format_string<Args...> what, Args&&... args) {
  return fault(image_fault::bad_manifest, "corrupt manifest: {}; build or copy the image again",
               std::format(what, std::forward<Args>(args)...));
}

checked read_image_note(image& result) {
  const auto notes = notes_of(result.file, abi::note_name, type_of(abi::note_type::image));
  // The version stands first in every version of the note, so it is judged before the size.
  const elf_note& note = *notes.front();
  if (note.description.size() < sizeof(std::uint32_t)) return bad_manifest("the image note is too short");
  result.abi_version = load<std::uint32_t>(note);
  if (result.abi_version != abi::abi_version) {
    return fault(
        image_fault::other_version, "built for version {} of the image interface, this aster knows {}; {}",
        result.abi_version, abi::abi_version,
        result.abi_version > abi::abi_version ? "install a newer Asterism" : "build the image again");
  }
  if (notes.size() > 1) return bad_manifest("more than one image note");
  if (note.description.size() != sizeof(abi::image_note))
    return bad_manifest("the image note has {} bytes, not {}", note.description.size(),
                        sizeof(abi::image_note));
  const auto read = load<abi::image_note>(note);

  struct {
    std::string_view name;
    std::int32_t abi::image_note::* field;
    std::uint64_t image_entries::* entry;
  } const entries[] = {
      {"sandbox entry", &abi::image_note::sandbox_entry, &image_entries::sandbox},
      {"sandbox trap", &abi::image_note::sandbox_trap, &image_entries::sandbox_trap},
      {"sandbox signal handler", &abi::image_note::sandbox_signal, &image_entries::sandbox_signal},
      {"sandbox restorer", &abi::image_note::sandbox_restorer, &image_entries::sandbox_restorer},
  };
  std::uint64_t field_offset = sizeof(std::uint32_t);
  for (const auto& entry : entries) {
    // Wraps around for a value that points before the image: then nothing executable lies there.
    const std::uint64_t address =
        note.address + field_offset + static_cast<std::uint64_t>(std::int64_t{read.*entry.field});
    if (!is_executable(result.file, address))
      return bad_manifest("the {} lies outside of the code", entry.name);
    result.entries.*entry.entry = address;
    field_offset += sizeof(std::int32_t);
  }
  result.entries.process = result.file.entry;
  if (!is_executable(result.file, result.entries.process))
    return bad_manifest("the program's entry lies outside of the code");
  return {};
}

checked read_pvh_note(image& result) {
  const auto notes = notes_of(result.file, "Xen", pvh_note_type);
  if (notes.size() != 1) return bad_manifest("{} PVH notes, not one", notes.size());
  if (notes.front()->description.size() != sizeof(std::uint64_t))
    return bad_manifest("the PVH note has {} bytes, not 8", notes.front()->description.size());
  // QEMU pads the note's name to the segment's alignment, which agrees with the file only for 4 bytes.
  for (const elf_segment& s : result.file.segments) {
    const bool holds = s.type == PT_NOTE && s.offset <= notes.front()->offset &&
                       notes.front()->offset - s.offset < s.file_size;
    if (holds && s.alignment > 4)
      return bad_manifest("the PVH note is aligned to {} bytes, not 4", s.alignment);
  }
  const auto entry = load<std::uint64_t>(*notes.front());

  const auto first = std::ranges::find(result.file.segments, std::uint32_t{PT_LOAD}, &elf_segment::type);
  result.sealed = first->physical != first->address;
  const std::uint64_t base = result.sealed ? physical_base : 0;
  for (const elf_segment& s : result.file.segments) {
    if (s.type == PT_LOAD && s.physical != s.address + base)
      return bad_manifest("a segment's physical address is not {:#x} above its address", base);
  }
  result.entries.pvh = entry - base;  // an entry below base wraps around to where nothing executable lies
  if (!is_executable(result.file, result.entries.pvh))
    return bad_manifest("the PVH entry lies outside of the code");
  return {};
}

bool is_device_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

checked read_devices(image& result) {
  for (const elf_note* note : notes_of(result.file, abi::note_name, type_of(abi::note_type::device))) {
    if (note->description.size() != sizeof(abi::device_note))
      return bad_manifest("a device note has {} bytes, not {}", note->description.size(),
                          sizeof(abi::device_note));
    const auto read = load<abi::device_note>(*note);
    const std::size_t length = strnlen(read.name, sizeof read.name);
    const std::string_view name{read.name, length};
    const bool padded =
        std::all_of(read.name + length, read.name + sizeof read.name, [](char c) { return c == 0; });
    if (length == 0 || length == sizeof read.name || !padded ||
        !std::ranges::all_of(name, is_device_name_character))
      return bad_manifest("a device name is not 1 to {} characters of a-z, 0-9, '_', '-'",
                          abi::device_name_capacity - 1);
    switch (read.kind) {
      case abi::device_kind::net:
      case abi::device_kind::block: break;
      default:
        return bad_manifest("device '{}' is of unknown kind {}", name, static_cast<std::uint32_t>(read.kind));
    }
    if (result.find_device(name) != nullptr) return bad_manifest("device '{}' is named twice", name);
    if (result.devices.size() == abi::device_limit)
      return bad_manifest("more than {} devices", abi::device_limit);
    result.devices.push_back({read.kind, std::string{name}});
  }
  std::ranges::sort(result.devices, {}, &device::name);
  return {};
}

checked read_hardening(const byte_source& bytes, image& result) {
  image_hardening& h = result.hardening;
  h.static_pie = true;
  h.write_xor_execute = true;
  for (const elf_segment& s : result.file.segments) {
    if (s.type == PT_GNU_RELRO) h.relro = true;
    if (s.type == PT_GNU_STACK) h.no_execute_stack = (s.flags & PF_X) == 0;
    if (s.type != PT_DYNAMIC) continue;
    if (s.file_size > dynamic_limit || s.file_size % sizeof(Elf64_Dyn) != 0)
      return fault(image_fault::malformed,
                   "corrupt image: dynamic table of a wrong size; build or copy it again");
    std::vector<Elf64_Dyn> table(s.file_size / sizeof(Elf64_Dyn));
    if (!bytes.read(s.offset, std::as_writable_bytes(std::span{table})))
      return fault(image_fault::unreadable, "changed while it was being read; try again");
    for (const Elf64_Dyn& entry : table) {
      if (entry.d_tag == DT_NULL) break;
      if (entry.d_tag == DT_NEEDED) {
        return fault(image_fault::not_static_pie, "needs shared libraries; link it with asterism_image()");
      }
      if (entry.d_tag == DT_FLAGS && (entry.d_un.d_val & DF_BIND_NOW) != 0) h.bind_now = true;
      if (entry.d_tag == DT_FLAGS_1 && (entry.d_un.d_val & DF_1_NOW) != 0) h.bind_now = true;
    }
  }
  return {};
}

/// The side file that .gnu_debuglink names, beside the image. The name is untrusted: a bare file name or
/// nothing, so that an image cannot make a tool open a file elsewhere.
std::optional<std::filesystem::path> find_debug_file(const byte_source& bytes, const elf& file,
                                                     const std::filesystem::path& image_path) {
  const elf_section* link = file.section(".gnu_debuglink");
  if (link == nullptr || link->type == SHT_NOBITS || link->size < 6 || link->size > page) return std::nullopt;
  std::string name(link->size, '\0');
  if (!bytes.read(link->offset, std::as_writable_bytes(std::span{name}))) return std::nullopt;
  name.resize(strnlen(name.data(), name.size()));
  if (name.empty() || name == "." || name == ".." || name.contains('/')) return std::nullopt;
  std::filesystem::path beside = image_path.parent_path() / name;
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(beside, ignored)) return std::nullopt;
  return beside;
}

std::expected<image, image_error> judge(const byte_source& bytes, const std::filesystem::path& path,
                                        seal_state seal) {
  auto file = read_elf(bytes);
  if (!file) return std::unexpected{file.error()};
  if (auto ok = recognise(*file); !ok) return std::unexpected{ok.error()};
  if (auto ok = check_layout(*file); !ok) return std::unexpected{ok.error()};

  image result{};
  result.path = path;
  result.file_size = bytes.size();
  result.file = std::move(*file);
  result.span = memory_span(result.file);
  if (auto ok = read_image_note(result); !ok) return std::unexpected{ok.error()};
  if (auto ok = read_pvh_note(result); !ok) return std::unexpected{ok.error()};
  if (auto ok = read_devices(result); !ok) return std::unexpected{ok.error()};
  if (auto ok = read_hardening(bytes, result); !ok) return std::unexpected{ok.error()};
  if (!result.sealed && seal == seal_state::required)
    return fault(image_fault::not_sealed, "not finished after the link; build it with asterism_image()");
  result.build_id = host::build_id(result.file);
  result.debug_file = find_debug_file(bytes, result.file, path);
  return result;
}

}  // namespace

std::string build_id(const elf& file) {
  std::string hex;
  const auto notes = notes_of(file, "GNU", NT_GNU_BUILD_ID);
  if (notes.empty()) return hex;
  for (const std::byte b : notes.front()->description) hex += std::format("{:02x}", std::to_integer<int>(b));
  return hex;
}

const device* image::find_device(std::string_view name) const {
  const auto found = std::ranges::find(devices, name, &device::name);
  return found == devices.end() ? nullptr : &*found;
}

std::expected<image, image_error> read_image(const byte_source& file, const std::filesystem::path& path,
                                             seal_state seal) {
  auto result = judge(file, path, seal);
  if (!result) result.error().text.insert(0, path.string() + ": ");
  return result;
}

std::expected<image, image_error> read_image(const std::filesystem::path& path, seal_state seal) {
  const auto file = file_source::open(path);
  if (file) return read_image(*file, path, seal);
  std::string cause;
  switch (file.error()) {
    case ENOENT: cause = "no such file; build the image first with 'aster build'"; break;
    case EISDIR: cause = "a directory; give the image itself"; break;
    case EINVAL: cause = "not a regular file; give an image"; break;
    case EACCES: cause = "no permission to read it; see 'ls -l'"; break;
    default: cause = std::format("cannot be opened: {}", std::strerror(file.error()));
  }
  return fault(image_fault::unreadable, "{}: {}", path.string(), cause);
}

}  // namespace aster::host
