#include "host/sandbox/image_layout.hpp"

#include <doctest/doctest.h>
#include <elf.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "abi/manifest.hpp"

namespace {

using namespace aster;
using namespace aster::host::sandbox;

constexpr std::uint64_t plenty = 64u << 20;

/// A file that is right, to be spoilt in one place: headers and notes in a read-only page, a page of code,
/// one of data that goes on in zeros.
struct test_image {
  struct headers {
    Elf64_Ehdr elf;
    Elf64_Phdr constants, code, data, notes, stack;
  };
  struct note {
    Elf64_Nhdr header{abi::note_name_size, sizeof(abi::image_note),
                      static_cast<std::uint32_t>(abi::note_type::image)};
    char name[12] = "Asterism";
    abi::image_note image;
  };
  static constexpr std::uint64_t note_offset = 1024;

  headers head{};
  note image{};
  std::uint64_t size = 3 * page_size;
  std::uint64_t notes_at = note_offset;  // where in the file the notes are put

  test_image() {
    std::memcpy(head.elf.e_ident, ELFMAG, SELFMAG);
    head.elf.e_ident[EI_CLASS] = ELFCLASS64;
    head.elf.e_ident[EI_DATA] = ELFDATA2LSB;
    head.elf.e_ident[EI_VERSION] = EV_CURRENT;
    head.elf.e_type = ET_DYN;
    head.elf.e_machine = EM_X86_64;
    head.elf.e_phoff = sizeof(Elf64_Ehdr);
    head.elf.e_phentsize = sizeof(Elf64_Phdr);
    head.elf.e_phnum = 5;
    head.constants = {PT_LOAD, PF_R, 0, 0, 0, page_size, page_size, page_size};
    head.code = {PT_LOAD, PF_R | PF_X, page_size, page_size, 0, 512, 512, page_size};
    head.data = {PT_LOAD, PF_R | PF_W, 2 * page_size, 2 * page_size, 0, 100, 3 * page_size, page_size};
    head.notes = {PT_NOTE, PF_R, note_offset, note_offset, 0, sizeof(note), sizeof(note), 4};
    head.stack = {PT_GNU_STACK, PF_R | PF_W, 0, 0, 0, 0, 0, 0};
    image.image.version = abi::abi_version;
    point(image.image.sandbox_entry, page_size);
    point(image.image.sandbox_trap, page_size + 16);
    point(image.image.sandbox_signal, page_size + 32);
    point(image.image.sandbox_restorer, page_size + 48);
  }

  /// Makes a field of the note name the address `target`.
  void point(std::int32_t& field, std::uint64_t target) {
    const auto distance = reinterpret_cast<char*>(&field) - reinterpret_cast<char*>(&image);
    field = static_cast<std::int32_t>(target - (note_offset + static_cast<std::uint64_t>(distance)));
  }

  std::vector<std::byte> bytes() const {
    std::vector<std::byte> file(std::max<std::uint64_t>(size, 4 * page_size));
    std::memcpy(file.data(), &head, sizeof head);
    std::memcpy(file.data() + notes_at, &image, sizeof image);
    file.resize(size);
    return file;
  }
};

bool read_bytes_of(void* context, std::uint64_t offset, std::span<std::byte> out) {
  const auto& file = *static_cast<const std::vector<std::byte>*>(context);
  if (offset > file.size() || out.size() > file.size() - offset) return false;
  std::memcpy(out.data(), file.data() + offset, out.size());
  return true;
}

std::expected<image_layout, complaint> check(std::vector<std::byte> file, std::uint64_t budget = plenty) {
  const auto head = std::span<const std::byte>(file).first(std::min<std::size_t>(file.size(), page_size));
  return check_image(head, file.size(), budget, {read_bytes_of, &file});
}

/// The cause that an image spoilt by `spoil` is refused with; empty when it is not.
template <class Spoil>
std::string cause_after(Spoil spoil) {
  test_image image;
  spoil(image);
  const auto layout = check(image.bytes());
  return layout ? std::string{} : std::string(layout.error().cause);
}

TEST_CASE("an image that is right gives its segments and entries") {
  const auto layout = check(test_image{}.bytes());
  REQUIRE(layout);
  REQUIRE(layout->segments().size() == 3);
  CHECK(layout->span == 5 * page_size);
  CHECK(layout->entry == page_size);
  CHECK(layout->trap == page_size + 16);
  CHECK(layout->signal == page_size + 32);
  CHECK(layout->restorer == page_size + 48);
  CHECK(layout->segments()[1].executable);
  CHECK(layout->segments()[2].writable);
  CHECK(layout->segments()[2].memory_size == 3 * page_size);
}

TEST_CASE("notes outside the first page are found too") {
  test_image image;
  image.notes_at = 2 * page_size + 512;
  image.head.notes.p_offset = image.notes_at;
  CHECK(check(image.bytes()));
}

TEST_CASE("each broken rule has its own sentence") {
  struct broken {
    const char* cause;
    void (*spoil)(test_image&);
  };
  const broken table[] = {
      {"is not an ELF file", [](test_image& i) { i.head.elf.e_ident[0] = 0; }},
      {"is not for x86-64", [](test_image& i) { i.head.elf.e_machine = EM_AARCH64; }},
      {"is not for x86-64", [](test_image& i) { i.head.elf.e_ident[EI_CLASS] = ELFCLASS32; }},
      {"is not position independent", [](test_image& i) { i.head.elf.e_type = ET_EXEC; }},
      {"has a program header table of an impossible shape",
       [](test_image& i) { i.head.elf.e_phentsize = 32; }},
      {"has a program header table of an impossible shape", [](test_image& i) { i.head.elf.e_phnum = 0; }},
      {"has a program header table of an impossible shape",
       [](test_image& i) { i.head.elf.e_phnum = 0xffff; }},
      {"has its program headers outside the first page of the file",
       [](test_image& i) { i.head.elf.e_phoff = ~0ull; }},
      {"has its program headers outside the first page of the file",
       [](test_image& i) { i.head.elf.e_phoff = 4000; }},
      {"has a segment beyond the end of the file", [](test_image& i) { i.head.code.p_offset = ~0ull; }},
      {"has a segment beyond the end of the file", [](test_image& i) { i.head.code.p_filesz = ~0ull; }},
      {"has a segment beyond the first gigabyte", [](test_image& i) { i.head.data.p_vaddr = ~0ull - 8; }},
      {"has a segment beyond the first gigabyte", [](test_image& i) { i.head.data.p_memsz = ~0ull - 8; }},
      {"has a segment beyond the first gigabyte", [](test_image& i) { i.head.data.p_memsz = span_limit; }},
      {"has a segment larger in the file than in memory", [](test_image& i) { i.head.data.p_memsz = 50; }},
      {"has a segment that is not page-congruent", [](test_image& i) { i.head.code.p_vaddr += 8; }},
      {"has a segment both writable and executable",
       [](test_image& i) { i.head.code.p_flags = PF_R | PF_W | PF_X; }},
      {"has zeros in a read-only segment", [](test_image& i) { i.head.code.p_memsz = 513; }},
      {"has segments that overlap or are out of order", [](test_image& i) { i.head.code.p_vaddr = 0; }},
      {"has segments that overlap or are out of order",
       [](test_image& i) { std::swap(i.head.code, i.head.data); }},
      {"does not begin with a segment at address 0",
       [](test_image& i) { i.head.constants.p_vaddr = page_size; }},
      {"is dynamically linked", [](test_image& i) { i.head.stack.p_type = PT_INTERP; }},
      {"asks for an executable stack", [](test_image& i) { i.head.stack.p_flags = PF_R | PF_W | PF_X; }},
      {"has notes beyond the end of the file", [](test_image& i) { i.head.notes.p_offset = 3 * page_size; }},
      {"has notes beyond the end of the file", [](test_image& i) { i.head.notes.p_offset = ~0ull; }},
      {"has a note cut short", [](test_image& i) { i.head.notes.p_filesz -= 4; }},
      {"has a note cut short", [](test_image& i) { i.image.header.n_namesz = ~0u; }},
      {"has a note cut short", [](test_image& i) { i.image.header.n_descsz = ~0u; }},
      {"has an image note of the wrong size", [](test_image& i) { i.image.header.n_descsz = 16; }},
      {"has two image notes", [](test_image& i) { i.head.stack = i.head.notes; }},
      {"was built for another version of Asterism", [](test_image& i) { i.image.image.version = 99; }},
      {"has an image note that points outside its code",
       [](test_image& i) { i.image.image.sandbox_trap = INT32_MIN; }},
      {"has an image note that points outside its code",
       [](test_image& i) { i.point(i.image.image.sandbox_entry, page_size + 512); }},
      {"has an image note that points outside its code",
       [](test_image& i) { i.point(i.image.image.sandbox_signal, 2 * page_size); }},
      {"is not an Asterism image (it has no Asterism note)", [](test_image& i) { i.image.name[0] = 'B'; }},
      {"is not an Asterism image (it has no Asterism note)",
       [](test_image& i) { i.image.header.n_type = 7; }},
      {"is not an Asterism image (it has no Asterism note)",
       [](test_image& i) { i.head.notes.p_filesz = 1u << 20; }},
  };
  for (const broken& b : table) CHECK(cause_after(b.spoil) == b.cause);
}

TEST_CASE("an image larger than the memory given is refused") {
  const auto layout = check(test_image{}.bytes(), 4 * page_size);
  REQUIRE(!layout);
  CHECK(layout.error().cause == "needs more memory than -m gives it");
}

TEST_CASE("a file cut short at any byte is refused") {
  const auto whole = test_image{}.bytes();
  const std::size_t needed = 2 * page_size + 100;  // to the last byte of the last segment
  for (std::size_t size = 0; size < needed; size += size < 2048 ? 1 : 37) {
    CAPTURE(size);
    CHECK(!check({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}));
  }
}

TEST_CASE("whatever is accepted after random damage keeps the promises of image_layout") {
  constexpr unsigned seed = 20240601;
  std::mt19937_64 random(seed);
  const auto right = test_image{}.bytes();
  int accepted = 0;
  for (int round = 0; round < 200'000; ++round) {
    auto file = right;
    for (unsigned changes = 1 + random() % 4; changes > 0; --changes) {
      const std::size_t area = random() % 2 == 0
                                   ? random() % sizeof(test_image::headers)
                                   : test_image::note_offset + random() % sizeof(test_image::note);
      file[area] = static_cast<std::byte>(random());
    }
    const auto layout = check(std::move(file));
    if (!layout) continue;
    ++accepted;
    CAPTURE(seed);
    CAPTURE(round);
    std::uint64_t end = 0;
    for (const segment& s : layout->segments()) {
      REQUIRE(page_down(s.address) >= end);
      REQUIRE(s.address % page_size == s.offset % page_size);
      REQUIRE(s.file_size <= s.memory_size);
      REQUIRE(s.offset + s.file_size <= right.size());
      REQUIRE(!(s.writable && s.executable));
      end = page_up(s.address + s.memory_size);
      REQUIRE(end <= layout->span);
    }
    REQUIRE(layout->span <= span_limit);
    for (const std::uint64_t code : {layout->entry, layout->trap, layout->signal, layout->restorer}) {
      bool inside = false;
      for (const segment& s : layout->segments()) {
        inside = inside || (s.executable && code >= s.address && code < s.address + s.file_size);
      }
      REQUIRE(inside);
    }
  }
  CHECK(accepted > 0);
}

}  // namespace
