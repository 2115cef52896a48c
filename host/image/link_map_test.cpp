#include "host/image/link_map.hpp"

#include <doctest/doctest.h>

#include "host/image/sample_image.hpp"
#include "host/image/weight.hpp"

using namespace aster;
using namespace aster::host;

namespace {

constexpr std::string_view sample_map =
    "             VMA              LMA     Size Align Out     In      Symbol\n"
    "            1000             1000      100    16 .text\n"
    "            1000             1000       80    16         main.cpp.o:(.text.main)\n"
    "            1000             1000       40     1                 main\n"
    "            1000             1000       40     1                 an_alias_of_main\n"
    "            1040             1040       30     1                 std::__1::sort[abi:ne190107](int*, "
    "int*)\n"
    "            1080             1080       20    16         /usr/lib/libc.a(printf.o):(.text)\n"
    "            1080             1080       20     1                 printf\n"
    "            10a0             10a0       60    16         "
    "lib/libaster_net.a(stack.cpp.o):(.text._ZN5aster)\n"
    "            10a0             10a0        0     1                 label\n";

std::string library(std::string_view file, std::string_view member = {}) {
  map_input input{};
  input.file = file;
  input.member = member;
  return library_of(input);
}

}  // namespace

TEST_CASE("a map is read as sections, pieces and symbols") {
  const link_map map = parse_link_map(sample_map);
  REQUIRE(map.outputs.size() == 1);
  CHECK(map.outputs[0].name == ".text");
  CHECK(map.outputs[0].size == 0x100);
  REQUIRE(map.inputs.size() == 3);
  CHECK(map.inputs[0].file == "main.cpp.o");
  CHECK(map.inputs[0].section == ".text.main");
  CHECK(map.inputs[0].symbols.size() == 3);
  CHECK(map.inputs[1].file == "/usr/lib/libc.a");
  CHECK(map.inputs[1].member == "printf.o");
  CHECK(map.inputs[1].symbols[0].name == "printf");
}

TEST_CASE("text that is no map of lld's is an empty map") {
  for (std::string_view text :
       {"", "\n\n", "Memory Configuration\n .text 0x0 0x1\n", "1 2 3\n", "1 2 3 4\n", "1 2 3 4      \n"}) {
    const link_map map = parse_link_map(text);
    CHECK(map.outputs.empty());
    CHECK(map.inputs.empty());
  }
}

TEST_CASE("a piece belongs to the library that a person would name") {
  CHECK(library("/lib/x86_64-linux-gnu/libc.a", "printf.o") == "libc");
  CHECK(library("/lib/x86_64-linux-gnu/rcrt1.o") == "libc");
  CHECK(library("/lib/x86_64-linux-gnu/libc++.a", "string.cpp.o") == "libc++");
  CHECK(library("/lib/x86_64-linux-gnu/libc++.a", "cxa_demangle.cpp.o") == "libc++abi");
  CHECK(library("/usr/lib/clang/19/lib/linux/libclang_rt.builtins-x86_64.a", "x.o") == "compiler-rt");
  CHECK(library("/usr/lib/clang/19/lib/linux/clang_rt.crtbegin-x86_64.o") == "compiler-rt");
  CHECK(library("lib/libaster_http.a", "server.cpp.o") == "aster/http");
  CHECK(library("/opt/lib/libaster_kernel.a", "boot.cpp.o") == "kernel");
  CHECK(library("kernel/CMakeFiles/aster_kernel.dir/boot.cpp.o") == "kernel");
  CHECK(library("/usr/lib/x86_64-linux-gnu/libsqlite3.a", "sqlite3.o") == "libsqlite3");
  CHECK(library("CMakeFiles/hello.dir/main.cpp.o") == "program");
  CHECK(library("<internal>") == "linker");
}

TEST_CASE("each byte of an image is counted once") {
  const auto bytes = sample::build(sample::good());
  const auto image = read_image(memory_source{bytes}, "sample");
  REQUIRE(image.has_value());
  const weight w = add_up(parse_link_map(sample_map), *image);

  REQUIRE(w.libraries.size() == 3);
  CHECK(w.libraries[0].name == "program");
  CHECK(w.libraries[0].bytes.code == 0x80);
  CHECK(w.libraries[1].name == "aster/net");
  CHECK(w.libraries[1].bytes.code == 0x60);
  CHECK(w.libraries[2].name == "libc");

  REQUIRE(w.symbols.size() == 5);
  CHECK(w.symbols[0].name == "(.text._ZN5aster of stack.cpp.o)");
  CHECK(w.symbols[1].name == "main");
  CHECK(w.symbols[2].name == "std::sort(int*, int*)");
  CHECK(w.symbols[4].name == "(.text.main of main.cpp.o)");
  std::uint64_t sum = w.padding;
  for (const auto& symbol : w.symbols) sum += symbol.size;
  CHECK(sum == image->file_size);
}

TEST_CASE("an image without its map says so") {
  const auto bytes = sample::build(sample::good());
  const auto image = read_image(memory_source{bytes}, "/nonexistent/sample");
  REQUIRE(image.has_value());
  CHECK(weigh(*image).error() ==
        "/nonexistent/sample.map is not there; build the image again for its link map");
}
