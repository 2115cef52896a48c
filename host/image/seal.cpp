// aster-seal IMAGE: the step after the link.
//
// A static PIE is linked at address 0, but QEMU loads a PVH image at its physical addresses, and low memory
// belongs to firmware. So this raises every p_paddr by 2 MiB (Linux ignores the field) and the entry in the
// PVH note with it. The image is judged as `aster run` will, before and after, so that a link that went wrong
// fails the build and not the boot. An image that is sealed already stays as it is.
#include <elf.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <optional>
#include <string>

#include "host/image/image.hpp"

namespace {

using namespace aster::host;

bool write_word(int descriptor, std::uint64_t offset, std::uint64_t value) {
  return ::pwrite(descriptor, &value, sizeof value, static_cast<off_t>(offset)) == sizeof value;
}

std::optional<std::string> seal(const std::filesystem::path& path) {
  const auto before = read_image(path, seal_state::either);
  if (!before) return before.error().text;
  if (before->sealed) return std::nullopt;

  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) return path.string() + ": cannot be written: " + std::strerror(errno);
  bool written = true;
  std::uint64_t header = before->file.segments_offset;
  for (const elf_segment& segment : before->file.segments) {
    written = written &&
              write_word(descriptor, header + offsetof(Elf64_Phdr, p_paddr), segment.address + physical_base);
    header += sizeof(Elf64_Phdr);
  }
  for (const elf_note& note : before->file.notes) {
    if (note.name != "Xen") continue;
    written = written && write_word(descriptor, note.offset, before->entries.pvh + physical_base);
  }
  if (::close(descriptor) != 0 || !written)
    return path.string() + ": cannot be written: " + std::strerror(errno);

  const auto after = read_image(path);
  if (!after) return after.error().text;
  return std::nullopt;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs(
        "usage: aster-seal IMAGE\nFinishes an image after the link: gives it the physical addresses "
        "that a PVH boot needs.\n",
        stderr);
    return 2;
  }
  if (const auto error = seal(argv[1])) {
    std::fprintf(stderr, "aster-seal: %s\n", error->c_str());
    return 1;
  }
  return 0;
}
