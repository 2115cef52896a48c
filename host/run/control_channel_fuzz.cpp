// Fuzz target: whatever an image writes to its control channel, its lines are records, what of them is an
// answer's line is read as the same when it is written again, and nothing of it could do anything to a
// terminal.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <string>
#include <string_view>

#include "abi/control.hpp"
#include "host/run/answer_line.hpp"
#include "host/run/boot_line.hpp"
#include "host/run/control_record.hpp"

extern const std::initializer_list<std::string_view> fuzz_seeds, fuzz_pieces;
const std::initializer_list<std::string_view> fuzz_seeds = {
    "ready\nanswers\nanswer q1 counters frames_received=12 frames_sent=0\nanswer q1 end\n",
    "answer q2 socket protocol=tcp state=ESTABLISHED local=10.0.2.15:80 remote=[2001:db8::2]:41234 "
    "send_queue=1\n",
    "answer q3 fiber name=http%20connection scope= waits_for=bytes%20to%20read\nnote a fiber hogs\nexit 0\n",
    "panic null pointer: write to 0x0\nfiber main\nregister rip 8d0a1\nframe 8d0a1\nframe-absolute "
    "7f00\nend\n",
    "syscall 1 2 257 ffffff9c 7f00 0 0 0 0 -2 main %2Fetc%2Fhosts\nunserved 425\ninput\n",
};
const std::initializer_list<std::string_view> fuzz_pieces = {
    "answer ", "q1 ", "=",       " ",   "%",        "%0",  "%00",      "%1B",
    "\n",      "\r",  "\x1b]0;", "end", "counters", "a=1", "exit 256", "\xff"};

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c < 0x7f; });
}

void take_line(std::string_view line) {
  using namespace aster::host;
  require(!line.empty() && line.size() <= aster::abi::control_line_limit);
  require(is_plain(escaped(line)));
  const control_record record = parse_control_line(line);
  const auto* const answer = std::get_if<control::answer>(&record);
  if (answer == nullptr) return;
  const auto told = parse_answer_line(answer->rest);
  if (!told) return;
  std::string again = told->kind;
  for (const auto& [name, value] : told->values) {
    require(is_plain(escaped(value)));
    again += ' ' + name + '=' + encode_boot_value(value);
  }
  const auto back = parse_answer_line(again);
  require(back && back->kind == told->kind && back->values == told->values);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  aster::host::control_splitter splitter(take_line);
  splitter.feed({reinterpret_cast<const char*>(data), size});
  require(splitter.finish().size() < aster::abi::control_line_limit);
  return 0;
}
