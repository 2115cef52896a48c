#include "host/run/exit_record.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <fstream>

using namespace aster::host;

TEST_CASE("a code that was written is read, and what is no code is none") {
  char name[] = "/tmp/aster-record-XXXXXX";
  const std::filesystem::path folder = mkdtemp(name);
  const auto file = folder / "shop-1.exit";
  CHECK_FALSE(read_exit_record(file));
  REQUIRE(write_exit_record(file, 139));
  CHECK(read_exit_record(file) == 139);
  REQUIRE(write_exit_record(file, 0));
  CHECK(read_exit_record(file) == 0);
  for (const char* text : {"", "\n", "7", "x\n", "7\n8\n", "99999999999\n", "7 \n"}) {
    std::ofstream{file, std::ios::trunc} << text;
    CHECK_FALSE(read_exit_record(file));
  }
  CHECK_FALSE(write_exit_record(folder / "no" / "folder", 1));
  std::filesystem::remove_all(folder);
}
