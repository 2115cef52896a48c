#include "host/run/control_record.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <random>
#include <vector>

#include "host/run/control_listener.hpp"
#include "host/run/system_call_line.hpp"

namespace {

using namespace aster::host;

template <class Record>
Record parsed(std::string_view line) {
  const control_record record = parse_control_line(line);
  REQUIRE(std::holds_alternative<Record>(record));
  return std::get<Record>(record);
}

TEST_CASE("every record of the contract is understood") {
  parsed<control::input>("input");
  CHECK(parsed<control::exited>("exit 3").code == 3);
  CHECK(parsed<control::panic>("panic write to 0x0").text == "write to 0x0");
  CHECK(parsed<control::in_fiber>("fiber main loop").name == "main loop");
  CHECK(parsed<control::register_value>("register rip ffff").value == 0xffff);
  CHECK(parsed<control::frame>("frame 8d0a1").address == 0x8d0a1);
  CHECK(!parsed<control::frame>("frame 8d0a1").absolute);
  CHECK(parsed<control::frame>("frame-absolute 7f00").absolute);
  parsed<control::end>("end");
  CHECK(parsed<control::unserved>("unserved 41").number == 41);
  CHECK(parsed<control::note>("note fiber x hogs").text == "fiber x hogs");
  parsed<control::ready>("ready");
  parsed<control::answers>("answers");
  CHECK(parsed<control::answer>("answer q1 counters a=1").id == "q1");
  CHECK(parsed<control::answer>("answer q1 counters a=1").rest == "counters a=1");
  parsed<control::malformed>("answers now");
  parsed<control::malformed>("answer q1");
  parsed<control::malformed>("answer  end");
  const auto call = parsed<control::system_call>(
      "syscall 1234567890 2100 257 ffffffffffffff9c 7f00 80000 0 0 0 -2 main /etc/a%20b");
  CHECK(call.start == 1234567890);
  CHECK(call.duration == 2100);
  CHECK(call.number == 257);
  CHECK(call.result == -2);
  CHECK(call.fiber == "main");
  CHECK(call.text == "/etc/a b");
  CHECK(!parsed<control::system_call>("syscall 1 2 231 0 0 0 0 0 0 ? main").result);
}

TEST_CASE("what does not follow the contract is shown and ignored") {
  for (const char* line :
       {"", "exit", "exit 256", "exit -1", "exit 3 ", "exit x", "register rip", "register rip xyz", "frame ",
        "frame 12g", "end now", "input now", "unserved", "unserved a", "syscall", "syscall 1 2 3",
        "syscall 1 2 3 0 0 0 0 0 0 x main", "syscall 1 2 3 0 0 0 0 0 0 0 ma%2", "hello there"}) {
    CAPTURE(line);
    CHECK(std::holds_alternative<control::malformed>(parse_control_line(line)));
  }
}

TEST_CASE("no byte of an image reaches a terminal unescaped") {
  CHECK(escaped("a\x1b[2J\n\\b\xc3\xa4") == "a\\x1b[2J\\n\\\\b\\xc3\\xa4");
}

TEST_CASE("a stream is cut into lines wherever its pieces end") {
  std::vector<std::string> lines;
  control_splitter splitter([&](std::string_view line) { lines.emplace_back(line); });
  for (const char* piece : {"ex", "it 1\nno", "te a\r\n", "\n\nend\n", "rest"}) splitter.feed(piece);
  CHECK(lines == std::vector<std::string>{"exit 1", "note a", "end"});
  CHECK(splitter.finish() == "rest");
  CHECK(splitter.finish().empty());
  CHECK(lines.size() == 3);
  lines.clear();
  splitter.feed(std::string(3000, 'x'));
  CHECK(lines.size() == 2);
}

/// What a listener prints on the lines given.
std::string printed(std::string_view bytes, bool finish = true) {
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* const out = open_memstream(&text, &size);
  control_listener listener("no-such-image", out);
  listener.feed(bytes);
  if (finish) listener.finish();
  std::fclose(out);
  std::string result(text, size);
  std::free(text);
  return result;
}

TEST_CASE("a panic report is gathered and printed as one") {
  const std::string text = printed(
      "panic null pointer: write to 0x0\nfiber main\nregister rip 1234\nframe 10\nframe-absolute "
      "7f0000\nend\n");
  CHECK(text.starts_with("panic: null pointer: write to 0x0\n  in fiber main\n  #0 "));
  CHECK(text.contains("#1 0x7f0000 outside the image\n"));
  CHECK(text.contains("rip=0000000000001234\n"));
  CHECK(!text.contains("cut short"));
}

TEST_CASE("a report that is cut short is printed as far as it goes") {
  CHECK(printed("panic a\nframe 1\nfr").contains("(the report was cut short)"));
  CHECK(printed("panic a\npanic b\nend\n").contains("panic: b"));
}

TEST_CASE("a record without its end is none, and is shown") {
  control_listener listener("no-such-image", stderr);
  listener.feed("note a\nexit 13");
  CHECK_FALSE(listener.exit_code());
  listener.feed("4\n");
  CHECK(listener.exit_code() == 134);
  listener.feed("exit 1");
  listener.finish();
  CHECK(listener.exit_code() == 134);
  CHECK(printed("exit 13") == "aster: the image's last record was cut short: exit 13\n");
  CHECK(printed("note \x1b") == "aster: the image's last record was cut short: note \\x1b\n");
  CHECK(printed("note a\n") == "aster: a\n");
}

TEST_CASE("calls that are not served are named") {
  CHECK(printed("unserved 41\n") ==
        "aster: the image asked for the system call socket (41), which is not served (ENOSYS)\n");
  CHECK(printed("unserved 99999\n").contains("call 99999"));
}

TEST_CASE("an image that talks nonsense is heard ten times") {
  std::string bytes;
  for (int i = 0; i < 1000; ++i) bytes += "nonsense\n";
  const std::string text = printed(bytes);
  CHECK(std::ranges::count(text, '\n') == 10);
}

TEST_CASE("random bytes do no harm") {
  std::mt19937 random(7);
  const std::string words[] = {"panic ", "frame ", "register ", "syscall ", "exit ", "end",
                               "\n",     " ",      "7f",        "-1",       "%",     "rip"};
  std::string bytes;
  for (int i = 0; i < 20'000; ++i) {
    if (random() % 4 == 0)
      bytes += static_cast<char>(random());
    else
      bytes += words[random() % std::size(words)];
  }
  for (const char c : printed(bytes)) {
    const bool fine = c == '\n' || (c >= ' ' && c < 0x7f) || (c & 0x80) != 0;  // µ in durations
    REQUIRE(fine);
  }
}

TEST_CASE("system calls read like strace's lines") {
  const auto shown = [](std::string_view line) { return describe(parsed<control::system_call>(line)); };
  CHECK(
      shown("syscall 1234567 2100 257 ffffffffffffff9c 7f00 80000 0 0 0 -2 main /etc/localtime") ==
      "    0.001234 main         openat(AT_FDCWD, \"/etc/localtime\", O_RDONLY|O_CLOEXEC) = -ENOENT  2.1 µs");
  CHECK(shown("syscall 0 0 9 0 2000 3 22 ffffffffffffffff 0 8323072 main")
            .contains("mmap(0, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000"));
  CHECK(shown("syscall 0 0 1 1 7f00 6 0 0 0 6 main Hello%0A").contains("write(1, \"Hello\\n\", 6) = 6"));
  CHECK(shown("syscall 0 0 202 7f00 80 2 0 0 0 0 main").contains("futex(0x7f00, FUTEX_WAIT|PRIVATE, 2) = 0"));
  CHECK(shown("syscall 0 0 41 2 1 0 0 0 0 -38 main").contains("socket(2, 1, 0) = -ENOSYS (not served)"));
  CHECK(shown("syscall 0 0 231 5 0 0 0 0 0 ? main").contains("exit_group(5) = ?"));
  CHECK(shown("syscall 0 0 10 7f000 1000 1 0 0 0 0 main").contains("mprotect(0x7f000, 4096, PROT_READ) = 0"));
  CHECK(shown("syscall 0 0 28 7f000 1000 66 0 0 0 0 main")
            .contains("madvise(0x7f000, 4096, MADV_GUARD_INSTALL) = 0"));
  CHECK(shown("syscall 0 0 999 1 0 0 0 0 0 0 main").contains("call 999(1, 0, 0, 0, 0, 0) = 0"));
}

}  // namespace
